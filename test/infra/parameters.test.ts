import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { PARAMETERS, ParameterError, readParameters } from '../../infra/package/parameters.ts';
import { choicesFile } from '../../infra/package/choices.ts';
import { readMappings, secretsFile } from '../../infra/package/webhook-sources.ts';
import { parseConfig, sourcesSlice } from '../../shared/config.ts';
import { webhookSources } from '../../shared/http/webhooks/configured.ts';
import { childOf, isTreeObject, readYaml, type Tree } from '../../infra/local/runner/yaml.ts';

const MAPPING = './test/vectors/mappings/acme.yml';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const file = readYaml(join(ROOT, 'infra/aws/parameters.yml'));
const NEEDED = {
  companyName: 'Example Company',
  oidcIssuer: 'https://login.example.com',
  serverName: 'vpn.example.com',
  vpcId: 'vpc-0123456789abcdef0',
  subnetIds: 'subnet-0123456789abcdef0 subnet-0123456789abcdef1',
  allowedNetworks: '10.0.0.0/16',
  alarmEmail: 'vpn-operators@example.com',
};

function faultsOf(given: Record<string, string>, stage = 'prod', tree = file): readonly string[] {
  try {
    readParameters(tree, stage, given);
    return [];
  } catch (error) {
    if (error instanceof ParameterError) return error.faults;
    throw error;
  }
}

