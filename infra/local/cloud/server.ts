import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type * as z from 'zod';
import { stateFile } from '../state-file.ts';
import { acmService, acmState } from './acm/service.ts';
import type { AcmControl } from './acm/service.ts';
import { describeStacksAnswer, isDescribeStacksCall, type CloudFormationControl } from './cloudformation.ts';
import { eventBridgeService, type EventBridgeControl } from './event-bridge.ts';
import { createFaults, errorOfFault } from './faults.ts';
import type { Fault, Faults } from './faults.ts';
import { kmsService, kmsState } from './kms/service.ts';
import type { KmsControl } from './kms/service.ts';
import { answerJson, jsonError, queryError } from './protocol.ts';
import type { CloudRequest, CloudResponse, JsonService, QueryHandler } from './protocol.ts';
import { s3CallOf, s3Error, s3Service, s3State } from './s3/service.ts';
import type { S3Control } from './s3/service.ts';
import { secretsManagerService, secretsState } from './secrets-manager/service.ts';
import type { SecretsControl } from './secrets-manager/service.ts';
import { snsError, snsService, SNS_VERSION } from './sns/service.ts';
import type { SnsControl } from './sns/service.ts';
import { Queues, sqsControl, sqsState } from './sqs/queues.ts';
import type { SqsControl } from './sqs/queues.ts';
import { stsActionOf, stsAnswer } from './sts.ts';
import { sqsService } from './sqs/service.ts';

/** A list of 20,000 entries is 1.5 MB when it is form-encoded; anything much larger is a mistake. */
const MAX_BODY_OCTETS = 8 * 1024 * 1024;

export interface CloudOptions {
  /** Where keys, certificates, queues and secrets are kept; absent: in memory only. */
  readonly dataDir?: string;
  /**
   * False where nobody comes back to the directory: the file of the queues is written whole at each message, which
   * takes the longest where thousands wait.
   */
  readonly keepsQueues?: boolean;
  /** Answers EC2's calls. The server applies `faults` to them: the handler need not. */
  readonly ec2?: QueryHandler;
  readonly faults?: Faults;
  /** Milliseconds since the Unix epoch; `Date.now` when absent. */
  readonly now?: () => number;
  /** 0, which takes a free one, when absent. */
  readonly port?: number;
}

export interface Cloud {
  /** For `AWS_ENDPOINT_URL` and its forms per service. */
  readonly url: string;
  readonly kms: KmsControl;
  readonly acm: AcmControl;
  readonly eventBridge: EventBridgeControl;
  readonly s3: S3Control;
  readonly sns: SnsControl;
  readonly sqs: SqsControl;
  readonly secrets: SecretsControl;
  readonly cloudFormation: CloudFormationControl;
  readonly faults: Faults;
  close(): Promise<void>;
}

