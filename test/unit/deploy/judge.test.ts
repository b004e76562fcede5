import type { ResourceChange, ResourceChangeDetail } from '@aws-sdk/client-cloudformation';
import { judgeChanges } from '../../../infra/deploy/judge.ts';
import { refusalWords } from '../../../infra/deploy/verdict.ts';

/* Changes as DescribeChangeSet answers them: CloudFormation API reference, ResourceChange. */

const ENDPOINT = 'AWS::EC2::ClientVpnEndpoint';

const direct = (
  Name: string,
  RequiresRecreation: 'Never' | 'Conditionally' | 'Always',
): ResourceChangeDetail => ({
  Target: { Attribute: 'Properties', Name, RequiresRecreation },
  Evaluation: 'Static',
  ChangeSource: 'DirectModification',
});
const through = (
  Name: string,
  CausingEntity: string,
  RequiresRecreation: 'Never' | 'Conditionally' | 'Always' = 'Always',
): ResourceChangeDetail => ({
  Target: { Attribute: 'Properties', Name, RequiresRecreation },
  Evaluation: 'Dynamic',
  ChangeSource: CausingEntity.includes('.') ? 'ResourceAttribute' : 'ResourceReference',
  CausingEntity,
});
const modify = (
  LogicalResourceId: string,
  ResourceType: string,
  Replacement: 'True' | 'False' | 'Conditional',
  ...Details: ResourceChangeDetail[]
): ResourceChange => ({
  Action: 'Modify',
  LogicalResourceId,
  ResourceType,
  Replacement,
  Scope: ['Properties'],
  Details,
});

/** What every deploy does: new code for each function, and with it whatever names one. */
const EVERY_DEPLOY: readonly ResourceChange[] = [
  modify('GateLambdaFunction', 'AWS::Lambda::Function', 'False', direct('Code', 'Never')),
  modify('SetDashupLambdaFunction', 'AWS::Lambda::Function', 'False', direct('Code', 'Never')),
  {
    Action: 'Add',
    LogicalResourceId: 'GateLambdaVersionNew',
    ResourceType: 'AWS::Lambda::Version',
  },
  {
    Action: 'Remove',
    LogicalResourceId: 'GateLambdaVersionOld',
    ResourceType: 'AWS::Lambda::Version',
    PolicyAction: 'Retain',
  },
  modify('PublisherRole', 'AWS::IAM::Role', 'False', direct('Policies', 'Never')),
  modify('CaKey', 'AWS::KMS::Key', 'False', through('KeyPolicy', 'PublisherRole.Arn', 'Never')),
  modify(
    'Authority',
    'Custom::Authority',
    'Conditional',
    through('ServiceToken', 'SetDashupLambdaFunction.Arn'),
    through('KeyId', 'CaKey.Arn', 'Never'),
  ),
  modify(
    'GateAlias',
    'AWS::Lambda::Alias',
    'Conditional',
    direct('FunctionVersion', 'Never'),
    through('FunctionName', 'GateLambdaFunction'),
  ),
  modify(
    'Endpoint',
    ENDPOINT,
    'Conditional',
    through('AuthenticationOptions', 'Authority.ServerCertificateArn'),
    through('ServerCertificateArn', 'Authority.ServerCertificateArn', 'Never'),
    through('ClientConnectOptions', 'GateAlias', 'Never'),
  ),
  modify(
    'Associationc2c0d60de662',
    'AWS::EC2::ClientVpnTargetNetworkAssociation',
    'Conditional',
    through('ClientVpnEndpointId', 'Endpoint'),
  ),
  modify(
    'EndpointRegistration',
    'Custom::EndpointRegistration',
    'Conditional',
    through('EndpointId', 'Endpoint'),
  ),
];
const withEndpoint = (...details: ResourceChangeDetail[]): ResourceChange[] =>
  EVERY_DEPLOY.map((change) =>
    change.LogicalResourceId === 'Endpoint'
      ? { ...change, Details: [...(change.Details ?? []), ...details] }
      : change,
  );
const refused = (changes: readonly ResourceChange[], allowed: readonly string[] = []) =>
  judgeChanges(changes, allowed).refused.map(({ logicalId, kind, properties }) => [
    logicalId,
    kind,
    properties,
  ]);

describe('a change set passes', () => {
  it.each<[string, readonly ResourceChange[]]>([
    ['an ordinary deploy, whose endpoint is "perhaps" only through names that stay', EVERY_DEPLOY],
    ['a first deploy', EVERY_DEPLOY.map((change) => ({ ...change, Action: 'Add' as const }))],
    ['an adoption', [{ Action: 'Import', LogicalResourceId: 'Table', ResourceType: 'AWS::DynamoDB::Table' }]],
    ['nothing at all', []],
    [
      'what nobody is connected through',
      [
        {
          Action: 'Remove',
          LogicalResourceId: 'AuthorizationRule1',
          ResourceType: 'AWS::EC2::ClientVpnAuthorizationRule',
        },
        modify('Dashboard', 'AWS::CloudWatch::Dashboard', 'True', direct('DashboardName', 'Always')),
      ],
    ],
    [
      'a changed session time-out',
      [modify('Endpoint', ENDPOINT, 'False', direct('SessionTimeoutHours', 'Never'))],
    ],
  ])('%s', (_what, changes) => {
    expect(refused(changes)).toEqual([]);
  });
});

