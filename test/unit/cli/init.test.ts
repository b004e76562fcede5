import { copyFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasSection, withSection } from '../../../cli/deployment/stage-section.ts';
import { readYaml } from '../../../infra/local/runner/yaml.ts';
import { readParameters } from '../../../infra/package/parameters.ts';
import { fakeMachine, type FakeMachine } from './fake-world.ts';

const ORIGINAL = fileURLToPath(new URL('../../../infra/aws/parameters.yml', import.meta.url));

const GIVEN = {
  companyName: 'Example: "Ltd" & sons #1',
  oidcIssuer: 'https://login.example.com/oauth2/default',
  serverName: 'vpn.example.com',
  vpcId: 'vpc-0123456789abcdef0',
  subnetIds: 'subnet-0123456789abcdef0 subnet-0123456789abcdef1',
  allowedNetworks: '10.0.0.0/16',
  alarmEmail: 'vpn-operators@example.com',
};
const optionsOf = (values: Record<string, string>): string[] =>
  Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);

let machine: FakeMachine;
let file: string;
beforeEach(() => {
  machine = fakeMachine();
  mkdirSync(join(machine.directory, 'infra/aws'), { recursive: true });
  file = join(machine.directory, 'infra/aws/parameters.yml');
  copyFileSync(ORIGINAL, file);
});
afterEach(() => machine.remove());

const init = (...args: string[]) => machine.run(['init', 'prod', '--skip-issuer', '--json', ...args]);

describe('init', () => {
  it('writes what the deploy reads, and leaves every other line as it was', async () => {
    const { exitCode, stderr, json } = await init(...optionsOf(GIVEN), '--claimPerson', 'tid oid');
    expect([exitCode, json()]).toMatchObject([
      0,
      { stage: 'prod', parameters: { companyName: GIVEN.companyName } },
    ]);
    expect(stderr).toContain('npm run deploy -- --stage prod\n');
    expect(readParameters(readYaml(file), 'prod', {})).toMatchObject({ ...GIVEN, claimPerson: 'tid oid' });
    const text = readFileSync(file, 'utf8');
    expect(text.startsWith(readFileSync(ORIGINAL, 'utf8').trimEnd())).toBe(true);
    expect(readdirSync(join(machine.directory, 'infra/aws'))).toEqual(['parameters.yml']);
  });

  it('replaces a section only when it is told to, and only that section', async () => {
    await init(...optionsOf(GIVEN));
    await machine.run(['init', 'test', '--skip-issuer', ...optionsOf(GIVEN)]);
    const before = readFileSync(file, 'utf8');
    const refused = await init(...optionsOf({ ...GIVEN, companyName: 'Other' }));
    expect(refused.json()).toMatchObject({ error: { code: 'stageExists' } });
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(await init(...optionsOf({ ...GIVEN, companyName: 'Other' }), '--force')).toMatchObject({
      exitCode: 0,
    });
    const after = readYaml(file);
    expect(readParameters(after, 'prod', {})).toMatchObject({ companyName: 'Other' });
    expect(readParameters(after, 'test', {})).toMatchObject(GIVEN);
  });

  it('says everything that is missing or wrong at once, and writes nothing', async () => {
    const before = readFileSync(file, 'utf8');
    const { exitCode, stderr, json } = await init('--vpcId', 'vpc-x', '--companyName', 'Example');
    expect(exitCode).toBe(1);
    expect(json()).toMatchObject({ error: { code: 'wrongParameters' } });
    expect(stderr).toMatch(/oidcIssuer is missing[^]*serverName is missing[^]*vpcId cannot be "vpc-x"/);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('asks for what was not given, again where an answer is wrong, with the usual ones in brackets', async () => {
    const questions: string[] = [];
    let attempts = 0;
    const ask = async (question: string): Promise<string> => {
      questions.push(question);
      const name = question.split(':')[0] ?? '';
      if (name === 'vpcId' && (attempts += 1) === 1) return 'the one in Ireland';
      return name in GIVEN ? GIVEN[name as keyof typeof GIVEN] : '';
    };
    const { exitCode, stdout } = await machine.run(['init', 'prod', '--skip-issuer'], { ask });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('vpcId cannot be "the one in Ireland"');
    expect(questions.find((one) => one.startsWith('region'))).toContain('[eu-west-1]');
    expect(readParameters(readYaml(file), 'prod', {})).toMatchObject(GIVEN);
  });

  it.each([['local'], ['default'], ['Prod'], ['pro d']])('makes no stage called %s', async (stage) => {
    expect(await machine.run(['init', stage, ...optionsOf(GIVEN)])).toMatchObject({ exitCode: 2 });
  });

  it('writes nothing where no provider answers for itself', async () => {
    const before = readFileSync(file, 'utf8');
    const nowhere = { ...GIVEN, oidcIssuer: 'https://127.0.0.1:1/' };
    expect(await machine.run(['init', 'prod', ...optionsOf(nowhere)])).toMatchObject({ exitCode: 3 });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});

describe('a section of the file', () => {
  const text = '# all\ndefault:\n  # a\n  a: 1\n\n# laptop\nlocal:\n  a: 2\n';

  it.each([
    ['first', 'default:\n  b: "2"\n\n# laptop', 'default'],
    ['last', 'local:\n  b: "2"\n', 'local'],
    ['new', '  a: 2\n\nprod:\n  b: "2"\n', 'prod'],
  ])('can be the %s', (_place, expected, stage) => {
    const edited = withSection(text, stage, { b: '2' });
    expect(edited).toContain(expected);
    expect(edited.startsWith('# all\n')).toBe(true);
    expect(edited).toContain('# laptop\nlocal:');
  });

  it('is found by its whole name', () => {
    expect([hasSection(text, 'local'), hasSection(text, 'loca'), hasSection(text, 'a')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