/**
 * Starts the stand-ins for KMS, ACM, EventBridge, S3, SNS, SQS, Secrets Manager, STS and (with a handler) EC2: one server on 127.0.0.1 that
 * SDK clients made with `{}` find through `AWS_ENDPOINT_URL`. Signatures of requests are not checked.
 */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const { dataDir, ec2, faults = createFaults(), now = Date.now, port = 0, keepsQueues = true } = options;
  const file = <State>(name: string, schema: z.ZodType<State>) =>
    stateFile(dataDir === undefined ? undefined : join(dataDir, name), schema);

  let url = '';
  const kms = kmsService({ file: file('kms.json', kmsState), now });
  const acm = acmService({ file: file('acm.json', acmState), now });
  const secrets = secretsManagerService({ file: file('secrets-manager.json', secretsState), now });
  const sns = snsService();
  const queueFile = keepsQueues ? file('sqs.json', sqsState) : stateFile(undefined, sqsState);
  const queues = new Queues({ file: queueFile, now, baseUrl: () => url });
  const eventBridge = eventBridgeService({ now, send: (to, body) => void queues.send(to, { body }) });
  const s3 = s3Service({ file: file('s3.json', s3State), onCreated: eventBridge.objectCreated });
  const services = [kms.service, acm.service, secrets.service, sqsService(queues), eventBridge.service];

  const cloudFormation: CloudFormationControl = { stackStatus: 'UPDATE_COMPLETE' };
  const queryServices = [
    s3Calls(s3.handle),
    stsCalls,
    cloudFormationCalls(cloudFormation),
    snsCalls(sns.handle),
    ...(ec2 === undefined ? [] : [ec2Calls(ec2)]),
  ];

  const server = createServer((request, response) => {
    handle(services, queryServices, faults, request, response).catch((error: unknown) => {
      // Our own bug: its text helps whoever runs the stack, and the SDK prints it.
      const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
      reply(response, { status: 500, body: `the stand-in failed: ${words}` });
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  url = `http://127.0.0.1:${address.port}`;

  return {
    url,
    kms: kms.control,
    acm: acm.control,
    eventBridge: eventBridge.control,
    s3: s3.control,
    sns: sns.control,
    sqs: sqsControl(queues),
    secrets: secrets.control,
    cloudFormation,
    faults,
    async close() {
      queues.close();
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A call, seen far enough to know whose it is. */
interface Call {
  readonly service: Fault['service'];
  readonly action: string;
  answer(): Promise<CloudResponse>;
  refuse(status: number, code: string): CloudResponse;
}

async function handle(
  services: readonly JsonService[],
  queryServices: readonly QueryCalls[],
  faults: Faults,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) return reply(response, { status: 413, body: 'too large' });
  const call = findCall(services, queryServices, {
    headers: flatHeaders(request),
    body,
    ...(request.method === undefined ? {} : { method: request.method }),
    ...(request.url === undefined ? {} : { path: request.url }),
  });
  if (call === undefined) {
    return reply(response, queryError(400, 'InvalidAction', 'no stand-in knows this request'));
  }
  const fault = faults.match(call.service, call.action);
  if (fault === undefined) return reply(response, await call.answer());
  return handleWithFault(call, fault, response);
}

async function handleWithFault(call: Call, fault: Fault, response: ServerResponse): Promise<void> {
  const error = errorOfFault(fault);
  if (error !== undefined) return reply(response, call.refuse(error.status, error.code));
  switch (fault.kind) {
    case 'after':
      await call.answer();
      return void response.socket?.resetAndDestroy();
    case 'before':
      return void response.socket?.resetAndDestroy();
    case 'timeout':
      // Unanswered until the caller, or the closing server, breaks the connection.
      return;
    case 'delay':
      await new Promise((resolve) => setTimeout(resolve, fault.milliseconds ?? 1000));
      return reply(response, await call.answer());
    default:
      throw new Error(`the fault ${fault.kind} does not apply to ${fault.service}`);
  }
}

/** The call that a request is, where it is one of this service's. */
type QueryCalls = (
  request: CloudRequest,
) => (Pick<Call, 'service' | 'action' | 'answer'> & Partial<Pick<Call, 'refuse'>>) | undefined;

const stsCalls: QueryCalls = (request) => {
  const action = stsActionOf(request);
  return action && { service: 'sts', action, answer: async () => stsAnswer(request, action) };
};

const cloudFormationCalls =
  (control: CloudFormationControl): QueryCalls =>
  (request) =>
    isDescribeStacksCall(request)
      ? {
          service: 'cloudformation',
          action: 'DescribeStacks',
          answer: async () => describeStacksAnswer(request, control),
        }
      : undefined;

const s3Calls =
  (s3: ReturnType<typeof s3Service>['handle']): QueryCalls =>
  (request) => {
    const call = s3CallOf(request);
    if (call === undefined) return undefined;
    const refuse = (status: number, code: string): CloudResponse => s3Error(status, code, 'injected');
    return { service: 's3', action: call.action, answer: async () => s3(request, call), refuse };
  };

const snsCalls =
  (sns: QueryHandler): QueryCalls =>
  (request) => {
    const query = new URLSearchParams(request.body);
    const action = query.get('Action');
    if (action === null || query.get('Version') !== SNS_VERSION) return undefined;
    const refuse = (status: number, code: string): CloudResponse => snsError(status, code, 'injected');
    return { service: 'sns', action, answer: () => sns(request), refuse };
  };

/** Whatever else speaks the query protocol. */
const ec2Calls =
  (ec2: QueryHandler): QueryCalls =>
  (request) => {
    const action = new URLSearchParams(request.body).get('Action');
    return action === null ? undefined : { service: 'ec2', action, answer: () => ec2(request) };
  };

function findCall(
  services: readonly JsonService[],
  queryServices: readonly QueryCalls[],
  request: CloudRequest,
): Call | undefined {
  const [prefix = '', action = ''] = (request.headers['x-amz-target'] ?? '').split('.');
  const service = services.find(({ targetPrefix }) => targetPrefix === prefix);
  if (service !== undefined) {
    return {
      service: service.name,
      action,
      answer: () => answerJson(service, action, request),
      refuse: (status, code) => jsonError(service, { status, code, message: 'injected' }),
    };
  }
  if (prefix !== '') return undefined;
  for (const callOf of queryServices) {
    const call = callOf(request);
    if (call !== undefined) {
      return { refuse: (status, code) => queryError(status, code, 'injected'), ...call };
    }
  }
  return undefined;
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let sizeOctets = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeOctets += chunk.length;
    if (sizeOctets > MAX_BODY_OCTETS) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const flatHeaders = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : (value ?? ''),
    ]),
  );

function reply(response: ServerResponse, { status, headers, body }: CloudResponse): void {
  response.writeHead(status, { ...headers, 'x-amzn-requestid': crypto.randomUUID() });
  response.end(body);
}
