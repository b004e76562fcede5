import { terminal } from '../../../infra/local/terminal.ts';

const lines = (options: { isTTY?: boolean; env?: NodeJS.ProcessEnv }) => {
  let written = '';
  const screen = terminal({
    stream: { write: (text: string) => (written += text), isTTY: options.isTTY ?? false },
    env: options.env ?? {},
  });
  screen.title('Title');
  screen.done('done', 1_412);
  screen.table([
    ['a', 'first'],
    ['long', 'second'],
  ]);
  screen.command('npm run demo', 'the whole story');
  return written;
};
const plain = `
Title
  ✓ done 1.4 s
  a     first
  long  second
  # the whole story
  npm run demo
`;

describe('the terminal', () => {
  it.each([
    ['in a pipe', { isTTY: false }],
    ['with NO_COLOR', { isTTY: true, env: { NO_COLOR: '1', FORCE_COLOR: '1' } }],
    ['on a dumb terminal', { isTTY: true, env: { TERM: 'dumb' } }],
  ])('writes words only %s', (_where, options) => {
    expect(lines(options)).toBe(plain);
  });

  it.each([
    ['on a terminal', { isTTY: true, env: {} }],
    ['where colour is asked for', { isTTY: false, env: { FORCE_COLOR: '1' } }],
    ['with an empty NO_COLOR', { isTTY: true, env: { NO_COLOR: '' } }],
  ])('colours the same words %s, and never a command', (_where, options) => {
    const written = lines(options);
    expect(written).toContain('\u001b[32m✓');
    expect(written.replaceAll(/\u001b\[\d+m/g, '')).toBe(plain);
    expect(written).toContain('\n  npm run demo\n');
  });
});
