import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { authoritiesFile, firstNetworks } from '../../infra/package/authorities.ts';
import { choicesFile } from '../../infra/package/choices.ts';
import { policyFindings, validatorFindings } from '../../infra/package/judge.ts';
import { PARAMETERS, readParameters } from '../../infra/package/parameters.ts';
import { secretsFile } from '../../infra/package/webhook-sources.ts';
import { readServiceFile } from '../../infra/local/runner/service-file.ts';
import { functionLogicalId } from '../../infra/local/runner/service.ts';
import { childOf, isTreeObject, readYaml, type Tree } from '../../infra/local/runner/yaml.ts';
import { endpointProperties } from '../../functions/set-up/properties.ts';
import { parseConfig, gateSlice } from '../../shared/config.ts';

/*
 * Every shape that a deployment can have, put together of the files that osls reads, and judged as check:infra judges
 * the one that it packages. osls itself adds functions and their logs, which are the same in all shapes.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'shapes-'));
afterAll(() => rmSync(directory, { recursive: true }));
for (const file of ['serverless.yml', 'infra/aws']) {
  cpSync(join(ROOT, file), join(directory, file), { recursive: true });
}

const SAML = 'arn:aws:iam::111122223333:saml-provider/Okta';
const GROUP = 'S-1-5-21-1004336348-1177238915-682003330-1105';
const exampleOf = (name: string): [string, string] => [name, PARAMETERS[name]?.example ?? ''];
const ALWAYS = Object.fromEntries(['companyName', 'oidcIssuer', 'alarmEmail'].map(exampleOf));
const OURS = {
  ...ALWAYS,
  ...Object.fromEntries(
    ['serverName', 'vpcId', 'subnetIds', 'allowedNetworks', 'routedNetworks'].map(exampleOf),
  ),
};

function shapeOf(given: Readonly<Record<string, string>>) {
  const values = readParameters(readYaml(join(ROOT, 'infra/aws/parameters.yml')), 'prod', given);
  for (const [name, content] of Object.entries({
    networks: firstNetworks(values),
    authorities: authoritiesFile(values, (path) => readYaml(join(ROOT, path))),
    choices: choicesFile(values),
    parameters: { default: values },
  })) {
    writeFileSync(join(directory, `infra/aws/${name}.yml`), JSON.stringify(content));
  }
  const { resources, tree } = readServiceFile(join(directory, 'serverless.yml'), {
    stage: 'prod',
    params: values,
  });
  const propertiesOf = (logicalId: string): Tree => childOf(resources[logicalId], 'Properties');
  const ofType = (type: string): Tree[] =>
    Object.keys(resources)
      .filter((logicalId) => childOf(resources[logicalId], 'Type') === `AWS::EC2::${type}`)
      .map(propertiesOf);
  return { resources, tree, propertiesOf, ofType };
}

const stub = (Type: string, Properties: object): object => ({ Type, Properties });
const LAMBDA = {
  Runtime: 'nodejs24.x',
  Architectures: ['arm64'],
  Handler: 'index.handler',
  Code: { ZipFile: '//' },
  Role: { 'Fn::GetAtt': ['GateRole', 'Arn'] },
};

/** A template as osls makes it, with what it adds in the fewest words. */
function templateOf({ resources, tree }: ReturnType<typeof shapeOf>): string {
  const functions = childOf(tree, 'functions');
  const added = Object.keys(isTreeObject(functions) ? functions : {}).flatMap((key): [string, object][] => {
    const logicalId = functionLogicalId(key);
    return [
      [logicalId, stub('AWS::Lambda::Function', LAMBDA)],
      [
        logicalId.replace(/LambdaFunction$/, 'LogGroup'),
        stub('AWS::Logs::LogGroup', { RetentionInDays: 365 }),
      ],
    ];
  });
  const api = stub('AWS::ApiGatewayV2::Api', { Name: 'api', ProtocolType: 'HTTP' });
  const path = join(directory, 'template.json');
  const Resources: object = { ...resources, ...Object.fromEntries(added), HttpApi: api };
  writeFileSync(path, JSON.stringify({ AWSTemplateFormatVersion: '2010-09-09', Resources }));
  return path;
}

