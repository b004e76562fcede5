import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { ACCOUNT, REGION } from '../names.ts';
import { jsonAction, type JsonService } from './protocol.ts';
import type { CreatedObject } from './s3/service.ts';

/** A rule whose targets are queues. */
export interface BusRule {
  readonly name: string;
  /** `default`, or a bus by its name. */
  readonly bus: string;
  /** As CloudFormation has it: members that must be there, each with the values of which one must be it. */
  readonly pattern: unknown;
  readonly queueArns: readonly string[];
}

export interface NewBusEvent {
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: object;
  readonly time?: string;
  /** Another account's, where it has the right to put events here. */
  readonly account?: string;
}

/** What the local stack does to EventBridge without going through its API. */
export interface EventBridgeControl {
  /** The rule of that name on that bus, as it is from now on. */
  ensureRule(rule: BusRule): void;
  /** @returns the event's id */
  put(event: NewBusEvent): string;
}

const putEvents = z.object({
  Entries: z
    .array(
      z.object({
        Source: z.string().min(1),
        DetailType: z.string().min(1).max(128),
        Detail: z.string(),
        EventBusName: z.string().default('default'),
        Time: z.number().optional(),
      }),
    )
    .min(1)
    .max(10),
});

/** A stand-in for EventBridge: events go to the queues of the rules that they match. Nothing is kept. */
export function eventBridgeService({
  now,
  send,
}: {
  readonly now: () => number;
  readonly send: (queueArn: string, body: string) => void;
}): {
  readonly service: JsonService;
  readonly control: EventBridgeControl;
  readonly objectCreated: (object: CreatedObject) => void;
} {
  const rules = new Map<string, BusRule>();
  const put = ({ bus, source, detailType, detail, time, account = ACCOUNT }: NewBusEvent): string => {
    const id = randomUUID();
    const event = {
      version: '0',
      id,
      'detail-type': detailType,
      source,
      account,
      time: time ?? secondsOf(now()),
      region: REGION,
      resources: [],
      detail,
    };
    for (const rule of rules.values()) {
      if (rule.bus !== bus || !isMatch(rule.pattern, event)) continue;
      for (const queueArn of rule.queueArns) send(queueArn, JSON.stringify(event));
    }
    return id;
  };
  const action = jsonAction(putEvents, ({ Entries }) => ({
    FailedEntryCount: Entries.filter(({ Detail }) => objectFrom(Detail) === undefined).length,
    Entries: Entries.map(({ Source, DetailType, Detail, EventBusName, Time }) => {
      const detail = objectFrom(Detail);
      if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
      const time = Time === undefined ? {} : { time: secondsOf(Time * 1000) };
      const bus = EventBusName.split('/').at(-1) ?? '';
      return { EventId: put({ bus, source: Source, detailType: DetailType, detail, ...time }) };
    }),
  }));
  return {
    service: {
      name: 'event-bridge',
      targetPrefix: 'AWSEvents',
      contentType: 'application/x-amz-json-1.1',
      actions: new Map([['PutEvents', action]]),
    },
    control: { ensureRule: (rule) => void rules.set(`${rule.bus}/${rule.name}`, rule), put },
    objectCreated({ bucket, key, size, etag }) {
      const detail = {
        version: '0',
        bucket: { name: bucket },
        object: { key, size, etag },
        reason: 'PutObject',
      };
      put({ bus: 'default', source: 'aws.s3', detailType: 'Object Created', detail });
    },
  };
}

const secondsOf = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

function objectFrom(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The subset of event patterns that the service file needs: values, and prefixes. */
function isMatch(pattern: unknown, value: unknown): boolean {
  if (Array.isArray(pattern)) return pattern.some((one) => isValue(one, value));
  if (!isObject(pattern)) throw new Error('the stand-in for EventBridge does not know this pattern');
  return Object.entries(pattern).every(
    ([name, one]) => isObject(value) && Object.hasOwn(value, name) && isMatch(one, value[name]),
  );
}

function isValue(wanted: unknown, value: unknown): boolean {
  if (!isObject(wanted)) return wanted === value;
  const { prefix } = wanted;
  if (typeof prefix !== 'string')
    throw new Error('the stand-in for EventBridge knows values and prefixes only');
  return typeof value === 'string' && value.startsWith(prefix);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