describe('the parameters of a deployment', () => {
  it('are those of infra/aws/parameters.yml, each with an example that is taken', () => {
    const declared = childOf(file, 'default');
    expect(Object.keys(PARAMETERS).sort()).toEqual(
      Object.keys(isTreeObject(declared) ? declared : {}).sort(),
    );
    for (const [name, { schema, example }] of Object.entries(PARAMETERS)) {
      expect([name, z.safeParse(schema, example).success]).toEqual([name, true]);
    }
    const needed = Object.entries(PARAMETERS).filter(([, { isChoice = false }]) => !isChoice);
    expect(faultsOf(Object.fromEntries(needed.map(([name, { example }]) => [name, example])))).toEqual([]);
  });

  it('are enough with those that have no default', () => {
    expect(readParameters(file, 'prod', NEEDED)).toMatchObject({ ...NEEDED, deviceQuota: '5' });
  });

  it('are all missed at once, by name and with an example', () => {
    expect(faultsOf({})).toEqual([
      "companyName is missing. Give, for example: --param 'companyName=Example Company'",
      'oidcIssuer is missing. Give, for example: --param oidcIssuer=https://login.example.com/oauth2/default',
      'serverName is missing. Give, for example: --param serverName=vpn.example.com',
      'vpcId is missing. Give, for example: --param vpcId=vpc-0123456789abcdef0',
      "subnetIds is missing. Give, for example: --param 'subnetIds=subnet-0123456789abcdef0 subnet-0123456789abcdef1'",
      'allowedNetworks is missing. Give, for example: --param allowedNetworks=10.0.0.0/16',
      'alarmEmail is missing. Give, for example: --param alarmEmail=vpn-operators@example.com',
    ]);
  });

  it.each([
    ['deviceQuota', '0'],
    ['deviceQuota', 'five'],
    ['crlLifeDays', '1'],
    ['certificateNamesPerson', 'perhaps'],
    ['offboardingSources', 'hr'],
    ['companyTimeZone', 'Europe/Bonn'],
    ['quietHoursUtc', '2'],
    ['serverCertificateRenewalDays', '3'],
    ['sessionTimeoutHours', '9'],
    ['vpnTransport', 'sctp'],
    ['clientCidrBlock', '10.0.0.0/8'],
    ['clientCidrBlock', '10.0.0.0'],
    ['furtherAuthorities', 'ca2'],
    ['furtherAuthorities', 'CA2=10.104.0.0/16'],
    ['furtherAuthorities', 'ca2=10.104.0.0/24'],
    ['endedCaIds', 'CA1'],
    ['endpointsElsewhere', 'cvpn-endpoint-0fedcba9876543210=us-east-1'],
    ['oidcIssuer', 'http://login.example.com'],
    ['serverName', 'localhost'],
    ['region', 'Ireland'],
    ['companyName', ''],
    ['vpcId', 'vpc-1'],
    ['subnetIds', ''],
    ['subnetIds', 'subnet-0123456789abcdef0,subnet-0123456789abcdef1'],
    ['allowedNetworks', ''],
    ['allowedNetworks', '10.0.0.0'],
    ['routedNetworks', 'internet'],
    ['dnsServers', '10.0.0.2 10.0.0.3 10.0.0.4'],
    ['splitTunnel', 'perhaps'],
    ['alarmEmail', 'operators'],
    ['gateReservedConcurrency', '0'],
    ['allowedNetworks', '10.0.0.0/16='],
    ['allowedNetworks', '=Admins'],
    ['allowedNetworks', '10.0.0.0/16=Admins%'],
    ['allowedNetworks', '10.0.0.0/16=Ad%00mins'],
    ['securityGroupIds', 'sg-1'],
    ['directoryId', 'd-1'],
    ['samlProviderArn', 'arn:aws:iam::111122223333:role/saml'],
    ['signInName', 'none'],
    ['signInDomains', 'CORP,corp.example.com'],
    ['endpointId', 'cvpn-endpoint-1'],
    ['endpointId', 'soon'],
    ['gateMode', 'allow'],
  ])('refuse %s=%s with its name and a good one', (name, value) => {
    const [fault, ...others] = faultsOf({ ...NEEDED, [name]: value });
    expect(others).toEqual([]);
    expect(fault).toMatch(new RegExp(`^${name} cannot be "${value}": .+ A good one: --param '?${name}=`));
  });

  const BROUGHT = { ...NEEDED, serverName: '', vpcId: '', subnetIds: '', allowedNetworks: '' };
  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a directory and a SAML provider at once',
      { directoryId: 'd-0123456789', samlProviderArn: 'arn:aws:iam::111122223333:saml-provider/Okta' },
      /^directoryId and samlProviderArn cannot both be given/,
    ],
    [
      'a self-service provider alone',
      { selfServiceSamlProviderArn: 'arn:aws:iam::111122223333:saml-provider/Okta' },
      /needs samlProviderArn beside it: --param samlProviderArn=/,
    ],
    [
      'a group where nobody is in one',
      { allowedNetworks: '10.0.0.0/16=Admins' },
      /^allowedNetworks names the group "Admins", .+ --param allowedNetworks=10/,
    ],
    [
      'a group of a directory by its name',
      { allowedNetworks: '10.0.0.0/16=Admins', directoryId: 'd-0123456789' },
      /^allowedNetworks names the group "Admins", .+=S-1-5-21-/,
    ],
    [
      'two CAs whose clients have the same addresses',
      { furtherAuthorities: 'ca2=10.104.0.0/16 ca3=10.104.64.0/20' },
      /^the client addresses of ca2 and ca3 overlap: 10\.104\.0\.0\/16, 10\.104\.64\.0\/20/,
    ],
    [
      'a CA twice',
      { furtherAuthorities: 'ca1=10.104.0.0/16' },
      /^furtherAuthorities names ca1 a second time/,
    ],
    [
      'an endpoint of an administrator beside one of ours',
      { furtherAuthorities: 'ca2=later' },
      /^furtherAuthorities gives ca2 an endpoint of yours, .+: ca2=10\.101\.0\.0\/16/,
    ],
    [
      'an endpoint elsewhere that trusts a CA of somebody else',
      { endpointsElsewhere: 'cvpn-endpoint-0fedcba9876543210=us-east-1:222233334444:ca9' },
      /trusts ca9, which is no CA here. There are: ca1/,
    ],
    ['an issuing CA that is not there', { issuingCaId: 'ca2' }, /^issuingCaId says ca2.+There are: ca1/],
    ['the end of the only CA', { endedCaIds: 'ca1' }, /^endedCaIds leaves no CA/],
    [
      'an issuing CA whose endpoint is gone',
      { furtherAuthorities: 'ca2=10.104.0.0/16', issuingCaId: 'ca1', endedCaIds: 'ca1' },
      /^issuingCaId says ca1, which has no endpoint here/,
    ],
    [
      "networks for an administrator's endpoint",
      { endpointId: 'later', serverName: '', vpcId: '', subnetIds: '' },
      /^allowedNetworks has no meaning with endpointId/,
    ],
  ])('refuse %s', (_what, changes, words) => {
    const given = Object.fromEntries(
      Object.entries({ ...NEEDED, ...changes }).filter(([, value]) => value !== ''),
    );
    expect(faultsOf(given)).toEqual([expect.stringMatching(words)]);
  });

  it('need nothing of the VPN for an endpoint that an administrator makes', () => {
    const given = Object.fromEntries(Object.entries(BROUGHT).filter(([, value]) => value !== ''));
    expect(faultsOf({ ...given, endpointId: 'later' })).toEqual([]);
    expect(faultsOf(given)).toHaveLength(4);
  });

  it('refuse a name that is none', () => {
    expect(faultsOf({ ...NEEDED, devicequota: '5' })).toEqual([
      expect.stringMatching(/^devicequota is not a parameter\. There are: region, /),
    ]);
  });

  it('are taken from the stage before the defaults, and from the caller before both', () => {
    const tree = { default: { deviceQuota: '5', region: 'eu-west-1' }, prod: { ...NEEDED, deviceQuota: 7 } };
    const whole = { default: { ...(childOf(file, 'default') as object), ...tree.default }, prod: tree.prod };
    expect(readParameters(whole, 'prod', {})['deviceQuota']).toBe('7');
    expect(readParameters(whole, 'prod', { deviceQuota: '9' })['deviceQuota']).toBe('9');
  });
});