const ROLLOVER = { ...OURS, furtherAuthorities: 'ca2=10.104.0.0/16', issuingCaId: 'ca2' };
const CERTIFICATES = { Type: 'certificate-authentication' };
const SHAPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'certificates alone': OURS,
  'security groups of an administrator': {
    ...OURS,
    securityGroupIds: 'sg-0123456789abcdef0 sg-0123456789abcdef1',
  },
  'a directory': {
    ...OURS,
    directoryId: 'd-0123456789',
    allowedNetworks: `10.0.0.0/16 10.1.0.0/16=${GROUP}`,
  },
  'a SAML provider': {
    ...OURS,
    samlProviderArn: SAML,
    selfServiceSamlProviderArn: SAML,
    signInName: 'email',
    allowedNetworks: '10.0.0.0/16=VPN%20Admins',
  },
  "an administrator's endpoint": { ...ALWAYS, endpointId: 'cvpn-endpoint-0123456789abcdef0' },
  'an endpoint that comes later': { ...ALWAYS, endpointId: 'later' },
  'a CA beside another': ROLLOVER,
  'an endpoint in another account': {
    ...ROLLOVER,
    endpointsElsewhere: 'cvpn-endpoint-0fedcba9876543210=us-east-1:222233334444:ca2',
  },
  'a CA whose endpoint is gone': { ...ROLLOVER, endedCaIds: 'ca1' },
  "a CA beside another at an administrator's endpoints": {
    ...ALWAYS,
    endpointId: 'cvpn-endpoint-0123456789abcdef0',
    furtherAuthorities: 'ca2=later ca-3=cvpn-endpoint-0fedcba9876543210',
  },
};

describe.each(Object.entries(SHAPES))('a deployment with %s', (_what, given) => {
  it('is one that CloudFormation takes and that our policy allows', () => {
    const path = templateOf(shapeOf(given));
    expect(validatorFindings(path)).toEqual([]);
    expect(policyFindings(ROOT, path, join(ROOT, 'infra/aws/policy.guard'))).toEqual([]);
  }, 60_000);

  it('tells the gate and the registration the same, in words that both understand', () => {
    const shape = shapeOf(given);
    const gate = childOf(childOf(childOf(shape.tree, 'functions'), 'gate'), 'environment');
    const { policy } = parseConfig(gate as NodeJS.ProcessEnv, { policy: gateSlice });
    expect(policy.mode).toBe(given['endpointId'] === undefined ? 'enforce' : 'observe');
    const registration =
      shape.propertiesOf('EndpointRegistration') ?? shape.propertiesOf('EndpointRegistrationOfCa2');
    // There is nothing to register yet.
    if (given['endpointId'] === 'later') return expect(registration).toBeUndefined();
    const properties = isTreeObject(registration) ? registration : {};
    const told = endpointProperties.parse({
      ...properties,
      EndpointId: given['endpointId'] ?? 'cvpn-endpoint-0123456789abcdef0',
      GateArn: 'arn:aws:lambda:eu-west-1:111122223333:function:gate',
    });
    expect(told.GateMode).toBe(policy.mode);
    expect(told.SignInName).toBe(policy.signIn?.nameKind ?? 'none');
    expect([told.DirectoryId ?? '', told.SamlProviderArn ?? '']).toEqual([
      given['directoryId'] ?? '',
      given['samlProviderArn'] ?? '',
    ]);
  });
});

