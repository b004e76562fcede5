import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readServiceFile } from '../../infra/local/runner/service-file.ts';
import { functionLogicalId } from '../../infra/local/runner/service.ts';
import { childOf, isTreeList, isTreeObject, type Tree } from '../../infra/local/runner/yaml.ts';
import { reachReader, type Reach } from './reach.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const file = readServiceFile(join(ROOT, 'serverless.yml'), {
  stage: 'local',
  params: { oidcIssuer: 'https://issuer.example' },
});

const list = (tree: Tree): readonly Tree[] => (tree === undefined ? [] : isTreeList(tree) ? tree : [tree]);
const text = (tree: Tree): string => (typeof tree === 'string' ? tree : JSON.stringify(tree));
const at = (tree: Tree, ...keys: string[]): Tree => keys.reduce<Tree>(childOf, tree);

/** A resource in a word: `Table.Arn`, `HrWebhookSecret`, `client-vpn-endpoint/*`, `*`. */
function nameOf(resource: Tree): string {
  if (!isTreeObject(resource)) return text(resource);
  const attribute = resource['Fn::GetAtt'];
  if (attribute !== undefined) return list(attribute).map(text).join('.');
  if (resource['Ref'] !== undefined) return text(resource['Ref']);
  return text(resource['Fn::Sub']).replace(
    /^arn:\$\{AWS::Partition\}:\w+:(?:\$\{AWS::Region\})?:\$\{AWS::AccountId\}:/,
    '',
  );
}

/**
 * A statement as one line for each action and resource, with its condition; and where the condition names items, a
 * line for each kind of them.
 */
function linesOf(statement: Tree): string[] {
  const { 'ForAllValues:StringLike': like, ...rest } = conditionOf(statement);
  const partitionKeys = list(at(like, 'dynamodb:LeadingKeys')).map(text);
  const where = Object.keys(rest).length === 0 ? '' : ` where ${JSON.stringify(rest)}`;
  const sid = partitionKeys.length === 0 ? '' : `${text(at(statement, 'Sid'))}: `;
  return [
    ...list(at(statement, 'Action')).flatMap((action) =>
      list(at(statement, 'Resource')).map(
        (resource) => `${sid}${text(action)} on ${nameOf(resource)}${where}`,
      ),
    ),
    ...partitionKeys.map((key) => `${sid}items ${key}`),
  ];
}

function conditionOf(statement: Tree): { readonly [key: string]: Tree } {
  const condition = at(statement, 'Condition');
  return isTreeObject(condition) ? condition : {};
}

const AS_WE_SIGN = { 'kms:SigningAlgorithm': 'RSASSA_PKCS1_V1_5_SHA_256', 'kms:MessageType': 'DIGEST' };

/** The narrowest resource that each call takes. EC2's Describe calls take none; an endpoint's id is known too late. */
const RESOURCE_OF: Readonly<Record<string, string>> = {
  'kms:Sign': `CaKey.Arn where ${JSON.stringify({ StringEquals: AS_WE_SIGN })}`,
  'kms:GetPublicKey': 'CaKey.Arn',
  'secretsmanager:PutSecretValue': 'SourceVerifications',
  'acm:GetCertificate': 'certificate/*',
  'acm:ImportCertificate': 'certificate/*',
  'lambda:InvokeFunction': '${GateLambdaFunction.Arn}:*',
  'codedeploy:PutLifecycleEventHookExecutionStatus': 'deploymentgroup:vpn-portal-local-gate/live',
  'cloudformation:DescribeStacks': 'AWS::StackId',
  'ec2:DescribeClientVpnConnections': '*',
  'ec2:DescribeClientVpnEndpoints': '*',
  'ec2:ExportClientVpnClientConfiguration': 'client-vpn-endpoint/*',
  'ec2:ExportClientVpnClientCertificateRevocationList': 'client-vpn-endpoint/*',
  'ec2:ImportClientVpnClientCertificateRevocationList': 'client-vpn-endpoint/*',
  'ec2:TerminateClientVpnConnections': 'client-vpn-endpoint/*',
  's3:GetObject': '${JournalBucket.Arn}/journal/*',
  's3:PutObject': '${JournalBucket.Arn}/journal/*',
  's3:ListBucket': 'JournalBucket.Arn',
  'sts:AssumeRole': 'arn:${AWS::Partition}:iam::*:role/vpn-portal-endpoint-*',
};

