import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import * as z from 'zod';
import { DomainError } from '../../../shared/domain/errors.ts';
import { apiHandler } from '../../../shared/http/api-handler.ts';
import { problemFrom, PROBLEMS } from '../../../shared/http/problem.ts';

const withMetadata = Object.assign(new Error('AccessDenied: arn:aws:kms:secret'), { $metadata: {} });

describe('the problem document of what was thrown', () => {
  it.each([
    ['an error of ours', new Error('select * from secret'), 500, 'internalError'],
    ['a text', 'secret', 500, 'internalError'],
    ['nothing', undefined, 500, 'internalError'],
    ['an error of a service', withMetadata, 503, 'unavailable'],
    ['a broken connection', Object.assign(new Error('secret'), { code: 'ECONNRESET' }), 503, 'unavailable'],
    ['an end of patience', Object.assign(new Error('secret'), { name: 'TimeoutError' }), 503, 'unavailable'],
    [
      'an error with a code of its own',
      Object.assign(new Error('secret'), { code: 'x' }),
      500,
      'internalError',
    ],
  ])('says nothing of %s but that it was ours', (_, error, status, code) => {
    const problem = problemFrom(error, 'r1');
    expect(problem).toMatchObject({ status, code, instance: 'urn:vpn-portal:request:r1' });
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  it('says what a refusal says, and where', () => {
    const faults = [{ pointer: '/csr', detail: 'is missing' }];
    expect(problemFrom(new DomainError('malformedRequest', 'no', { faults }), 'r1')).toEqual({
      type: 'urn:vpn-portal:problem:malformedRequest',
      title: 'Malformed request',
      status: 400,
      detail: 'no',
      instance: 'urn:vpn-portal:request:r1',
      code: 'malformedRequest',
      errors: faults,
    });
  });

  it('is a fault of the caller for every refusal but those that a sender shall repeat', () => {
    const own = Object.entries(PROBLEMS).filter(([, { status }]) => status >= 500);
    expect(own.map(([code, { status }]) => [code, status])).toEqual([
      ['sourceNotConfigured', 503],
      ['tryAgain', 503],
    ]);
  });
});

describe('an answer to what was thrown', () => {
  const lines: string[] = [];
  const logger = new Logger({ serviceName: 'test' });
  const answer = async (error: unknown, routeKey = 'GET /x') => {
    const handler = apiHandler(
      { logger, metrics: new Metrics({ namespace: 'Test', serviceName: 'test' }) },
      {
        'GET /x': async () => {
          throw error;
        },
      },
    );
    const write = process.stdout.write.bind(process.stdout);
    const errorWrite = process.stderr.write.bind(process.stderr);
    const keep = (text: unknown): boolean => lines.push(String(text)) > 0;
    process.stdout.write = keep;
    process.stderr.write = keep;
    try {
      const event = { routeKey, requestContext: { requestId: 'r1' }, headers: {} };
      return await handler(event as APIGatewayProxyEventV2, {} as Context);
    } finally {
      process.stdout.write = write;
      process.stderr.write = errorWrite;
    }
  };
  beforeEach(() => lines.splice(0));

  it('tells when to come again', async () => {
    const { statusCode, headers } = await answer(
      new DomainError('rateLimited', 'slowly', { retryAfterSeconds: 60 }),
    );
    expect([statusCode, headers?.['retry-after']]).toEqual([429, '60']);
  });

  it('leaves in the log what went wrong, and not the items on which it did', async () => {
    const cancelled = new TransactionCanceledException({
      $metadata: {},
      message: 'Transaction cancelled',
      CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item: { email: { S: 'alice@example.com' } } }],
    });
    const { statusCode } = await answer(new Error('outer', { cause: cancelled }));
    expect(statusCode).toBe(500);
    const log = lines.join('');
    expect(log).toContain('Transaction cancelled');
    expect(log).not.toContain('alice');
  });

  it('of a refusal is an info line with its code', async () => {
    await answer(new DomainError('badCsr', 'the words go to the caller only'));
    const entry = z
      .looseObject({ level: z.string(), code: z.string() })
      .parse(JSON.parse(lines.find((line) => line.includes('badCsr')) ?? ''));
    expect(entry).toMatchObject({ level: 'INFO', code: 'badCsr', route: 'GET /x' });
    expect(lines.join('')).not.toContain('the words');
  });

  it('of a route that no handler has is 404', async () => {
    const { statusCode, body } = await answer(undefined, 'constructor');
    expect([statusCode, JSON.parse(body ?? '')]).toMatchObject([404, { code: 'notFound' }]);
  });
});
