import { screen, wrapped } from '../../../../infra/local/demo/presentation.ts';
import { parseDemoOptions } from '../../../../infra/local/demo/options.ts';

const ok = { name: 'enrol', ok: true, observed: {}, milliseconds: 1_240 };
const failed = { ...ok, ok: false, expected: 'rain', seen: 'sun\nand wind' };
const ESCAPE = '\u001b[';

function shown(stream: { isTTY?: boolean; columns?: number } = {}, env: NodeJS.ProcessEnv = {}) {
  let text = '';
  const display = screen({ stream: { ...stream, write: (more) => (text += more) }, env });
  return { display, text: () => text };
}

describe('the screen of the demo', () => {
  it('shows a step in one line, its time at the right, and what was observed below it', () => {
    const { display, text } = shown();
    display.began(3, 'three people get certificates');
    display.ended(3, 'three people get certificates', ok, ['alice  7K3M', 'bob    4G4G']);
    const [line = '', ...below] = text().split('\n');
    expect(line).toMatch(/^ {2}✓ {2}3 {2}three people get certificates +1\.2 s$/);
    expect(line).toHaveLength(79);
    expect(below).toEqual(['        alice  7K3M', '        bob    4G4G', '']);
  });

  it('shows of a step that failed what was expected and what was seen', () => {
    const { display, text } = shown();
    display.ended(12, 'it rains', failed, []);
    const [line = '', ...below] = text().split('\n');
    expect(line).toMatch(/^ {2}✗ 12 {2}it rains/);
    expect(below).toEqual([
      '        expected: rain',
      '        seen:     sun',
      '        seen:     and wind',
      '',
    ]);
  });

  it('says in its first and in its last line what the story is told over', () => {
    const { display, text } = shown();
    const on = { words: 'mutual TLS in place of OpenVPN', isReal: false };
    display.opening('The story', on, 'of three people');
    display.closing(true, ['denied in 9 ms', 'cut in 140 ms'], on);
    const lines = text().trimEnd().split('\n');
    expect(lines[0]).toBe('The story · mutual TLS in place of OpenVPN');
    expect(lines.at(-1)).toBe('  ✓ denied in 9 ms · cut in 140 ms · mutual TLS in place of OpenVPN');
  });

  it.each([
    ['a pipe', {}, {}, false],
    ['a terminal', { isTTY: true }, {}, true],
    ['a terminal with NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false],
  ])('on %s has colour where it should', (_what, stream, env, isColoured) => {
    const { display, text } = shown(stream, env);
    display.ended(1, 'it rains', ok, []);
    expect(text().replace(`\r${ESCAPE}2K`, '').includes(ESCAPE)).toBe(isColoured);
  });

  it('shows the step that runs on a terminal only, and wipes it when it has ended', () => {
    const { display, text } = shown({ isTTY: true, columns: 80 }, { NO_COLOR: '1' });
    display.began(1, 'it rains');
    display.ended(1, 'it rains', ok, []);
    const [running = '', ended = ''] = text().split(`\r${ESCAPE}2K`);
    expect(running).toBe('  ▸  1  it rains …');
    expect(ended).toMatch(/^ {2}✓ {2}1 {2}it rains/);
  });
});

it.each([
  ['short', 10, ['short']],
  ['a text that is long', 10, ['a text', 'that is', 'long']],
  ['averylongwordindeed and more', 10, ['averylongwordindeed', 'and more']],
])('breaks "%s" at %i letters', (text, width, lines) => {
  expect(wrapped(text, width)).toEqual(lines);
});

it('knows its options, and no others', () => {
  expect(parseDemoOptions(['--tls', '--json'])).toEqual({ tls: true, json: true, help: false });
  expect(() => parseDemoOptions(['--vpn'])).toThrow('--vpn');
  expect(() => parseDemoOptions(['tls'])).toThrow('tls');
});