/** Made by set-up, which cannot know its ARN before; renewed by who knows it. */
const THE_ONE_CERTIFICATE = 'Authority.ServerCertificateArn';
/** Secrets that are no webhook's, by function. */
const SECRET_OF: Readonly<Record<string, string>> = {
  scim: 'ScimTokens',
  reconciliation: 'DirectorySecret',
  'directory-lookup': 'LookupSecrets',
};
const resourcesOf = (key: string, call: string): string[] => {
  if (key === 'leavers-file' && call === 's3:GetObject') return ['${LeaversBucket.Arn}/*'];
  if (key === 'reconciliation' && call === 's3:GetObject') return ['${DirectoryBucket.Arn}/directory.csv'];
  // Of each source that posts, and of nobody else.
  if (key === 'offboarding-webhook' && call === 'secretsmanager:GetSecretValue') {
    return Object.keys(file.resources).filter((id) => id.endsWith('WebhookSecret'));
  }
  return [resourceOfCall(key, call)];
};
const resourceOfCall = (key: string, call: string): string =>
  key === 'server-certificate-renewal' && call.startsWith('acm:')
    ? THE_ONE_CERTIFICATE
    : ((call === 'secretsmanager:GetSecretValue' ? SECRET_OF[key] : undefined) ??
      RESOURCE_OF[call] ??
      'a resource that RESOURCE_OF names');

const QUEUE_OF: Readonly<Record<string, string>> = {
  'Wake.connections': 'ConnectionsQueue.Arn',
  'Wake.publication': 'PublicationQueue.Arn',
  'LookupQueue.ask': 'LookupQueue.Arn',
};

/** Each function puts aside beside its own queue. */
const deadLettersOf: Readonly<Record<string, string>> = {
  'bus-events': 'BusEventsDeadLetters.Arn',
  'leavers-file': 'LeaversFileDeadLetters.Arn',
  'directory-lookup': 'LookupDeadLetters.Arn',
};

const TOPIC_OF: Readonly<Record<string, string>> = {
  'Notices.certificateIssued': 'HoldersTopic',
  'Notices.certificateEnding': 'HoldersTopic',
  'Notices.endingDigest': 'AlarmTopic',
  'Notices.happened': 'AlarmTopic',
  'Notices.failing': 'AlarmTopic',
};

