import { fileURLToPath } from 'node:url';
import { functionReferences, readService, type Service } from '../../../infra/local/runner/service.ts';
import { readServiceFile } from '../../../infra/local/runner/service-file.ts';
import { byPhase, makeResources, type ResourceMaker } from '../../../infra/local/runner/resources.ts';
import type { QueueSource, ReceivedMessage } from '../../../infra/local/runner/queue-pump.ts';

export const FIXTURE = fileURLToPath(new URL('fixture/serverless.yml', import.meta.url));

/** Names every resource after itself. */
export const namingMaker: ResourceMaker = async ({ logicalId }) => ({
  ref: `ref-of-${logicalId}`,
  attributes: { Arn: `arn-of-${logicalId}`, QueueName: `name-of-${logicalId}` },
});

export const MADE_TYPES = [
  'AWS::DynamoDB::Table',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::KMS::Key',
  'AWS::Lambda::Alias',
  'AWS::Lambda::Version',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
] as const;

export async function fixtureService(params: Record<string, string> = {}): Promise<Service> {
  const file = readServiceFile(FIXTURE, { stage: 'local', params });
  const lookup = await makeResources(
    byPhase(file.resources).beforeFunctions,
    Object.fromEntries(MADE_TYPES.map((type) => [type, namingMaker])),
    functionReferences(file),
  );
  return readService(file, lookup);
}

export interface FakeQueues extends QueueSource {
  send(queueArn: string, body: string): void;
  readonly remaining: () => readonly string[];
}

/** One queue without groups, in memory; messages released more often than `maxReceiveCount` are dropped. */
export function fakeQueues(maxReceiveCount = 3): FakeQueues {
  let messages: { id: number; queueArn: string; body: string; received: number; visible: boolean }[] = [];
  const listeners = new Set<(queueArn: string) => void>();
  const tell = (queueArn: string) => listeners.forEach((listener) => listener(queueArn));
  let sent = 0;
  return {
    send(queueArn, body) {
      sent += 1;
      messages.push({ id: sent, queueArn, body, received: 0, visible: true });
      tell(queueArn);
    },
    receive: (queueArn, maxMessages) =>
      messages
        .filter((one) => one.visible && one.queueArn === queueArn)
        .slice(0, maxMessages)
        .map((one): ReceivedMessage => {
          one.visible = false;
          one.received += 1;
          return {
            messageId: `id-${one.id}`,
            receiptHandle: String(one.id),
            body: one.body,
            md5OfBody: '',
            attributes: { ApproximateReceiveCount: String(one.received) },
          };
        }),
    delete(_queueArn, receiptHandle) {
      messages = messages.filter(({ id }) => String(id) !== receiptHandle);
    },
    release(queueArn, receiptHandle, delaySeconds) {
      const message = messages.find(({ id }) => String(id) === receiptHandle);
      if (message === undefined) return;
      if (message.received >= maxReceiveCount) {
        messages = messages.filter((one) => one !== message);
        return;
      }
      setTimeout(() => {
        message.visible = true;
        tell(queueArn);
      }, delaySeconds * 1000);
    },
    count: (queueArn) => messages.filter((one) => one.queueArn === queueArn).length,
    onMessage(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    remaining: () => messages.map(({ body }) => body),
  };
}
