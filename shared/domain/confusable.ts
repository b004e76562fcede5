import type { Alias } from './identity.ts';

/**
 * Letters of other scripts, in the one case that an alias has, and the ASCII letter or digit that they can be taken for,
 * large or small: the part of Unicode's confusables (UTS 39, section 4) that reaches ASCII, of the scripts that names at
 * work are written in. Held against confusables.txt of Unicode 15.0, as ICU 72.1 has it. What looks alike within ASCII
 * (`1` and `l`, `rn` and `m`) is not here: those are different names of different people every day.
 *
 * Beyond the file are a j without its dot, as an i is one without it, and the dash as long as an m. Of the palochka, an
 * l by its large form there and an i by its small one, the l counts: spoofs use it so (`аррӏе`).
 */
const LOOK: ReadonlyMap<string, string> = new Map(
  [
    // Cyrillic
    ['бзӡꙇѡҽꙅавгԁеһіјкӏмнорԛѕстуүѵԝхьԍ', '633iwe2abrdehijklmhopqsctyyvwxbg'],
    // Greek; a final sigma is one as every other
    ['αβεζηικμνορστυχγϝϲϳϻᴦ', 'abezhikmvopotuxyfcjmr'],
    // Armenian
    ['ագզհյոռսցտքօ', 'wqqhjnnugsfo'],
    // Latin beyond ASCII; the dotless i is what Turkish writes for a large I
    ['ıɩɪɑɡȷƅᴄᴏᴜᴠᴡᴢꜱʏʋ', 'iiiagjbcouvwzsyu'],
    ['ƍƨƽǀȝȣɜɣɯʀʒʝᴑᶃᶌẝỿꝛꝫꝯꞙꞟꞵꬲꬵꬽꭇꭈꭎꭒꭓꭚ℮×', 'g2sl383ywr3jogyfy239fubeforruuxyex'],
    // Cherokee
    ['ꭰꭱꭲꭵꭹꭺꭻꭼꮁꮃꮇꮋꮍꮐꮒꮓꮞꮟꮢꮤꮥꮩꮪꮮꮯꮲꮶꮷꮾᏻᏼ', 'drtiyajerwmhyghz4brwsvslcpkd6gb'],
    // Hyphens and apostrophes, some of which somebody's word processor made
    ['‐‒–—−˗⁃', '-------'],
    ['‘’‛ʹʻʼʽʾˈˊˋ′‵ꞌ՚՝', "''''''''''''''''"],
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
