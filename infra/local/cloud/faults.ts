/** The services that faults can be put into; `dynamodb` through `dynamodb-faults.ts`. */
export type FaultyService =
  | 'kms'
  | 'acm'
  | 'event-bridge'
  | 's3'
  | 'sns'
  | 'sqs'
  | 'secrets-manager'
  | 'sts'
  | 'cloudformation'
  | 'ec2'
  | 'dynamodb';

/**
 * - `throttle`: the service's own throttling error, no effect
 * - `error`: `code` and `status`, else the service's internal error; no effect
 * - `before`: the connection breaks before anything happened
 * - `after`: the effect happens, then the connection breaks: the answer is lost
 * - `timeout`: no effect and no answer, until the caller gives up
 * - `delay`: all is well, after `milliseconds`
 * - `transactionConflict`: DynamoDB only: another transaction was at the same item; no effect
 */
export type FaultKind =
  'throttle' | 'error' | 'before' | 'after' | 'timeout' | 'delay' | 'transactionConflict';

export interface Fault {
  readonly service: FaultyService;
  /** The API's name of the action, for example `Sign`; `*` for every action of the service. */
  readonly action: string;
  readonly kind: FaultKind;
  /** How many calls it spoils; 1 when absent. */
  readonly times?: number;
  /** How many matching calls it lets pass first; none when absent. */
  readonly skip?: number;
  readonly code?: string;
  readonly status?: number;
  readonly milliseconds?: number;
}

/** Faults that tests and demonstrations put into the stand-ins. */
export interface Faults {
  add(fault: Fault): void;
  /** The next fault for a call, which is thereby used up by one; in the order in which they were added. */
  match(service: FaultyService, action: string): Fault | undefined;
  /** What was not used up: a test that planned a fault can see that it happened. */
  pending(): readonly Fault[];
  clear(): void;
}

export function createFaults(): Faults {
  let planned: { fault: Fault; skip: number; times: number }[] = [];
  return {
    add(fault) {
      planned.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 });
    },
    match(service, action) {
      for (const plan of planned) {
        const { fault } = plan;
        if (fault.service !== service || (fault.action !== '*' && fault.action !== action)) continue;
        if (plan.skip > 0) {
          plan.skip -= 1;
          continue;
        }
        plan.times -= 1;
        if (plan.times <= 0) planned = planned.filter((other) => other !== plan);
        return fault;
      }
      return undefined;
    },
    pending: () => planned.map(({ fault, skip, times }) => ({ ...fault, skip, times })),
    clear() {
      planned = [];
    },
  };
}

/** What each service calls its throttling and its own internal failure, and with which HTTP status. */
const ERRORS: Readonly<Record<FaultyService, { throttle: [string, number]; internal: [string, number] }>> = {
  kms: { throttle: ['ThrottlingException', 400], internal: ['KMSInternalException', 500] },
  acm: { throttle: ['ThrottlingException', 400], internal: ['InternalFailure', 500] },
  'event-bridge': { throttle: ['ThrottlingException', 400], internal: ['InternalException', 500] },
  s3: { throttle: ['SlowDown', 503], internal: ['InternalError', 500] },
  sns: { throttle: ['Throttled', 429], internal: ['InternalError', 500] },
  sqs: { throttle: ['RequestThrottled', 403], internal: ['InternalError', 500] },
  'secrets-manager': { throttle: ['ThrottlingException', 400], internal: ['InternalServiceError', 500] },
  sts: { throttle: ['Throttling', 400], internal: ['InternalFailure', 500] },
  cloudformation: { throttle: ['Throttling', 400], internal: ['InternalFailure', 500] },
  ec2: { throttle: ['RequestLimitExceeded', 503], internal: ['InternalError', 500] },
  dynamodb: { throttle: ['ThrottlingException', 400], internal: ['InternalServerError', 500] },
};

/** The error that a fault answers with; undefined for those that answer nothing, late, or as if all were well. */
export function errorOfFault(fault: Fault): { code: string; status: number } | undefined {
  const { throttle, internal } = ERRORS[fault.service];
  if (fault.kind === 'throttle')
    return { code: fault.code ?? throttle[0], status: fault.status ?? throttle[1] };
  if (fault.kind === 'error') return { code: fault.code ?? internal[0], status: fault.status ?? internal[1] };
  return undefined;
}

/**
 * For a service that is called without the cloud's HTTP server and applies faults itself. Behind `startCloud` the
 * server applies them, for EC2 too: do not give both the same faults.
 */
export const faultHook =
  (faults: Faults, service: FaultyService) =>
  async (action: string): Promise<'before' | 'after' | { code: string; status: number } | undefined> => {
    const fault = faults.match(service, action);
    if (fault === undefined) return undefined;
    if (fault.kind === 'before' || fault.kind === 'after') return fault.kind;
    return errorOfFault(fault);
  };
