import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { arn } from '../../names.ts';
import {
  AwsError,
  queryError,
  type CloudRequest,
  type CloudResponse,
  type QueryHandler,
} from '../protocol.ts';

/** SNS's version of the query protocol, by which its requests are told from EC2's. */
export const SNS_VERSION = '2010-03-31';

/** A message as a subscriber would get it. */
export interface PublishedMessage {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject: string | undefined;
  /** What e-mail subscribers read, and what all others do. */
  readonly email: string;
  readonly text: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What the local stack does with SNS without going through its API. */
export interface SnsControl {
  /** @returns the topic's ARN, the same for the same name */
  ensureTopic(name: string): string;
  /** The latest messages, oldest first; of one topic where it is named. */
  messages(topicArn?: string): readonly PublishedMessage[];
  onMessage(listener: (message: PublishedMessage) => void): void;
}

const KEPT_MESSAGES = 1_000;
const MAX_MESSAGE_OCTETS = 262_144;
const structured = z.record(z.string(), z.string()).and(z.object({ default: z.string() }));

/** A stand-in for SNS: topics without subscribers, whose messages are kept for whoever looks. */
export function snsService(): { handle: QueryHandler; control: SnsControl } {
  const topics = new Set<string>();
  const listeners: ((message: PublishedMessage) => void)[] = [];
  let kept: PublishedMessage[] = [];

  const publish = (query: URLSearchParams): string => {
    const topicArn = query.get('TopicArn') ?? '';
    if (!topics.has(topicArn)) throw new AwsError('NotFound', 'Topic does not exist', 404);
    const message = messageFrom(topicArn, query);
    kept = [...kept, message].slice(-KEPT_MESSAGES);
    for (const listener of listeners) listener(message);
    return message.messageId;
  };

  return {
    handle: async ({ body }: CloudRequest): Promise<CloudResponse> => {
      const query = new URLSearchParams(body);
      const action = query.get('Action') ?? '';
      try {
        if (action !== 'Publish') throw new AwsError('InvalidAction', `the stand-in for SNS lacks ${action}`);
        const messageId = publish(query);
        return {
          status: 200,
          headers: { 'content-type': 'text/xml' },
          body:
            '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">' +
            `<PublishResult><MessageId>${messageId}</MessageId></PublishResult>` +
            `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></PublishResponse>`,
        };
      } catch (error) {
        if (error instanceof AwsError) return snsError(error.status, error.code, error.message);
        throw error;
      }
    },
    control: {
      ensureTopic(name) {
        const topicArn = arn('sns', name);
        topics.add(topicArn);
        return topicArn;
      },
      messages: (topicArn) =>
        kept.filter((message) => topicArn === undefined || message.topicArn === topicArn),
      onMessage: (listener) => void listeners.push(listener),
    },
  };
}

/** What SNS takes (API reference, Publish). */
function messageFrom(topicArn: string, query: URLSearchParams): PublishedMessage {
  const message = query.get('Message') ?? '';
  const subject = query.get('Subject') ?? undefined;
  if (message === '' || Buffer.byteLength(message) > MAX_MESSAGE_OCTETS) throw invalid('Message');
  // ASCII that begins with a letter, number or punctuation mark, without line breaks, less than 100 characters.
  if (subject !== undefined && !/^[!-~][ -~]{0,98}$/.test(subject)) throw invalid('Subject');
  const { text, email } = bodiesOf(message, query.get('MessageStructure') ?? undefined);
  const attributes: Record<string, string> = {};
  for (let n = 1; query.has(`MessageAttributes.entry.${n}.Name`); n += 1) {
    const name = query.get(`MessageAttributes.entry.${n}.Name`) ?? '';
    const value = query.get(`MessageAttributes.entry.${n}.Value.StringValue`) ?? '';
    const isGood = /^[A-Za-z0-9_.-]{1,256}$/.test(name) && value !== '';
    if (!isGood) throw new AwsError('ParameterValueInvalid', `The message attribute ${name} is not valid`);
    attributes[name] = value;
  }
  return { messageId: randomUUID(), topicArn, subject, email, text, attributes };
}

function bodiesOf(message: string, structure: string | undefined): { text: string; email: string } {
  if (structure === undefined) return { text: message, email: message };
  const parsed = structure === 'json' ? structured.safeParse(parseJson(message)) : undefined;
  if (parsed?.success !== true) throw invalid('Message Structure - JSON message body failed to parse');
  const { default: text, email = text } = parsed.data;
  return { text, email };
}

const invalid = (what: string): AwsError => new AwsError('InvalidParameter', `Invalid parameter: ${what}`);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** SNS's errors have another frame than EC2's. */
export const snsError = (status: number, code: string, message: string): CloudResponse => {
  const { headers, body } = queryError(status, code, message);
  const inner = /<Error>[^]*<\/Error>/.exec(body)?.[0].replace('<Error>', '<Error><Type>Sender</Type>') ?? '';
  return {
    status,
    ...(headers === undefined ? {} : { headers }),
    body: `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${inner}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  };
};
