import * as z from 'zod/mini';
import { createDocument } from 'zod-openapi';
import { OPERATIONS, type Operation } from './operations.ts';
import { OWN_FAULTS, PROBLEMS } from '../problem.ts';

const problem = z
  .object({
    type: z.string().register(z.globalRegistry, { example: 'urn:vpn-portal:problem:badCsr' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().register(z.globalRegistry, { description: 'Names the request; our log has it too' }),
    code: z.string().register(z.globalRegistry, { description: 'Stable; what clients switch on' }),
    errors: z.optional(z.array(z.object({ pointer: z.string(), detail: z.string() }))),
  })
  .register(z.globalRegistry, { id: 'Problem', description: 'RFC 9457' });

const gatewayAnswer = z.object({ message: z.string() }).register(z.globalRegistry, { id: 'GatewayAnswer' });

/** The responses of one status: several problems share one. */
function problemResponses({ problems, access }: Operation): Record<string, object> {
  const byStatus = new Map<number, string[]>();
  const note = (code: string, status: number): void =>
    void byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  for (const code of problems) note(code, PROBLEMS[code].status);
  // Whatever is asked, a fault of ours may be the answer.
  for (const [code, { status }] of Object.entries(OWN_FAULTS)) note(code, status);
  const content = { 'application/problem+json': { schema: problem } };
  const entries = [...byStatus].map(([status, codes]) => [
    String(status),
    { description: codes.join(', '), content },
  ]);
  const ours: Record<string, { description: string; content: object }> = Object.fromEntries(entries) as never;
  const gateways: [string, string][] = [['429', 'throttled by API Gateway']];
  if (access !== 'public' && access !== 'signature')
    gateways.push(['401', 'no valid token'], ['403', 'scope missing']);
  for (const [status, words] of gateways) {
    const known = ours[status];
    ours[status] = {
      description: [known?.description, `API Gateway itself, not a problem document: ${words}`]
        .filter(Boolean)
        .join('; '),
      content: { ...known?.content, 'application/json': { schema: gatewayAnswer } },
    };
  }
  return ours;
}

function operationObject(operation: Operation): object {
  const { summary, access, request, success, notModified, query, headers } = operation;
  const answerHeaders = success.headers === undefined ? {} : { headers: success.headers };
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const parameters = {
    ...(names.length > 0 && { path: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
    ...(query && { query }),
    ...(headers && { header: headers }),
  };
  return {
    operationId: operation.operationId,
    summary,
    ...(access === 'employee' || access === 'administrator'
      ? { security: [{ openIdConnect: [] }] }
      : { security: [] }),
    ...(Object.keys(parameters).length > 0 && { requestParams: parameters }),
    ...(request && { requestBody: { content: { 'application/json': { schema: request } } } }),
    responses: {
      [String(success.status)]: {
        description: success.description,
        ...answerHeaders,
        content: Object.fromEntries(
          (success.mediaTypes ?? ['application/json']).map((type) => [type, { schema: success.schema }]),
        ),
      },
      ...(notModified === undefined ? {} : { '304': { description: notModified, ...answerHeaders } }),
      ...problemResponses(operation),
    },
  };
}

let document: object | undefined;

/** The API as OpenAPI 3.1, made of the very schemas that check the requests. */
export function openApiDocument(): object {
  document ??= createDocument({
    openapi: '3.1.1',
    info: {
      title: 'VPN certificate portal',
      version: '1',
      description:
        'Client certificates for AWS Client VPN. Refusals are problem documents (RFC 9457) with a stable code. ' +
        'API Gateway answers 401, 403, 404, 413 and 429 itself, in its own form, before a request reaches us.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: Object.fromEntries(
      [...new Set(OPERATIONS.map(({ path }) => path))].map((path) => [
        path,
        Object.fromEntries(
          OPERATIONS.filter((operation) => operation.path === path).map((operation) => [
            operation.method.toLowerCase(),
            operationObject(operation),
          ]),
        ),
      ]),
    ),
    components: {
      securitySchemes: {
        openIdConnect: {
          type: 'openIdConnect',
          openIdConnectUrl: '/.well-known/openid-configuration',
          description: 'An access token of the company’s identity provider, at its own address',
        },
      },
    },
  });
  return document;
}
