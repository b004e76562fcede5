/** Control and format characters, unassigned and private ones, lone surrogates, line and paragraph separators. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * A text that can do nothing to a terminal but be read: whatever moves the cursor, colours, rings, reorders or hides
 * text is shown as U+FFFD. Everything that did not come from this program's own source goes through it.
 *
 * @returns one line
 */
export const printable = (text: string): string =>
  text.replaceAll(/[\t\r\n]+/g, ' ').replaceAll(UNPRINTABLE, '\ufffd');

/** One line of JSON that is safe on a terminal too: the same value, with such characters as `\uXXXX`. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replaceAll(UNPRINTABLE, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** How many columns a printable text takes: none for marks, two for wide letters (Unicode annex 11, in short). */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    columns += WIDE.test(character) ? 2 : 1;
  }
  return columns;
}
