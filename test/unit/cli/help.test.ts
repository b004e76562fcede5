import { COMMANDS } from '../../../cli/commands.ts';
import { fakeMachine } from './fake-world.ts';

const machine = fakeMachine();
afterAll(() => machine.remove());

describe('help', () => {
  it('lists every command', async () => {
    const { exitCode, stdout } = await machine.run(['--help']);
    expect(exitCode).toBe(0);
    for (const { name, summary } of COMMANDS) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} +${summary.slice(0, 20)}`, 'm'));
    }
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    'says everything of %s that its table has',
    async (name, command) => {
      const { exitCode, stdout, stderr } = await machine.run([name, '--help']);
      expect([exitCode, stderr]).toEqual([0, '']);
      for (const [argument, { words }] of Object.entries(command.arguments)) {
        expect(stdout).toContain(argument);
        expect(stdout).toContain(words);
      }
      for (const [option, { words }] of Object.entries(command.options)) {
        expect(stdout).toContain(`--${option}`);
        expect(stdout).toContain(words);
      }
      for (const example of command.examples) expect(stdout).toContain(`npm run -s cli -- ${example}`);
    },
  );

  it('is for programs too', async () => {
    const result = await machine.run(['help', '--json']);
    expect(result.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(result.json()).toHaveProperty('commands.0.name', 'login');
    expect(result.stderr).toContain('whoami');
  });
});
