import type { Alias } from './identity.ts';

/**
 * Letters of other scripts, in the one case that an alias has, and the ASCII letter that they can be taken for, large
 * or small: the part of Unicode's confusables (UTS 39, section 4) that reaches ASCII. What looks alike within ASCII
 * (`1` and `l`, `rn` and `m`) is not here: those are different names of different people every day.
 */
const LOOK: ReadonlyMap<string, string> = new Map(
  [
    // Cyrillic
    ['авгԁеһіјкӏмнорԛѕстуүѵԝхꙅьԍꮯ', 'abrdehijklmhopqsctyyvwxsbgc'],
    // Greek; a final sigma is one as every other
    ['αβεζηικμνορσςτυχγϲϳ', 'abezhikmvopooTuxycj'.toLowerCase()],
    // Armenian
    ['ագզհյոռսցքօ', 'wqqhjnnugfo'],
    // Latin beyond ASCII; the dotless i is what Turkish writes for a large I
    ['ıɩɪɑɡȷƅᴄᴏᴜᴠᴡᴢꜱʏʋ', 'iiiagjbcouvwzsyu'],
    // Hyphens and apostrophes that somebody's word processor made
    ['‐‒–—−‘’ʼʹ′', "-----'''''"],
  ].flatMap(([from = '', to = '']) =>
    [...from].map((letter, index) => [letter, to[index] ?? letter] as const),
  ),
);

/**
 * What an alias looks like: names that can be taken for each other have the same look, and one in plain ASCII is its
 * own. Accents count, since people with and without them are two people; the dot that Turkish keeps on a small i does
 * not.
 */
export function lookOf({ kind, value }: Alias): Alias {
  const look = [...value.normalize('NFD')]
    .map((letter) => LOOK.get(letter) ?? letter)
    .join('')
    .replace(/([ij])\u0307+/g, '$1')
    .normalize('NFKC');
  return { kind, value: look };
}
