import { join } from 'node:path';
import { defineCommand, type Context } from '../command.ts';
import { inspectIdentityProvider } from '../deployment/identity-provider.ts';
import type { ParametersFile } from '../deployment/parameters-file.ts';
import { localFailure, usageFailure, type Failure } from '../failure.ts';

/** What is asked, in this order; the names are those of infra/aws/parameters.yml. */
const QUESTIONS = {
  region: 'the Region of everything',
  companyName: 'the company, as it stands in certificates',
  oidcIssuer: 'the identity provider, exactly as its tokens name it in iss',
  oidcAudience: 'what tokens for the portal say in aud',
  claimPerson: 'the claim that never changes and is never given to another; for Entra: tid oid',
  claimLogin: 'the claim with the login',
  claimEmail: 'the claim with the e-mail address',
  claimGroups: 'the claim with the groups',
  claimRoles: 'the claim with the roles',
  enrolGroup: 'the group that may have certificates',
  adminRole: 'the role that may change things',
  serverName: 'a domain name for the server certificate',
  clientCidrBlock:
    'the addresses of clients, /12 to /22, apart from everything they shall reach; decided once',
  vpcId: 'the VPC behind the endpoint',
  subnetIds: 'its subnets in that VPC, with spaces between',
  allowedNetworks: 'the networks that clients may reach, with spaces between',
  alarmEmail: 'who hears of alarms',
} as const;
type Name = keyof typeof QUESTIONS;
const NAMES = Object.keys(QUESTIONS) as Name[];

const optionOf = (name: Name) => ({ value: 'TEXT', words: QUESTIONS[name] }) as const;
type Answers = Readonly<Record<Name, string | undefined>>;

export const init = defineCommand({
  name: 'init',
  audience: 'operator',
  summary: 'write down the parameters of a stage, asked one by one, for the first deploy',
  notes: [
    'Writes one section into infra/aws/parameters.yml and leaves the rest of it, comments too, as it is.',
    'Where nobody is at a terminal, every parameter without a default has to be given as an option.',
  ],
  arguments: { STAGE: { words: 'the name of the stage, such as prod' } },
  options: {
    ...(Object.fromEntries(NAMES.map((name) => [name, optionOf(name)])) as Record<
      Name,
      ReturnType<typeof optionOf>
    >),
    'skip-issuer': { words: 'do not ask the identity provider about itself' },
    force: { words: 'replace the section of that stage' },
  },
  examples: ['init prod', 'init prod --companyName "Example Ltd" --serverName vpn.example.com'],
  async run(context, given) {
    const { world, screen } = context;
    const { STAGE: stage } = given;
    if (!/^[a-z][a-z0-9]{0,15}$/.test(stage) || stage === 'local' || stage === 'default') {
      throw usageFailure(`"${stage}" cannot be a stage`, 'small letters and digits, such as prod');
    }
    // What judges a deploy comes with it, and is not needed by any other command.
    const { openParametersFile } = await import('../deployment/parameters-file.ts');
    const file = openParametersFile(join(world.workingDirectory, 'infra/aws/parameters.yml'));
    if (file.hasStage(stage) && !given.force) throw sectionExists(stage, file.path);
    const values = await askForAll(context, file, stage, given);
    const faults = file.faultsOf(stage, values);
    if (faults.length > 0) throw wrongParameters(faults);
    if (!given['skip-issuer']) await checkIssuer(context, values['oidcIssuer'] ?? '');
    file.write(stage, values);
    screen.done(`The section ${stage} is in ${file.path}`);
    screen.title('Next');
    screen.command(`npm run deploy -- --stage ${stage} --dry-run`, 'see what would be made');
    screen.command(`npm run deploy -- --stage ${stage}`, 'make it');
    screen.note(
      `  At the identity provider: audience ${values['oidcAudience'] ?? 'vpn-portal'}, and the scopes`,
    );
    screen.note('  vpn and vpn.admin; a public client with device authorization for this program.');
    return { stage, file: file.path, parameters: values };
  },
});

const sectionExists = (stage: string, path: string): Failure =>
  localFailure('stageExists', `There is a section ${stage} already`, path, [
    { words: 'edit it by hand, or replace it with --force' },
  ]);

const wrongParameters = (faults: readonly string[]): Failure =>
  localFailure(
    'wrongParameters',
    'Nothing was written: the parameters are not right',
    undefined,
    faults.map((words) => ({ words: words.replace(/--param '?(\w+)=/, '--$1 ').replace(/'$/, '') })),
  );

/** @returns what differs from the defaults */
async function askForAll(
  context: Context,
  file: ParametersFile,
  stage: string,
  given: Answers,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const name of NAMES) {
    const usual = file.defaultOf(name);
    const answer = given[name] ?? (await ask(context, file, stage, name, usual, values));
    if (answer !== undefined && answer !== usual) values[name] = answer;
  }
  return values;
}

const TRIES = 3;

async function ask(
  { world, screen }: Context,
  file: ParametersFile,
  stage: string,
  name: Name,
  usual: string | undefined,
  before: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  if (world.ask === undefined) return undefined;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const shown = usual === undefined ? '' : ` [${usual}]`;
    const typed = (await world.ask(`${name}: ${QUESTIONS[name]}${shown}\n> `)).trim();
    const answer = typed === '' ? usual : typed;
    // Others may still be missing; only what is said of this one counts.
    const fault = file
      .faultsOf(stage, { ...before, ...(answer === undefined ? {} : { [name]: answer }) })
      .find((line) => line.startsWith(`${name} `));
    if (fault === undefined) return answer;
    screen.warn(fault.replace(/ (A good one|Give, for example): .*/, ''));
  }
  throw localFailure('wrongParameters', `${name} was not given`, QUESTIONS[name]);
}

async function checkIssuer({ screen }: Context, issuer: string): Promise<void> {
  const { hasDeviceFlow } = await inspectIdentityProvider(issuer);
  screen.done(`${issuer} is an OpenID provider with an RSA key`);
  if (!hasDeviceFlow) {
    screen.warn('It offers no sign-in by device code: `login` will not work, only VPN_PORTAL_TOKEN.');
  }
}
