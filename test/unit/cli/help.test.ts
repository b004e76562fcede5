import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CHECKLIST } from '../../../cli/checklist/entries.ts';
import { checklistMarkdown } from '../../../cli/checklist/markdown.ts';
import { verdictOf } from '../../../cli/checklist/verdict.ts';
import { COMMANDS } from '../../../cli/commands.ts';
import { parseCommandLine } from '../../../cli/parse.ts';
import { PROGRAM } from '../../../cli/world.ts';
import { parseDeployOptions } from '../../../infra/deploy/options.ts';
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

describe('the checklist for a real account', () => {
  const rooted = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
  const entries = CHECKLIST.flatMap((section) => section.entries);
  const commands = [...new Set(entries.flatMap((entry) => entry.commands))];
  const after = (start: string): string[][] =>
    commands.filter((one) => one.startsWith(start)).map((one) => one.slice(start.length).trim().split(' '));

  it('names each entry once, and files that are there', () => {
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
    const files = entries.flatMap((entry) => entry.files);
    expect(files.filter((file) => !existsSync(rooted(file)))).toEqual([]);
  });

  it('names commands of ours that can be typed, and else only those of AWS', () => {
    const own = after(PROGRAM);
    expect(own.length).toBeGreaterThan(5);
    for (const words of own) expect(() => parseCommandLine(COMMANDS, words)).not.toThrow();
    for (const words of after('npm run deploy --')) expect(() => parseDeployOptions(words)).not.toThrow();
    const known = new RegExp(`^(${PROGRAM}|npm run deploy --|aws [a-z0-9]+ [a-z-]+) `);
    expect(commands.filter((one) => !known.test(one))).toEqual([]);
  });

  it('names findings that doctor can come to', () => {
    const rules = ['endpoint', 'gate', 'certificates', 'list', 'foundations', 'watching', 'work']
      .map((name) => readFileSync(rooted(`shared/domain/doctor/rules/${name}.ts`), 'utf8'))
      .join('');
    const codes = entries.flatMap(({ findings = [] }) => findings);
    expect(codes.filter((code) => !rules.includes(`'${code}'`))).toEqual([]);
  });

  it('is what docs/real-account-checklist.md says', () => {
    expect(readFileSync(rooted('docs/real-account-checklist.md'), 'utf8')).toBe(checklistMarkdown(CHECKLIST));
  });

  it.each([
    [[], 'toTry'],
    [['well'], 'holds'],
    [['well', 'warning'], 'otherwise'],
    [['broken'], 'otherwise'],
    [['info'], 'toTry'],
  ] as const)('of findings that are %j it says %s', (severities, answer) => {
    const [entry] = entries.filter(({ findings }) => findings !== undefined);
    if (entry === undefined) throw new Error('no entry is looked at');
    const findings = severities.map((severity) => ({
      code: entry.findings?.[0] ?? '',
      impact: 'look' as const,
      severity,
      seen: 'something',
    }));
    expect(verdictOf(entry, findings).answer).toBe(answer);
    const others = findings.map((finding) => ({ ...finding, code: 'another' }));
    expect(verdictOf(entry, others).answer).toBe('toTry');
  });

  it('is shown whole, or one entry of it', async () => {
    const all = await machine.run(['checklist']);
    expect(all.exitCode).toBe(0);
    for (const { id } of entries) expect(all.stdout).toContain(`${id}: `);
    const one = await machine.run(['checklist', 'leading-keys', '--json']);
    expect(one.json()).toMatchObject({ entries: [{ id: 'leading-keys', answer: 'toTry' }] });
    expect(await machine.run(['checklist', 'nothing'])).toMatchObject({ exitCode: 2 });
  });
});
