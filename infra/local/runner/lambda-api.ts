import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { FunctionNotFoundError, type LambdaFunctions } from './lambda-functions.ts';

const CONFIGURATION_PATH = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/;
const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/**
 * A server, not listening yet, for two calls of Lambda's: GetFunctionConfiguration, and Invoke (`RequestResponse` and
 * `Event`). A function error is a 200 with `X-Amz-Function-Error`, as at AWS.
 */
export function lambdaApiServer(functions: Asked): Server {
  return createServer((request, response) => {
    void invoke(functions, request, response).catch((error: unknown) => {
      const [status, type] =
        error instanceof FunctionNotFoundError
          ? [404, 'ResourceNotFoundException']
          : error instanceof SyntaxError
            ? [400, 'InvalidRequestContentException']
            : [500, 'ServiceException'];
      const message = error instanceof Error ? error.message : String(error);
      answer(
        response,
        Number(status),
        { Type: 'User', Message: message, message },
        {
          'x-amzn-errortype': String(type),
        },
      );
    });
  });
}

type Asked = Pick<LambdaFunctions, 'invoke' | 'configuration'>;

async function invoke(functions: Asked, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const described = request.method === 'GET' ? CONFIGURATION_PATH.exec(url.pathname)?.[1] : undefined;
  if (described !== undefined) {
    const { name: FunctionName, variables: Variables } = functions.configuration(
      decodeURIComponent(described),
    );
    return answer(response, 200, { FunctionName, State: 'Active', Environment: { Variables } }, {});
  }
  const name = INVOKE_PATH.exec(url.pathname)?.[1];
  if (request.method !== 'POST' || name === undefined) {
    answer(
      response,
      404,
      { message: 'only Invoke and GetFunctionConfiguration are here' },
      { 'x-amzn-errortype': 'UnknownOperationException' },
    );
    return;
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const payload: unknown = text === '' ? {} : JSON.parse(text);
  const outcome = functions.invoke(decodeURIComponent(name), payload);
  if (request.headers['x-amz-invocation-type'] === 'Event') {
    outcome.catch(() => undefined);
    response.writeHead(202).end();
    return;
  }
  const { payload: result, functionError } = await outcome;
  answer(response, 200, result, functionError === undefined ? {} : { 'x-amz-function-error': functionError });
}

function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-amzn-requestid': randomUUID(),
    'x-amz-executed-version': '$LATEST',
    ...headers,
  });
  response.end(JSON.stringify(result(body)));
}

const result = (body: unknown): unknown => body ?? null;
