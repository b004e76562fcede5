import type { AuthorizerContext } from './authorizer.ts';

export interface HttpRequest {
  readonly method: string;
  /** Path with query, as on the request line. */
  readonly target: string;
  readonly protocol: string;
  readonly sourceIp: string;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
}

export interface HttpEventContext {
  readonly requestId: string;
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
  readonly jwt: AuthorizerContext | undefined;
  readonly at: Date;
}

/** Lower-case names; values of one name joined by commas. */
export function headersOf(rawHeaders: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(headers);
}

/** API Gateway's payload format 2.0. */
export function httpEvent(request: HttpRequest, context: HttpEventContext) {
  const { cookie, ...headers } = headersOf(request.rawHeaders);
  const [rawPath = '', ...query] = request.target.split('?');
  const rawQueryString = query.join('?');
  return {
    version: '2.0',
    routeKey: context.routeKey,
    rawPath,
    rawQueryString,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/; ?|,/) }),
    headers,
    ...(rawQueryString === '' ? {} : { queryStringParameters: queryParameters(rawQueryString) }),
    ...(context.pathParameters === undefined ? {} : { pathParameters: context.pathParameters }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      domainName: headers['host'] ?? '',
      domainPrefix: 'local',
      ...(context.jwt === undefined ? {} : { authorizer: { jwt: context.jwt } }),
      http: {
        method: request.method,
        path: rawPath,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: context.requestId,
      routeKey: context.routeKey,
      stage: '$default',
      time: commonLogTime(context.at),
      timeEpoch: context.at.getTime(),
    },
    ...bodyOf(request.body, headers),
  };
}

/** Names and values percent-decoded; values of one name joined by commas. */
function queryParameters(rawQueryString: string): Record<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const before = parameters.get(name);
    parameters.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(parameters);
}

/**
 * Only these arrive as text. Everything else, curl's form encoding and a missing type among it, comes as
 * base64, so that a handler which forgets to look at the flag fails here and not at AWS.
 */
const TEXT_TYPES = /^(?:text\/[^;]+|application\/(?:json|xml|javascript))\s*(?:;|$)/i;

function bodyOf(
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const isText = TEXT_TYPES.test(headers['content-type'] ?? '') && headers['content-encoding'] === undefined;
  return { body: Buffer.from(body).toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `22/Nov/2026:07:55:56 +0000` */
function commonLogTime(at: Date): string {
  const [date = '', time = ''] = at.toISOString().split('T');
  const [year, , day] = date.split('-');
  return `${day}/${MONTHS[at.getUTCMonth()]}/${year}:${time.slice(0, 8)} +0000`;
}