/** `ALIAS#*#*` is `ALIAS#*`, and what another pattern covers is left out. */
function patternsOf(partitionKeys: readonly string[]): string[] {
  const short = [...new Set(partitionKeys.map((key) => key.replace(/(?:#\*)+$/, '#*')))].sort();
  const covers = (wide: string, key: string): boolean =>
    wide !== key && wide.endsWith('*') && key.startsWith(wide.slice(0, -1));
  return short.filter((key) => !short.some((wide) => covers(wide, key)));
}

/** What Lambda does in a function's name with the queues that feed it. */
const queueEventsOf = (definition: Tree): string[] =>
  list(at(definition, 'events'))
    .map((event) => at(event, 'sqs', 'arn'))
    .filter((arn) => arn !== undefined)
    .flatMap((arn) =>
      ['DeleteMessage', 'GetQueueAttributes', 'ReceiveMessage'].map(
        (action) => `sqs:${action} on ${nameOf(arn)}`,
      ),
    );

function neededBy(key: string, definition: Tree, reach: Reach): string[] {
  const logGroup = functionLogicalId(key).replace(/LambdaFunction$/, 'LogGroup');
  const onTable = (sid: string, { actions, partitionKeys }: Reach['reads']): string[] =>
    actions.length === 0
      ? []
      : [
          ...actions.map((action) => `${sid}: dynamodb:${action} on Table.Arn`),
          ...patternsOf(partitionKeys).map((key) => `${sid}: items ${key}`),
        ];
  return [
    `logs:CreateLogStream on ${logGroup}.Arn`,
    `logs:PutLogEvents on ${logGroup}.Arn`,
    ...onTable('ReadItems', reach.reads),
    ...onTable('WriteItems', reach.writes),
    ...reach.calls
      .filter((call) => call !== 'sqs:SendMessage' && call !== 'sns:Publish')
      .flatMap((call) => resourcesOf(key, call).map((resource) => `${call} on ${resource}`)),
    ...reach.methods.flatMap((method) =>
      QUEUE_OF[method] === undefined ? [] : [`sqs:SendMessage on ${QUEUE_OF[method]}`],
    ),
    ...reach.methods
      .filter((method) => method === 'DeadLetters.bury')
      .map(() => `sqs:SendMessage on ${deadLettersOf[key] ?? 'a queue of its own'}`),
    ...new Set(
      reach.methods.flatMap((method) =>
        TOPIC_OF[method] === undefined ? [] : [`sns:Publish on ${TOPIC_OF[method]}`],
      ),
    ),
    ...queueEventsOf(definition),
  ].sort();
}

const functions = childOf(file.tree, 'functions');
const entries = Object.entries(isTreeObject(functions) ? functions : {});
const keys = entries.map(([key]) => key);
const roleOf = (key: string): string => text(at(functions, key, 'role'));

/** Lines of the role itself, and of the policies that are attached to it. */
function allowedTo(role: string): string[] {
  const own = list(at(file.resources[role], 'Properties', 'Policies')).map((one) =>
    at(one, 'PolicyDocument'),
  );
  const attached = Object.values(file.resources)
    .filter((one) => at(one, 'Type') === 'AWS::IAM::Policy')
    .filter((one) => list(at(one, 'Properties', 'Roles')).some((to) => nameOf(to) === role))
    .map((one) => at(one, 'Properties', 'PolicyDocument'));
  return [...own, ...attached].flatMap((document) => list(at(document, 'Statement')).flatMap(linesOf)).sort();
}

const reachOf = reachReader(ROOT);

/** A person's, when the portal cannot do it: `gate`, `uninstall` and `redrive` of the command line. */
const OPERATOR = 'OperatorRole';

describe("an operator's role", () => {
  const ids = (name: RegExp): string[] =>
    Object.keys(file.resources)
      .filter((id) => at(file.resources[id], 'Type') === 'AWS::SQS::Queue')
      .filter((id) => name.test(id));
  const callsOf = (path: string): string[] => {
    const made = [...readFileSync(join(ROOT, path), 'utf8').matchAll(/new (\w+)Command\(/g)];
    return [...new Set(made.map(([, call = '']) => call))];
  };

  it('allows what the publisher may do to lists, to switch the gate, and to send dead letters back', () => {
    const functionsOwn = /^(logs|sqs|sts):/;
    expect(allowedTo(OPERATOR)).toEqual(
      [
        ...allowedTo(roleOf('publisher')).filter((line) => !functionsOwn.test(line)),
        'ec2:ModifyClientVpnEndpoint on client-vpn-endpoint/*',
        'sts:AssumeRole on arn:${AWS::Partition}:iam::*:role/vpn-portal-operator-*',
        `lambda:InvokeFunction on ${RESOURCE_OF['lambda:InvokeFunction'] ?? ''}`,
        'cloudformation:ListStackResources on AWS::StackId',
        ...callsOf('shared/adapters/operator/sqs-dead-letter-queue.ts').flatMap((call) =>
          ids(call === 'SendMessage' ? /Queue$/ : /DeadLetters$/).map((id) => `sqs:${call} on ${id}.Arn`),
        ),
      ].sort(),
    );
  });

  it('may be taken by people of this account only', () => {
    const trust = at(file.resources[OPERATOR], 'Properties', 'AssumeRolePolicyDocument', 'Statement');
    expect(list(trust)).toHaveLength(1);
    expect(nameOf(at(list(trust)[0], 'Principal', 'AWS'))).toBe('root');
  });
});

describe("each function's role", () => {
  it('is its own', () => {
    const roles = keys.map(roleOf);
    expect(new Set(roles).size).toBe(keys.length);
    const declared = Object.keys(file.resources)
      .filter((id) => at(file.resources[id], 'Type') === 'AWS::IAM::Role')
      // CodeDeploy's own, and an operator's.
      .filter((id) => id !== 'GateDeploymentRole' && id !== OPERATOR);
    expect(roles.sort()).toEqual(declared.sort());
  });

  it.each(keys)('allows %s what its code reaches, neither more nor less', (key) => {
    expect(allowedTo(roleOf(key))).toEqual(neededBy(key, at(functions, key), reachOf(key)));
  });

  it('may be taken by Lambda only', () => {
    for (const key of keys) {
      const trust = at(file.resources[roleOf(key)], 'Properties', 'AssumeRolePolicyDocument', 'Statement');
      expect(list(trust)).toEqual([
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ]);
    }
  });

  it.each([
    ['kms:Sign', ['issue-certificate', 'publisher', 'server-certificate-renewal', 'set-up']],
    ['ec2:ImportClientVpnClientCertificateRevocationList', ['publisher']],
    ['ec2:TerminateClientVpnConnections', ['endpoint-worker']],
    ['acm:ImportCertificate', ['server-certificate-renewal', 'set-up']],
    ['sns:Publish', ['notices']],
    ['secretsmanager:PutSecretValue', ['offboarding-webhook']],
    ['secretsmanager:GetSecretValue', ['directory-lookup', 'offboarding-webhook', 'reconciliation', 'scim']],
    ['lambda:InvokeFunction', ['gate-probe']],
  ])('allows %s to nobody but those who are meant to', (action, meant) => {
    const may = keys.filter((key) => allowedTo(roleOf(key)).some((line) => line.startsWith(`${action} on `)));
    expect(may.sort()).toEqual(meant);
  });
});

describe("the key's policy", () => {
  const statements = list(at(file.resources['CaKey'], 'Properties', 'KeyPolicy', 'Statement'));
  const allowing = (action: string) =>
    statements.filter((one) => list(at(one, 'Action')).some((name) => text(name) === action));

  it('says from its side who signs, and how', () => {
    const [signing, ...others] = allowing('kms:Sign');
    expect(others).toEqual([]);
    const signers = keys.filter((key) => reachOf(key).calls.includes('kms:Sign')).map(roleOf);
    const named = list(at(signing, 'Principal', 'AWS')).map(nameOf);
    expect(named.sort()).toEqual([...signers, OPERATOR].map((role) => `${role}.Arn`).sort());
    expect(at(signing, 'Condition')).toEqual({ StringEquals: AS_WE_SIGN });
  });

  it('lets nobody who administers the key sign with it or lend it', () => {
    const [administration] = statements.filter((one) => nameOf(at(one, 'Principal', 'AWS')).endsWith('root'));
    const actions = list(at(administration, 'Action')).map(text);
    expect(actions).toContain('kms:PutKeyPolicy');
    for (const action of ['kms:Sign', 'kms:CreateGrant', 'kms:*']) expect(actions).not.toContain(action);
  });
});

describe('what is read from the source', () => {
  it('is, for the gate, two kinds of items and nothing else', () => {
    expect(reachOf('gate')).toMatchObject({
      calls: [],
      reads: { actions: ['GetItem'], partitionKeys: ['CERT#*', 'PERSON#*'] },
      writes: { actions: [], partitionKeys: [] },
    });
  });

  it('misses no call that an adapter makes', () => {
    // What only the command line is wired with acts with the rights of whoever types.
    const made = globSync('shared/adapters/**/*.ts', {
      cwd: ROOT,
      exclude: ['**/dynamo/**', '**/inspection/**', '**/operator/**'],
    })
      .flatMap((path) => [
        ...readFileSync(join(ROOT, path), 'utf8').matchAll(/(?:new |= paginate)(\w+?)(?:Command)?\(/g),
      ])
      .flatMap(([whole, name = '']) => (/Command\(|paginate/.test(whole) ? [name] : []));
    expect(made.length).toBeGreaterThan(8);
    const reached = new Set(keys.flatMap((key) => reachOf(key).calls).map((call) => call.split(':')[1]));
    // IAM calls these by other names.
    const others: Readonly<Record<string, string>> = {
      Invoke: 'InvokeFunction',
      ListObjectsV2: 'ListBucket',
    };
    expect(made.filter((name) => !reached.has(others[name] ?? name))).toEqual([]);
  });
});
