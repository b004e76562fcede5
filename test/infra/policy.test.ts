import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { policyFindings, validatorFindings, type Finding } from '../../infra/package/judge.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RULES = join(ROOT, 'infra/aws/policy.guard');
const directory = mkdtempSync(join(tmpdir(), 'policy-'));
afterAll(() => rmSync(directory, { recursive: true }));

type Resource = Record<string, unknown> & { Type: string };
const allow = (Action: unknown, Resource: unknown) => ({ Effect: 'Allow', Action, Resource });
const role = (statement: object): Resource => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {},
    Policies: [{ PolicyName: 'own', PolicyDocument: { Statement: [statement] } }],
  },
});
const attached = (statement: object): Resource => ({
  Type: 'AWS::IAM::Policy',
  Properties: { PolicyName: 'more', Roles: ['r'], PolicyDocument: { Statement: [statement] } },
});
const signing = {
  Effect: 'Allow',
  Principal: { AWS: [{ 'Fn::GetAtt': ['Role', 'Arn'] }] },
  Action: 'kms:Sign',
  Condition: {
    StringEquals: {
      'kms:SigningAlgorithm': 'RSASSA_PKCS1_V1_5_SHA_256',
      'kms:MessageType': 'DIGEST',
    },
  },
};
const key = (...statements: object[]): Resource => ({
  Type: 'AWS::KMS::Key',
  DeletionPolicy: 'RetainExceptOnCreate',
  UpdateReplacePolicy: 'Retain',
  Properties: { PendingWindowInDays: 30, KeyPolicy: { Statement: statements } },
});
const tableProperties = {
  DeletionProtectionEnabled: true,
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
};
const table = (properties: object, DeletionPolicy = 'Retain'): Resource => ({
  Type: 'AWS::DynamoDB::Table',
  DeletionPolicy,
  UpdateReplacePolicy: 'Retain',
  Properties: properties,
});
const secret = (properties: object): Resource => ({
  Type: 'AWS::SecretsManager::Secret',
  DeletionPolicy: 'RetainExceptOnCreate',
  UpdateReplacePolicy: 'Retain',
  Properties: properties,
});
const queue = (properties: object): Resource => ({ Type: 'AWS::SQS::Queue', Properties: properties });
const dead = { QueueName: 'q-dead.fifo', MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true };
const functionProperties = {
  Runtime: 'nodejs24.x',
  Architectures: ['arm64'],
  Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
};
const lambda = (properties: object): Resource => ({ Type: 'AWS::Lambda::Function', Properties: properties });
const permission = (properties: object): Resource => ({
  Type: 'AWS::Lambda::Permission',
  Properties: properties,
});
const throttled = { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 };
const stage = (properties: object): Resource => ({
  Type: 'AWS::ApiGatewayV2::Stage',
  Properties: properties,
});
const closed = { BlockPublicPolicy: true, RestrictPublicBuckets: true };
const bucket = (properties: object): Resource => ({ Type: 'AWS::S3::Bucket', Properties: properties });

const endpointProperties = {
  ClientConnectOptions: { Enabled: true, LambdaFunctionArn: 'arn' },
  ConnectionLogOptions: { Enabled: true },
  DisconnectOnSessionTimeout: true,
};
const endpoint = (properties: object, DeletionPolicy = 'RetainExceptOnCreate'): Resource => ({
  Type: 'AWS::EC2::ClientVpnEndpoint',
  DeletionPolicy,
  UpdateReplacePolicy: 'Retain',
  Properties: properties,
});
const alarmProperties = {
  AlarmDescription: 'words',
  TreatMissingData: 'breaching',
  AlarmActions: [{ Ref: 'AlarmTopic' }],
};
const alarm = (properties: object): Resource => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: properties,
});