describe('a change set is stopped', () => {
  it.each<[string, readonly ResourceChange[], string, string, readonly string[]]>([
    [
      'another client CIDR',
      [
        modify(
          'Endpoint',
          ENDPOINT,
          'True',
          direct('ClientCidrBlock', 'Always'),
          direct('Description', 'Never'),
        ),
      ],
      'Endpoint',
      'replaced',
      ['ClientCidrBlock'],
    ],
    [
      'a tag of the endpoint, which CloudFormation may replace it for',
      [modify('Endpoint', ENDPOINT, 'Conditional', direct('TagSpecifications', 'Conditionally'))],
      'Endpoint',
      'perhapsReplaced',
      ['TagSpecifications'],
    ],
    [
      'an ordinary deploy that also changes the transport',
      withEndpoint(direct('TransportProtocol', 'Always')),
      'Endpoint',
      'perhapsReplaced',
      ['TransportProtocol'],
    ],
    [
      'a value of a resource that we know nothing of',
      withEndpoint(through('VpcId', 'Vpc.Something')),
      'Endpoint',
      'perhapsReplaced',
      ['VpcId'],
    ],
    [
      'a Conditional without a word why',
      [modify('Table', 'AWS::DynamoDB::Table', 'Conditional')],
      'Table',
      'perhapsReplaced',
      [],
    ],
    [
      'no word whether it is replaced',
      [{ Action: 'Modify', LogicalResourceId: 'CaKey', ResourceType: 'AWS::KMS::Key' }],
      'CaKey',
      'perhapsReplaced',
      [],
    ],
    [
      'a subnet that is taken away',
      [
        {
          Action: 'Remove',
          LogicalResourceId: 'Association1',
          ResourceType: 'AWS::EC2::ClientVpnTargetNetworkAssociation',
        },
      ],
      'Association1',
      'removed',
      [],
    ],
    [
      'another key',
      [modify('CaKey', 'AWS::KMS::Key', 'True', direct('KeySpec', 'Always'))],
      'CaKey',
      'replaced',
      ['KeySpec'],
    ],
    [
      'a key that goes',
      [{ Action: 'Remove', LogicalResourceId: 'CaKey', ResourceType: 'AWS::KMS::Key' }],
      'CaKey',
      'removed',
      [],
    ],
    [
      'another table',
      [modify('Table', 'AWS::DynamoDB::Table', 'True', direct('KeySchema', 'Always'))],
      'Table',
      'replaced',
      ['KeySchema'],
    ],
    [
      "an ACM certificate of the template's own",
      [modify('Certificate', 'AWS::CertificateManager::Certificate', 'True', direct('DomainName', 'Always'))],
      'Certificate',
      'replaced',
      ['DomainName'],
    ],
    [
      'another CA, though CloudFormation calls it an update',
      [modify('Authority', 'Custom::Authority', 'False', direct('CaId', 'Never'))],
      'Authority',
      'replaced',
      ['CaId'],
    ],
    [
      'a gate of another name',
      [modify('GateLambdaFunction', 'AWS::Lambda::Function', 'True', direct('FunctionName', 'Always'))],
      'GateLambdaFunction',
      'replaced',
      ['FunctionName'],
    ],
    [
      'an action that is new to us',
      [{ Action: 'Dynamic', LogicalResourceId: 'Endpoint', ResourceType: ENDPOINT }],
      'Endpoint',
      'perhapsReplaced',
      [],
    ],
  ])('for %s', (_what, changes, logicalId, kind, properties) => {
    expect(refused(changes)).toContainEqual([logicalId, kind, properties]);
  });

  it('for everything that hangs on what is replaced', () => {
    const changes = EVERY_DEPLOY.map((change) =>
      change.LogicalResourceId === 'Endpoint'
        ? modify('Endpoint', ENDPOINT, 'True', direct('ClientCidrBlock', 'Always'))
        : change,
    );
    expect(refused(changes).map(([id]) => id)).toEqual(['Endpoint', 'Associationc2c0d60de662']);
  });

  it('for an endpoint whose authority becomes another CA', () => {
    const changes = EVERY_DEPLOY.map((change) =>
      change.LogicalResourceId === 'Authority'
        ? modify('Authority', 'Custom::Authority', 'Conditional', direct('CaId', 'Never'))
        : change,
    );
    expect(refused(changes).map(([id]) => id)).toEqual(
      expect.arrayContaining(['Authority', 'Endpoint', 'Associationc2c0d60de662']),
    );
  });

  it('for resources that hang on each other in a circle', () => {
    const circle = [
      modify('Endpoint', ENDPOINT, 'Conditional', through('VpcId', 'Other')),
      modify('Other', 'AWS::EC2::SecurityGroup', 'Conditional', through('VpcId', 'Endpoint')),
    ];
    expect(refused(circle).map(([id]) => id)).toEqual(['Endpoint', 'Other']);
  });

  it('until each is allowed by its own name, and no other', () => {
    const gone = (LogicalResourceId: string): ResourceChange => ({
      Action: 'Remove',
      LogicalResourceId,
      ResourceType: 'AWS::EC2::ClientVpnTargetNetworkAssociation',
    });
    const changes = [gone('AssociationA'), gone('AssociationB')];
    expect(refused(changes, ['AssociationA', 'Association', 'ASSOCIATIONB'])).toEqual([
      ['AssociationB', 'removed', []],
    ]);
    const both = judgeChanges(changes, ['AssociationA', 'AssociationB', 'Table']);
    expect(both).toMatchObject({ refused: [], unneeded: ['Table'] });
    expect(both.allowed).toHaveLength(2);
  });

  it('in words that name the resource, the property, what would happen, and the way out', () => {
    const judgement = judgeChanges(
      [modify('Endpoint', ENDPOINT, 'True', direct('ClientCidrBlock', 'Always'))],
      [],
    );
    const words = refusalWords(judgement);
    for (const part of [
      'Endpoint',
      'ClientCidrBlock',
      "everybody's VPN ends",
      '--allow-replacement Endpoint',
    ]) {
      expect(words).toContain(part);
    }
  });
});
