import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { $ZodError } from 'zod/v4/core';
import type { Clock } from '../ports/clock.ts';
import { publishMetrics, withoutAttributes, type Observability } from './observability.ts';

/** One type of custom resource: what it is called by, and how it comes to be. */
export interface CustomResource {
  /** The property that is its physical id. */
  readonly idProperty: string;
  /** Refuses an update that changes the id, which to CloudFormation would be another resource in its place. */
  readonly isFixed: boolean;
  /**
   * Makes what is not there yet and leaves what is; asked at creation, again after a failure, and at each update.
   *
   * @returns what `Fn::GetAtt` answers
   */
  readonly ensure: (
    properties: Readonly<Record<string, unknown>>,
  ) => Promise<Readonly<Record<string, string>>>;
  /**
   * Asked before it goes with its stack, and only of what was once made. It deletes nothing; it may refuse.
   *
   * @throws Error in words for the operator
   */
  readonly release?: (properties: Readonly<Record<string, unknown>>, stackId: string) => Promise<void>;
}

/** AWS CloudFormation user guide, "Custom resource request objects". */
const customResourceEvent = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  /** Where the answer is put; without one it is only returned, to whoever invoked by hand. */
  ResponseURL: z.optional(z.url({ protocol: /^https?$/ })),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  ResourceType: z.string(),
  PhysicalResourceId: z.optional(z.string()),
  ResourceProperties: z._default(z.record(z.string(), z.unknown()), {}),
});
type CustomResourceEvent = z.infer<typeof customResourceEvent>;

/** The same guide, "Custom resource response objects": at most 4,096 octets, so the words are cut. */
export interface CustomResourceAnswer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly NoEcho: true;
  readonly Data: Readonly<Record<string, string>>;
}

const REASON_LIMIT = 1_000;
/** What is left for the answer when the work took too long. */
const ANSWER_MILLISECONDS = 10_000;
const PUT_ATTEMPTS = 3;
const PUT_TIMEOUT_MILLISECONDS = 2_500;
const PUT_PAUSE_MILLISECONDS = 500;

/** What services say to a role whose rights have not come to them yet. */
const REFUSALS = ['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation'];
const REFUSAL_ATTEMPTS = 7;
const REFUSAL_PAUSE_MILLISECONDS = 5_000;

/** The id of what never came to be; CloudFormation wants one even then. */
const NOT_MADE = 'not-made';

/**
 * Answers CloudFormation's requests for custom resources, always and in time: it would wait for an hour otherwise.
 *
 * Deletion deletes nothing. What these resources make (a CA, its certificate, a registration) must outlive the stack,
 * and what they name belongs to other resources. A resource may refuse to go.
 *
 * @param resources by ResourceType
 */
export const customResourceHandler = (
  { logger, metrics, clock }: Observability & { readonly clock: Clock },
  resources: Readonly<Record<string, CustomResource>>,
): ((event: unknown, context: Context) => Promise<CustomResourceAnswer>) =>
  middy<unknown, CustomResourceAnswer>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(publishMetrics(metrics))
    .handler(async (input, context) => {
      const event = customResourceEvent.parse(input);
      const { RequestType: requestType, ResourceType: resourceType, RequestId: requestId } = event;
      const outcome = await inTime(context, () => carryOut(event, resources, clock)).catch(
        (error: unknown): Outcome => {
          logger.error('custom resource failed', { requestId, error: withoutAttributes(error) });
          return { reason: wordsOf(error) };
        },
      );
      const answer = answerTo(event, outcome, resources[resourceType]);
      logger.info('custom resource answered', {
        requestId,
        requestType,
        resourceType,
        status: answer.Status,
        physicalResourceId: answer.PhysicalResourceId,
      });
      if (event.ResponseURL !== undefined) await put(event.ResponseURL, answer);
      return answer;
    });

type Outcome =
  { readonly data: Readonly<Record<string, string>>; readonly reason?: never } | { readonly reason: string };