const GOOD: Readonly<Record<string, Resource>> = {
  Table: table(tableProperties),
  Key: key(signing),
  Secret: secret({ Name: 's' }),
  Queue: queue({ QueueName: 'q.fifo', SqsManagedSseEnabled: true, RedrivePolicy: { maxReceiveCount: 5 } }),
  Dead: queue(dead),
  LogGroup: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 365 } },
  Bucket: bucket({ BucketEncryption: {}, PublicAccessBlockConfiguration: closed }),
  Role: role(allow(['dynamodb:GetItem'], { 'Fn::GetAtt': ['Table', 'Arn'] })),
  Wide: role(allow(['ec2:DescribeClientVpnEndpoints'], '*')),
  Policy: attached(allow('kms:Sign', { 'Fn::GetAtt': ['Key', 'Arn'] })),
  Function: lambda(functionProperties),
  Permission: permission({ Principal: 'apigateway.amazonaws.com', SourceArn: 'arn' }),
  Endpoint: endpoint(endpointProperties),
  Alarm: alarm(alarmProperties),
  Stage: stage({ AccessLogSettings: { DestinationArn: 'arn' }, DefaultRouteSettings: throttled }),
};

const write = (resources: object): string => {
  const path = join(directory, 'template.json');
  writeFileSync(path, JSON.stringify({ AWSTemplateFormatVersion: '2010-09-09', Resources: resources }));
  return path;
};
/** What breaks each rule, each way that it can be broken. */
const PLANTED: readonly (readonly [rule: string, how: string, resource: Resource])[] = [
  ['table_outlives_the_stack', 'deleted with it', table(tableProperties, 'Delete')],
  [
    'table_outlives_the_stack',
    'no protection',
    table({ ...tableProperties, DeletionProtectionEnabled: false }),
  ],
  ['table_outlives_the_stack', 'no recovery', table({ DeletionProtectionEnabled: true })],
  [
    'table_has_the_key_that_aws_owns',
    'a key of its own',
    table({ ...tableProperties, SSESpecification: { SSEEnabled: true } }),
  ],
  ['key_outlives_the_stack', 'deleted with it', { ...key(signing), DeletionPolicy: 'Delete' }],
  ['key_policy_names_actions', 'kms:*', key(signing, { Action: 'kms:*', Effect: 'Allow' })],
  ['key_policy_names_actions', 'kms:Get* in a list', key(signing, { Action: ['kms:Get*'], Effect: 'Allow' })],
  ['key_signs_for_named_roles_as_we_sign', 'nobody', key({ Action: 'kms:DescribeKey', Effect: 'Allow' })],
  [
    'key_signs_for_named_roles_as_we_sign',
    'the whole account',
    key({ ...signing, Principal: { AWS: 'arn:aws:iam::1:root' } }),
  ],
  ['key_signs_for_named_roles_as_we_sign', 'anything', key({ ...signing, Condition: {} })],
  ['secret_has_no_value_in_the_template', 'a value', secret({ SecretString: 'x' })],
  ['queue_is_encrypted', 'not', queue({ ...dead, SqsManagedSseEnabled: false })],
  ['queue_is_encrypted', 'not said', queue({ QueueName: 'a-dead', MessageRetentionPeriod: 1_209_600 })],
  ['queue_has_a_dead_letter_queue', 'none', queue({ ...dead, QueueName: 'q.fifo' })],
  [
    'queue_has_a_dead_letter_queue',
    'kept for four days',
    queue({ ...dead, MessageRetentionPeriod: 345_600 }),
  ],
  ['log_group_ends_and_is_kept_long_enough', 'for ever', { Type: 'AWS::Logs::LogGroup', Properties: {} }],
  [
    'log_group_ends_and_is_kept_long_enough',
    'for a week',
    { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 7 } },
  ],
  ['bucket_is_encrypted_and_closed', 'open', bucket({ BucketEncryption: {} })],
  ['bucket_is_encrypted_and_closed', 'plain', bucket({ PublicAccessBlockConfiguration: closed })],
  ['role_names_actions', 'kms:*', role(allow('kms:*', 'arn'))],
  ['role_names_actions', 'one of several', role(allow(['kms:Sign', 'ec2:Describe*'], 'arn'))],
  ['role_names_actions', 'NotAction', role({ Effect: 'Allow', NotAction: 'kms:Sign', Resource: 'arn' })],
  ['policy_names_actions', 'kms:*', attached(allow(['kms:*'], 'arn'))],
  ['role_names_resources', 'kms:Sign on *', role(allow('kms:Sign', '*'))],
  [
    'role_names_resources',
    'beside one that may',
    role(allow(['ec2:DescribeClientVpnEndpoints', 'ec2:CreateTags'], ['*'])),
  ],
  ['policy_names_resources', 'kms:Sign on *', attached(allow('kms:Sign', ['*']))],
  [
    'role_has_no_managed_policy',
    'one of AWS',
    { Type: 'AWS::IAM::Role', Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] } },
  ],
  ['function_runs_as_itself_on_node_24', 'older', lambda({ ...functionProperties, Runtime: 'nodejs22.x' })],
  [
    'function_runs_as_itself_on_node_24',
    'another account’s role',
    lambda({ ...functionProperties, Role: 'arn' }),
  ],
  ['no_function_url', 'one', { Type: 'AWS::Lambda::Url', Properties: { AuthType: 'NONE' } }],
  ['function_is_invoked_by_named_services', 'anybody', permission({ Principal: '*', SourceArn: 'arn' })],
  ['function_is_invoked_by_named_services', 'any API', permission({ Principal: 'apigateway.amazonaws.com' })],
  ['endpoint_outlives_the_stack', 'deleted with it', endpoint(endpointProperties, 'Delete')],
  [
    'endpoint_asks_the_gate_and_ends_sessions',
    'no gate',
    endpoint({ ...endpointProperties, ClientConnectOptions: { Enabled: false, LambdaFunctionArn: 'arn' } }),
  ],
  [
    'endpoint_asks_the_gate_and_ends_sessions',
    'sessions for ever',
    endpoint({ ...endpointProperties, DisconnectOnSessionTimeout: false }),
  ],
  ['alarm_tells_the_operators', 'nobody', alarm({ ...alarmProperties, AlarmActions: [] })],
  ['alarm_tells_the_operators', 'not at all', alarm({ AlarmDescription: 'w', TreatMissingData: 'ignore' })],
  [
    'alarm_tells_the_operators',
    'missing data left open',
    alarm({ AlarmDescription: 'w', AlarmActions: [{ Ref: 'AlarmTopic' }] }),
  ],
  ['api_logs_and_throttles', 'no log', stage({ DefaultRouteSettings: throttled })],
  ['api_logs_and_throttles', 'no throttle', stage({ AccessLogSettings: { DestinationArn: 'arn' } })],
];

