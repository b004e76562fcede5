import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Cloud } from '../cloud/server.ts';
import { createTable } from '../dynamodb.ts';
import { arn } from '../names.ts';
import type { ResourceMaker } from '../runner/resources.ts';
import { childOf, isTreeList, type Tree } from '../runner/yaml.ts';

export interface ResourceMakersOptions {
  readonly cloud: Pick<Cloud, 'eventBridge' | 'kms' | 's3' | 'sns' | 'sqs' | 'secrets'>;
  readonly dynamoDbEndpoint: string;
  /** As CloudFormation does, before the logical id of whatever has no name of its own. */
  readonly stackName: string;
  /** What the company's directory wants to be shown; another one after each start. */
  readonly directoryToken: string;
  /** Told each secret's name. */
  readonly madeSecret: (name: string) => void;
}

/** SQS's default. */
const VISIBILITY_TIMEOUT_SECONDS = 30;

/** A Standard Webhooks secret has 24 to 64 octets. */
const SECRET_OCTETS = 32;

/** How each resource of serverless.yml comes to be on a laptop. */
export function resourceMakers({
  cloud,
  dynamoDbEndpoint,
  stackName,
  directoryToken,
  madeSecret,
}: ResourceMakersOptions): Record<string, ResourceMaker> {
  return {
    'AWS::DynamoDB::Table': tableMaker(dynamoDbEndpoint, stackName),
    'AWS::SQS::Queue': queueMaker(cloud, stackName),
    'AWS::SNS::Topic': topicMaker(cloud, stackName),
    'AWS::S3::Bucket': async ({ logicalId, properties }) => {
      const name = (textOf(properties['BucketName']) ?? `${stackName}-${logicalId}`).toLowerCase();
      const tells =
        childOf(properties['NotificationConfiguration'], 'EventBridgeConfiguration') !== undefined;
      cloud.s3.ensureBucket(name, { tells });
      return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } };
    },
    'AWS::Events::EventBus': async ({ properties }) => {
      const name = textOf(properties['Name']) ?? 'default';
      return { ref: name, attributes: { Arn: arn('events', `event-bus/${name}`), Name: name } };
    },
    'AWS::Events::Rule': ruleMaker(cloud),
    'AWS::KMS::Key': async ({ logicalId }) => {
      const { keyId, keyArn } = await cloud.kms.ensureKey(logicalId);
      return { ref: keyId, attributes: { Arn: keyArn, KeyId: keyId } };
    },
    'AWS::SecretsManager::Secret': async ({ logicalId, properties }) => {
      const name = textOf(properties['Name']) ?? `${stackName}/${logicalId}`;
      const { arn: secretArn, hasValue } = cloud.secrets.ensure(name);
      // At AWS an operator puts the secret in; here it makes itself, once, so that the HR system can be tried.
      // A mailbox: there is nothing in it before somebody wrote.
      if (logicalId === 'SourceVerifications')
        return { ref: secretArn, attributes: { Id: secretArn, Name: name } };
      if (logicalId === 'DirectorySecret') {
        cloud.secrets.put(name, JSON.stringify({ bearerToken: directoryToken }));
      } else if (!hasValue)
        cloud.secrets.put(name, textOf(properties['SecretString']) ?? newSecret(logicalId));
      madeSecret(name);
      return { ref: secretArn, attributes: { Id: secretArn, Name: name } };
    },
    'AWS::Lambda::Alias': async ({ properties }) => {
      const aliasArn = `${functionArnOf(properties['FunctionName'])}:${textOf(properties['Name']) ?? ''}`;
      return { ref: aliasArn, attributes: { AliasArn: aliasArn } };
    },
    // Functions have one version here, which is what the sources say.
    'AWS::Lambda::Version': async ({ properties }) => {
      const versionArn = `${functionArnOf(properties['FunctionName'])}:1`;
      return { ref: versionArn, attributes: { Version: '1', FunctionArn: versionArn } };
    },
  };
}

const tableMaker =
  (dynamoDbEndpoint: string, stackName: string): ResourceMaker =>
  async ({ logicalId, properties }) => {
    const name = textOf(properties['TableName']) ?? `${stackName}-${logicalId}`;
    const client = new DynamoDBClient({ endpoint: dynamoDbEndpoint });
    try {
      await createTable(client, name);
    } finally {
      client.destroy();
    }
    return { ref: name, attributes: { Arn: arn('dynamodb', `table/${name}`) } };
  };

const queueMaker =
  ({ sqs }: Pick<Cloud, 'sqs'>, stackName: string): ResourceMaker =>
  async ({ logicalId, properties }) => {
    const fifo = properties['FifoQueue'] === true;
    const name = textOf(properties['QueueName']) ?? `${stackName}-${logicalId}${fifo ? '.fifo' : ''}`;
    const deadLetterTargetArn = textOf(childOf(properties['RedrivePolicy'], 'deadLetterTargetArn'));
    const queue = sqs.ensureQueue({
      name,
      fifo,
      visibilityTimeoutSeconds: numberOf(properties['VisibilityTimeout']) ?? VISIBILITY_TIMEOUT_SECONDS,
      contentBasedDeduplication: properties['ContentBasedDeduplication'] === true,
      ...(deadLetterTargetArn === undefined
        ? {}
        : {
            redrive: {
              deadLetterTargetArn,
              maxReceiveCount: numberOf(childOf(properties['RedrivePolicy'], 'maxReceiveCount')) ?? 10,
            },
          }),
    });
    return { ref: queue.url, attributes: { Arn: queue.arn, QueueName: name, QueueUrl: queue.url } };
  };

const topicMaker =
  ({ sns }: Pick<Cloud, 'sns'>, stackName: string): ResourceMaker =>
  async ({ logicalId, properties }) => {
    const name = textOf(properties['TopicName']) ?? `${stackName}-${logicalId}`;
    const topicArn = sns.ensureTopic(name);
    return { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: name } };
  };

/** SCIM's clients show tokens; everybody else signs. */
const newSecret = (logicalId: string): string =>
  logicalId === 'ScimTokens'
    ? JSON.stringify({ tokens: [randomBytes(SECRET_OCTETS).toString('base64url')] })
    : newWebhookSecrets();

const ruleMaker =
  ({ eventBridge }: Pick<Cloud, 'eventBridge'>): ResourceMaker =>
  async ({ logicalId, properties }) => {
    const bus = textOf(properties['EventBusName']) ?? 'default';
    const targets = properties['Targets'];
    const queueArns = (isTreeList(targets) ? targets : [])
      .map((target) => textOf(childOf(target, 'Arn')) ?? '')
      .filter((target) => target.includes(':sqs:'));
    // Rules that tell topics look at CloudTrail, which there is not here.
    if (queueArns.length > 0 && properties['State'] !== 'DISABLED') {
      eventBridge.ensureRule({ name: logicalId, bus, pattern: properties['EventPattern'], queueArns });
    }
    return { ref: logicalId, attributes: { Arn: arn('events', `rule/${logicalId}`) } };
  };

/** The value of a webhook's secret: one live secret in the form that Standard Webhooks writes them. */
const newWebhookSecrets = (): string =>
  JSON.stringify({ secrets: [`whsec_${randomBytes(SECRET_OCTETS).toString('base64')}`] });

function functionArnOf(value: Tree): string {
  const name = textOf(value) ?? '';
  return name.startsWith('arn:') ? name : arn('lambda', `function:${name}`);
}

const textOf = (value: Tree): string | undefined => (typeof value === 'string' ? value : undefined);
const numberOf = (value: Tree): number | undefined => (typeof value === 'number' ? value : undefined);
