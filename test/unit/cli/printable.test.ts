import fc from 'fast-check';
import { columnsOf, jsonLine, printable } from '../../../cli/terminal/printable.ts';

const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

describe('a text from elsewhere', () => {
  it.each([
    ['a colour', '\u001b[31mred', '\ufffd[31mred'],
    ['a title for the window', '\u001b]0;x\u0007', '\ufffd]0;x\ufffd'],
    ['an escape in one C1 character', '\u009b2J', '\ufffd2J'],
    ['the start of the line again', 'no\rok', 'no ok'],
    ['a line of its own', 'a\nb', 'a b'],
    ['a rubout', 'ab\u0008\u007f', 'ab\ufffd\ufffd'],
    ['another direction', 'exe.\u202egpj', 'exe.\ufffdgpj'],
    ['something that is not to be seen', 'a\u200bb', 'a\ufffdb'],
    ['a line separator', 'a\u2028b', 'a\ufffdb'],
    ['half a character', 'a\ud800b', 'a\ufffdb'],
  ])('does nothing to a terminal: %s', (_what, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it.each(['Zoë', "O'Neill (laptop)", '東京', 'Åse-Marie'])(
    'is shown as it is where it is harmless: %s',
    (text) => {
      expect(printable(text)).toBe(text);
    },
  );

  it('does nothing to a terminal, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => !UNPRINTABLE.test(printable(text))),
      { numRuns: 300 },
    );
  });
});

describe('a line of JSON', () => {
  it('is the same value, and does nothing to a terminal', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (value) => {
        const line = jsonLine(value);
        expect(line).not.toMatch(UNPRINTABLE);
        expect(JSON.parse(line)).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });
});

it.each([
  ['laptop', 6],
  ['東京', 4],
  ['e\u0301', 1],
  ['', 0],
])('"%s" takes %d columns', (text, columns) => expect(columnsOf(text)).toBe(columns));