async function carryOut(
  event: CustomResourceEvent,
  resources: Readonly<Record<string, CustomResource>>,
  clock: Clock,
): Promise<Outcome> {
  const resource = Object.hasOwn(resources, event.ResourceType) ? resources[event.ResourceType] : undefined;
  if (event.RequestType === 'Delete') {
    const isMade = event.PhysicalResourceId !== NOT_MADE;
    if (isMade) await resource?.release?.(event.ResourceProperties, event.StackId);
    return { data: {} };
  }
  if (resource === undefined) throw new Error(`there is no resource ${event.ResourceType}`);
  const { idProperty, isFixed, ensure } = resource;
  const before = event.PhysicalResourceId;
  const id = event.ResourceProperties[idProperty];
  if (event.RequestType === 'Update' && isFixed && before !== NOT_MADE && id !== before) {
    throw new Error(`${idProperty} is ${String(before)} and cannot be changed in a stack that is there`);
  }
  return { data: await withFreshRights(clock, () => ensure(event.ResourceProperties)) };
}

function answerTo(
  event: CustomResourceEvent,
  outcome: Outcome,
  resource: CustomResource | undefined,
): CustomResourceAnswer {
  const { StackId, RequestId, LogicalResourceId } = event;
  const wanted = resource === undefined ? undefined : event.ResourceProperties[resource.idProperty];
  const named = typeof wanted === 'string' && wanted !== '' ? wanted : undefined;
  const isMade = outcome.reason === undefined && event.RequestType !== 'Delete';
  // A failure must not look like a replacement: CloudFormation would then delete the old one.
  const id = isMade ? named : (event.PhysicalResourceId ?? named);
  const common = { PhysicalResourceId: id ?? NOT_MADE, StackId, RequestId, LogicalResourceId } as const;
  return outcome.reason === undefined
    ? { Status: 'SUCCESS', ...common, NoEcho: true, Data: outcome.data }
    : { Status: 'FAILED', Reason: outcome.reason, ...common, NoEcho: true, Data: {} };
}

/** Ends the waiting, not the work: every step can be tried again, so that half of one does no harm. */
async function inTime(context: Context, work: () => Promise<Outcome>): Promise<Outcome> {
  const milliseconds = Math.max(0, context.getRemainingTimeInMillis() - ANSWER_MILLISECONDS);
  const answered = new AbortController();
  const late = async (): Promise<Outcome> => {
    await sleep(milliseconds, undefined, { signal: answered.signal });
    return { reason: `it took longer than ${Math.round(milliseconds / 1_000)} seconds; try again` };
  };
  try {
    return await Promise.race([work(), late()]);
  } finally {
    answered.abort();
  }
}

/** A role that was made seconds ago is refused here and there until its rights have come to every service. */
async function withFreshRights<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isRefusal = error instanceof Error && REFUSALS.includes(error.name);
      if (!isRefusal || attempt === REFUSAL_ATTEMPTS) throw error;
      await clock.sleep(REFUSAL_PAUSE_MILLISECONDS);
    }
  }
}

/**
 * @throws Error where the answer could not be put: Lambda then invokes again, which makes the same answer
 */
async function put(url: string, answer: CustomResourceAnswer): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // Octets, not text: with text goes a content type, which the signature of the URL does not cover.
      const body = Buffer.from(JSON.stringify(answer));
      const signal = AbortSignal.timeout(PUT_TIMEOUT_MILLISECONDS);
      const { ok, status } = await fetch(url, { method: 'PUT', body, signal });
      if (!ok) throw new Error(`CloudFormation's address for answers said ${status}`);
      return;
    } catch (error) {
      if (attempt === PUT_ATTEMPTS) throw error;
      await sleep(PUT_PAUSE_MILLISECONDS);
    }
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof $ZodError) return z.prettifyError(error).slice(0, REASON_LIMIT);
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return words.slice(0, REASON_LIMIT);
}
