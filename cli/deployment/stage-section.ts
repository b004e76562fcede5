/*
 * One stage's section in the text of infra/aws/parameters.yml. The text is edited and not written anew from what it
 * means: its comments are the manual of the parameters.
 */

/** A section's values, each as text. */
export type Section = Readonly<Record<string, string>>;

/** A YAML scalar that is this text and nothing else: JSON's strings are YAML's (YAML 1.2 section 1.3). */
const scalar = (text: string): string =>
  /^[A-Za-z][A-Za-z0-9_.-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text);

const sectionText = (stage: string, values: Section): string =>
  [`${stage}:`, ...Object.entries(values).map(([name, value]) => `  ${name}: ${scalar(value)}`), ''].join(
    '\n',
  );

/** Where the section is, in lines: from its name to before whatever begins at the left edge, comments included. */
function placeOf(lines: readonly string[], stage: string): { from: number; until: number } | undefined {
  const from = lines.findIndex((line) => line === `${stage}:` || line.startsWith(`${stage}: `));
  if (from < 0) return undefined;
  const behind = lines.findIndex((line, index) => index > from && /^\S/.test(line));
  let until = behind < 0 ? lines.length : behind;
  while (until > from + 1 && lines[until - 1]?.trim() === '') until -= 1;
  return { from, until };
}

export const hasSection = (text: string, stage: string): boolean =>
  placeOf(text.split('\n'), stage) !== undefined;

/** The text with the stage's section as given: in the place of an earlier one, else at the end. */
export function withSection(text: string, stage: string, values: Section): string {
  const lines = text.split('\n');
  const place = placeOf(lines, stage);
  if (place === undefined) return `${text.trimEnd()}\n\n${sectionText(stage, values)}`;
  const section = sectionText(stage, values).trimEnd().split('\n');
  return [...lines.slice(0, place.from), ...section, ...lines.slice(place.until)].join('\n');
}
