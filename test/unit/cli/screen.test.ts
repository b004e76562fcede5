import { createScreen, isColourWanted, type Screen } from '../../../cli/terminal/screen.ts';
import { durationOf, shellWord } from '../../../cli/terminal/words.ts';

function written(isColoured: boolean, use: (screen: Screen) => void): string {
  let text = '';
  use(createScreen({ write: (more) => void (text += more) }, isColoured));
  return text;
}

const ATTACK = 'x\u001b[2J\u009b31m\nforged line';

describe('the screen', () => {
  it('puts a table in columns, whatever the width of its letters', () => {
    const table = written(false, (screen) =>
      screen.table(
        ['ID', 'DEVICE', 'STATE'],
        [
          ['1', '東京', { text: 'active', style: 'green' }],
          ['22', 'phone', 'revoked'],
        ],
      ),
    );
    expect(table).toBe('  ID  DEVICE  STATE\n  1   東京    active\n  22  phone   revoked\n');
  });

  it('leaves out fields without a value', () => {
    const fields = written(false, (screen) =>
      screen.fields([
        ['person', 'p'],
        ['comment', undefined],
        ['by', 'q'],
      ]),
    );
    expect(fields).toBe('  person  p\n  by      q\n');
  });

  it('colours cells after they were measured, and never a command', () => {
    const text = written(true, (screen) => {
      screen.table(['STATE', 'END'], [[{ text: 'ok', style: 'green' }, 'x']]);
      screen.command('openvpn --config a.ovpn');
    });
    expect(text).toContain('\u001b[32mok   \u001b[39m  x');
    expect(text).toContain('\n  openvpn --config a.ovpn\n');
  });

  it.each<[string, (screen: Screen) => void]>([
    ['title', (screen) => screen.title(ATTACK)],
    ['done', (screen) => screen.done(ATTACK)],
    ['failed', (screen) => screen.failed(ATTACK)],
    ['warn', (screen) => screen.warn(ATTACK)],
    ['note', (screen) => screen.note(ATTACK)],
    ['line', (screen) => screen.line(ATTACK)],
    ['fields', (screen) => screen.fields([[ATTACK, ATTACK]])],
    ['table', (screen) => screen.table([ATTACK], [[{ text: ATTACK, style: 'red' }]])],
    ['command', (screen) => screen.command(ATTACK, ATTACK)],
    ['text', (screen) => screen.text(ATTACK)],
  ])('lets no escape through: %s', (_name, use) => {
    const text = written(false, use);
    expect(text).toContain('forged line');
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  });
});

describe('colour', () => {
  it.each<[string, boolean, Record<string, string>, boolean]>([
    ['on a terminal', true, {}, true],
    ['in a pipe', false, {}, false],
    ['with NO_COLOR', true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['with an empty NO_COLOR', true, { NO_COLOR: '' }, true],
    ['where it is asked for', false, { FORCE_COLOR: '1' }, true],
    ['on a dumb terminal', true, { TERM: 'dumb' }, false],
  ])('%s', (_where, isTTY, env, isWanted) => {
    expect(isColourWanted({ write: () => undefined, isTTY }, env)).toBe(isWanted);
  });
});

it.each([
  ['/tmp/vpn.ovpn', '/tmp/vpn.ovpn'],
  ["/tmp/bob's vpn.ovpn", `'/tmp/bob'\\''s vpn.ovpn'`],
  ['$(reboot)', `'$(reboot)'`],
])('a shell takes %s as one word', (text, word) => expect(shellWord(text)).toBe(word));

it.each([
  [8, '8 ms'],
  [1_400, '1.4 s'],
  [180_000, '3 min'],
  [7_200_000, '2 h'],
  [259_200_000, '3 days'],
])('%d ms are %s', (milliseconds, words) => expect(durationOf(milliseconds)).toBe(words));