describe('infra/aws/policy.guard', () => {
  it('finds nothing in a template that keeps every rule', () => {
    expect(policyFindings(ROOT, write(GOOD), RULES)).toEqual([]);
  });

  it('has a planted violation of each rule', () => {
    const rules = [...readFileSync(RULES, 'utf8').matchAll(/^rule (\w+)/gm)].map(([, name]) => name);
    expect([...new Set(PLANTED.map(([rule]) => rule))].sort()).toEqual(rules.sort());
  });

  // One run for all: each is looked for by its own name.
  const planted = Object.fromEntries(PLANTED.map(([, , resource], index) => [`Planted${index}`, resource]));
  let found: readonly Finding[] = [];
  beforeAll(() => (found = policyFindings(ROOT, write({ ...GOOD, ...planted }), RULES)));

  it.each(PLANTED.map(([rule, how], index) => [rule, how, `Planted${index}`] as const))(
    'finds what breaks %s, and no other rule: %s',
    (rule, _how, logicalId) => {
      const rules = found.filter(({ where }) => where.split('.')[0] === logicalId).map((one) => one.rule);
      expect([...new Set(rules)]).toEqual([rule]);
    },
  );

  it('says where and how to mend it', () => {
    const [finding] = policyFindings(ROOT, write({ ...GOOD, Planted: role(allow('kms:*', 'arn')) }), RULES);
    expect(finding).toMatchObject({ rule: 'role_names_actions', cure: 'Name each action' });
    expect(finding?.where).toMatch(/^Planted\.Properties\.Policies/);
  });

  it('does not take rules that it cannot read for rules that held', () => {
    const rules = join(directory, 'broken.guard');
    writeFileSync(rules, 'rule broken { %%% }');
    expect(() => policyFindings(ROOT, write(GOOD), rules)).toThrow(/cfn-guard failed/);
  });
});

it('finds what CloudFormation would refuse: a value that a property does not take', () => {
  const planted = table({ ...tableProperties, BillingMode: 'FREE', KeySchema: [], AttributeDefinitions: [] });
  const [finding] = validatorFindings(write({ Planted: planted })).filter(
    ({ rule }) => rule === 'W3030' || rule === 'E3030',
  );
  expect(finding?.where).toMatch(/^Planted.*BillingMode/);
});