describe('the sources of a deployment', () => {
  const SOURCES = `hr:email acme-hr:email:${MAPPING} okta:login:okta:0oa1`;

  it('have a secret each, which the function knows and its role may read', () => {
    const { mappings, faults } = readMappings(ROOT, SOURCES);
    expect(faults).toEqual([]);
    const choices = choicesFile({ ...NEEDED, offboardingSources: SOURCES }, mappings);
    expect(choices['offboardingSecretArns']).toEqual({
      'Fn::Sub': 'hr=${HrWebhookSecret} acme-hr=${AcmeDashHrWebhookSecret} okta=${OktaWebhookSecret}',
    });
    const ids = ['HrWebhookSecret', 'AcmeDashHrWebhookSecret', 'OktaWebhookSecret'];
    expect(choices['offboardingSecrets']).toEqual(ids.map((Ref) => ({ Ref })));
    expect(Object.keys(childOf(secretsFile(SOURCES) as Tree, 'Resources') as object)).toEqual(ids);
    // What is packaged is what the function reads when it is loaded.
    const { declarations } = parseConfig({ OFFBOARDING_SOURCES: SOURCES }, { sources: sourcesSlice }).sources;
    const sources = webhookSources(declarations, String(choices['offboardingMappings']));
    expect([...sources.keys()]).toEqual(['hr', 'acme-hr', 'okta']);
  });

  it('stop the packaging where a mapping file is missing or wrong', () => {
    expect(readMappings(ROOT, 'x:email:./mappings/none.json').faults).toEqual([
      expect.stringContaining('the mapping ./mappings/none.json (offboardingSources): ENOENT'),
    ]);
    expect(readMappings(ROOT, 'x:email:./tsconfig.json').faults).toContainEqual(
      expect.stringMatching(/^the mapping \.\/tsconfig\.json \(offboardingSources\): .+/),
    );
  });

  it('are at least a secret that nobody reads', () => {
    expect(secretsFile('')).toEqual(secretsFile('hr:email'));
  });
});