describe('a shape', () => {
  const endpointIn = (given: Readonly<Record<string, string>>) =>
    shapeOf(given).ofType('ClientVpnEndpoint')[0];

  it.each<[string, object[]]>([
    ['certificates alone', [CERTIFICATES]],
    [
      'a directory',
      [
        CERTIFICATES,
        { Type: 'directory-service-authentication', ActiveDirectory: { DirectoryId: 'd-0123456789' } },
      ],
    ],
    [
      'a SAML provider',
      [
        CERTIFICATES,
        {
          Type: 'federated-authentication',
          FederatedAuthentication: { SAMLProviderArn: SAML, SelfServiceSAMLProviderArn: SAML },
        },
      ],
    ],
  ])('with %s asks for just that', (name, options) => {
    const asked = childOf(endpointIn(SHAPES[name] ?? {}), 'AuthenticationOptions');
    expect(asked).toHaveLength(options.length);
    expect(asked).toMatchObject(options);
  });

  it('gives a network to everybody or to a group', () => {
    const rulesOf = (name: string) => shapeOf(SHAPES[name] ?? {}).ofType('ClientVpnAuthorizationRule');
    expect(rulesOf('a directory')).toMatchObject([
      { TargetNetworkCidr: '10.0.0.0/16', AuthorizeAllGroups: true },
      { TargetNetworkCidr: '10.1.0.0/16', AccessGroupId: GROUP },
    ]);
    const [rule] = rulesOf('a SAML provider');
    expect(rule).toMatchObject({ AccessGroupId: 'VPN Admins' });
    expect(rule).not.toHaveProperty('AuthorizeAllGroups');
  });

  it("has the administrator's security groups in the place of ours", () => {
    const shape = shapeOf(SHAPES['security groups of an administrator'] ?? {});
    expect(shape.ofType('SecurityGroup')).toEqual([]);
    expect(shape.ofType('ClientVpnEndpoint')).toMatchObject([
      { SecurityGroupIds: ['sg-0123456789abcdef0', 'sg-0123456789abcdef1'] },
    ]);
  });

  it('with a CA beside another has each of its own key, certificate, endpoint and registration', () => {
    const { resources, tree, propertiesOf } = shapeOf(ROLLOVER);
    const arnOf = (suffix: string) => ({ 'Fn::GetAtt': [`Authority${suffix}`, 'ServerCertificateArn'] });
    for (const [suffix, caId, ClientCidrBlock] of [
      ['', 'ca1', '10.100.0.0/16'],
      ['OfCa2', 'ca2', '10.104.0.0/16'],
    ] as const) {
      expect(propertiesOf(`Authority${suffix}`)).toMatchObject({
        CaId: caId,
        KeyId: { 'Fn::GetAtt': [`CaKey${suffix}`, 'Arn'] },
      });
      expect(propertiesOf(`Endpoint${suffix}`)).toMatchObject({
        ClientCidrBlock,
        ServerCertificateArn: arnOf(suffix),
        AuthenticationOptions: [{ MutualAuthentication: { ClientRootCertificateChainArn: arnOf(suffix) } }],
        ClientConnectOptions: { LambdaFunctionArn: { Ref: 'GateAlias' } },
        SecurityGroupIds: [{ 'Fn::GetAtt': ['ClientSecurityGroup', 'GroupId'] }],
        ConnectionLogOptions: { CloudwatchLogGroup: { Ref: `ConnectionLog${suffix}` } },
      });
      expect(propertiesOf(`EndpointRegistration${suffix}`)).toMatchObject({
        CaId: caId,
        EndpointId: { Ref: `Endpoint${suffix}` },
        ServerCertificateArn: arnOf(suffix),
      });
      expect(propertiesOf(`ConnectHandlerAlarm${suffix}`)).toMatchObject({
        AlarmName: `vpn-portal-prod-connect-handler${suffix === '' ? '' : '-ca2'}`,
      });
      expect(JSON.stringify(propertiesOf(`ConnectHandlerAlarm${suffix}`))).toContain(
        `[{"Name":"Endpoint","Value":{"Ref":"Endpoint${suffix}"}}]`,
      );
    }
    const associations = Object.entries(resources).filter(([name]) => name.startsWith('Association'));
    expect(associations.map(([, one]) => childOf(childOf(one, 'Properties'), 'ClientVpnEndpointId'))).toEqual(
      [{ Ref: 'Endpoint' }, { Ref: 'Endpoint' }, { Ref: 'EndpointOfCa2' }, { Ref: 'EndpointOfCa2' }],
    );
    expect(childOf(resources['EndpointRegistrationOfCa2'], 'DependsOn')).toEqual(
      associations.slice(2).map(([name]) => name),
    );
    const issue = childOf(childOf(childOf(tree, 'functions'), 'issue-certificate'), 'environment');
    expect(childOf(issue, 'ISSUING_CA_IDS')).toBe('ca2 ca1');
  });

  it('keeps the key of a CA whose endpoint is gone, and nothing else of it', () => {
    const { resources, tree } = shapeOf(SHAPES['a CA whose endpoint is gone'] ?? {});
    for (const name of ['CaKey', 'CaKeyOfCa2', 'Authority', 'EndpointOfCa2', 'EndpointRegistrationOfCa2'])
      expect(resources).toHaveProperty(name);
    for (const name of ['Endpoint', 'EndpointRegistration', 'CrlDaysAlarm', 'ConnectionLog'])
      expect(resources).not.toHaveProperty(name);
    const associations = Object.keys(resources).filter((name) => name.startsWith('Association'));
    expect(associations.every((name) => name.endsWith('OfCa2'))).toBe(true);
    const issue = childOf(childOf(childOf(tree, 'functions'), 'issue-certificate'), 'environment');
    expect(childOf(issue, 'ISSUING_CA_IDS')).toBe('ca2');
  });

  it.each(["an administrator's endpoint", 'an endpoint that comes later'])(
    'with %s makes nothing of the VPN, and a certificate that only carries the CA',
    (name) => {
      const { resources, propertiesOf } = shapeOf(SHAPES[name] ?? {});
      const types = Object.values(resources).map((one) => childOf(one, 'Type'));
      expect(types.filter((type) => typeof type === 'string' && type.startsWith('AWS::EC2::'))).toEqual([]);
      expect(childOf(propertiesOf('Authority'), 'ServerName')).toBe('client-ca.invalid');
    },
  );
});

it('is on a laptop what no choice makes', () => {
  const laptop = readYaml(join(ROOT, 'infra/aws/choices.yml'));
  const serverName = '${param:serverName}';
  const parameters = readYaml(join(ROOT, 'infra/aws/parameters.yml'));
  const offboardingSources = childOf(childOf(parameters, 'local'), 'offboardingSources');
  if (typeof offboardingSources !== 'string') throw new Error('a laptop has sources');
  expect(laptop).toEqual(
    choicesFile({
      caId: '${param:caId}',
      serverName,
      signInName: 'login',
      offboardingSources,
    }),
  );
  expect(readYaml(join(ROOT, 'infra/aws/secrets.yml'))).toEqual(secretsFile(offboardingSources));
});
