import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { jwtAuthorizer, type Authorization } from './authorizer.ts';
import { gatewayAnswer, httpAnswer, type HttpAnswer } from './http-answer.ts';
import { headersOf, httpEvent } from './http-event.ts';
import type { LambdaFunctions } from './lambda-functions.ts';
import { matchRoute } from './routes.ts';
import type { Service } from './service.ts';

export interface HttpApiOptions {
  readonly service: Pick<Service, 'routes' | 'authorizers'>;
  readonly functions: Pick<LambdaFunctions, 'invoke'>;
  /** API Gateway's 30 seconds. */
  readonly integrationTimeoutMilliseconds?: number;
  /** One line for each answer. */
  readonly log?: (line: string) => void;
}

/** The largest body that an HTTP API takes. */
const PAYLOAD_LIMIT_OCTETS = 10 * 1024 * 1024;

/** Request line and headers together, API Gateway's limit. */
const HEADER_LIMIT_OCTETS = 10_240;

/** A server, not listening yet, that answers as an API Gateway HTTP API does in front of the functions. */
export function httpApiServer(options: HttpApiOptions): Server {
  const answer = answerer(options);
  return createServer({ maxHeaderSize: HEADER_LIMIT_OCTETS }, (request, response) => {
    const requestId = randomUUID();
    const began = performance.now();
    void answer(request, requestId)
      .catch(() => gatewayAnswer(500, 'Internal Server Error'))
      .then((given) => {
        options.log?.(
          `${request.method ?? ''} ${(request.url ?? '').split('?')[0] ?? ''} ${given.status} ${Math.round(performance.now() - began)} ms`,
        );
        send(response, given, requestId);
      });
  });
}

function send(response: ServerResponse, answer: HttpAnswer, requestId: string): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': answer.body.length,
    'apigw-requestid': requestId,
    ...(answer.cookies.length > 0 ? { 'set-cookie': [...answer.cookies] } : {}),
  });
  response.end(answer.body);
}

function answerer({ service, functions, integrationTimeoutMilliseconds = 30_000 }: HttpApiOptions) {
  const authorizers = new Map(
    Object.entries(service.authorizers).map(([name, definition]) => [name, jwtAuthorizer(definition)]),
  );
  return async (request: IncomingMessage, requestId: string): Promise<HttpAnswer> => {
    const body = await readBody(request);
    if (body === undefined) return gatewayAnswer(413, 'Request Entity Too Large', { connection: 'close' });
    const target = request.url ?? '/';
    const method = request.method ?? 'GET';
    const match = matchRoute(service.routes, method, target.split('?')[0] ?? '/');
    if (match === undefined) return gatewayAnswer(404, 'Not Found');
    const { route, authorizer, functionKey } = match.found;
    const authorization: Authorization =
      authorizer === undefined
        ? { kind: 'allowed', jwt: undefined }
        : ((await authorizers
            .get(authorizer.name)
            ?.authorize(headersOf(request.rawHeaders), authorizer.scopes)) ?? {
            kind: 'unauthorized',
            wwwAuthenticate: 'Bearer',
          });
    if (authorization.kind !== 'allowed') {
      const [status, message] =
        authorization.kind === 'forbidden' ? [403, 'Forbidden'] : [401, 'Unauthorized'];
      return gatewayAnswer(Number(status), String(message), {
        'www-authenticate': authorization.wwwAuthenticate,
      });
    }
    const event = httpEvent(
      {
        method,
        target,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        rawHeaders: request.rawHeaders,
        body,
      },
      {
        requestId,
        routeKey: route.routeKey,
        pathParameters: match.pathParameters,
        jwt: authorization.jwt,
        at: new Date(),
      },
    );
    const outcome = await withinMilliseconds(
      functions.invoke(functionKey, event),
      integrationTimeoutMilliseconds,
    );
    if (outcome === undefined) return gatewayAnswer(503, 'Service Unavailable');
    if (outcome.functionError !== undefined) return gatewayAnswer(500, 'Internal Server Error');
    return httpAnswer(outcome.payload);
  };
}

/** @returns undefined when the body is larger than an HTTP API takes */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    octets += chunk.length;
    // Read to the end without keeping it: a client that is still sending would miss the answer.
    if (octets <= PAYLOAD_LIMIT_OCTETS) chunks.push(chunk);
  }
  return octets > PAYLOAD_LIMIT_OCTETS ? undefined : Buffer.concat(chunks);
}

/** @returns undefined when the time is over first */
async function withinMilliseconds<T>(work: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
