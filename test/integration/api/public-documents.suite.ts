import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { readCrl } from '../../../shared/domain/x509/crl-reader.ts';
import { derFromPem } from '../../../shared/domain/x509/pem.ts';
import { refused, refusedByGateway, type ApiRequest, type ApiStack } from '../../support/api-stack.ts';
import { itWithOpenssl } from '../../support/openssl.ts';

const AUTHORITY = 'GET /v1/ca/{caId}';
const CRL = 'GET /v1/ca/{caId}/crl';
const path = { caId: 'ca1' };
const PEM = { path, headers: { accept: 'application/x-pem-file' } };
const CACHED = { 'cache-control': 'public, max-age=300', vary: 'accept' };

/** Every `$ref` of a document, wherever it stands. */
function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) =>
    name === '$ref' && typeof child === 'string' ? [child] : referencesIn(child),
  );
}

const resolve = (document: unknown, reference: string): unknown =>
  reference
    .slice('#/'.length)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null
          ? Object.entries(value).find(([key]) => key === name)?.[1]
          : undefined,
      document,
    );

/** What anybody may read. */
export function publicDocumentsAreRight(api: () => ApiStack): void {
  describe('the CA certificate and its list', () => {
    it('come as DER, and as PEM of the same for who asks', async () => {
      const [caDer, caPem] = [await api().call(AUTHORITY, { path }), await api().call(AUTHORITY, PEM)];
      expect(derFromPem('CERTIFICATE', caPem.text)).toEqual(new Uint8Array(caDer.octets));
      expect(new X509Certificate(caDer.octets).ca).toBe(true);
      const [crlDer, crlPem] = [await api().call(CRL, { path }), await api().call(CRL, PEM)];
      expect(derFromPem('X509 CRL', crlPem.text)).toEqual(new Uint8Array(crlDer.octets));
      expect(readCrl(crlDer.octets).crlNumber).toBeGreaterThan(0);
      const types = [caDer, caPem, crlDer, crlPem].map(({ headers }) => headers.get('content-type'));
      const pem = 'application/x-pem-file';
      expect(types).toEqual(['application/pkix-cert', pem, 'application/pkix-crl', pem]);
    });

    it('may be cached for minutes, DER apart from PEM', async () => {
      const answers = [];
      for (const operation of [AUTHORITY, CRL]) {
        for (const request of [{ path }, PEM]) answers.push(await api().call(operation, request));
      }
      for (const { headers } of answers) expect(Object.fromEntries(headers)).toMatchObject(CACHED);
      const [, , crlDer, crlPem] = answers;
      const sha256Hex = createHash('sha256')
        .update(crlDer?.octets ?? '')
        .digest('hex');
      expect(crlDer?.headers.get('etag')).toBe(`"${sha256Hex}"`);
      expect(crlPem?.headers.get('etag')).toBe(`"${sha256Hex}-pem"`);
    });

    it('is not sent again to who has it in the same form', async () => {
      const { headers } = await api().call(CRL, { path });
      const known = { 'if-none-match': `"older", W/${headers.get('etag')}` };
      const der = await api().call(CRL, { path, headers: known });
      expect([der.status, der.octets.length, der.headers.get('etag')]).toEqual([304, 0, headers.get('etag')]);
      expect(Object.fromEntries(der.headers)).toMatchObject(CACHED);
      const pem = await api().call(CRL, { path, headers: { ...PEM.headers, ...known } });
      expect([pem.status, pem.octets.length > 0]).toEqual([200, true]);
    });

    itWithOpenssl('satisfy openssl', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'public-'));
      try {
        const [ca, list] = [join(directory, 'ca.pem'), join(directory, 'list.der')];
        writeFileSync(ca, (await api().call(AUTHORITY, PEM)).text);
        writeFileSync(list, (await api().call(CRL, { path })).octets);
        const openssl = (...args: string[]): string => {
          const { stdout, stderr, status } = spawnSync('openssl', args, { encoding: 'utf8' });
          expect([args[0], status, stderr]).toEqual([args[0], 0, expect.anything()]);
          return stdout + stderr;
        };
        expect(openssl('crl', '-inform', 'DER', '-in', list, '-CAfile', ca, '-noout')).toContain('verify OK');
        execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', ca, ca], { stdio: 'ignore' });
      } finally {
        rmSync(directory, { recursive: true });
      }
    });

    it.each([
      ['another name', 'ca2'],
      ['a name of JavaScript', '__proto__'],
      ['a lone per cent sign', '%'],
      ['a path', '../ca1'],
      ['a name longer than a key of the table', 'x'.repeat(3_000)],
    ])('of a CA that there is not are not found: %s', async (_, caId) => {
      for (const operation of [AUTHORITY, CRL]) {
        await refused(api(), operation, { path: { caId } }, { status: 404, code: 'notFound' });
      }
    });
  });

  describe('the description of the API', () => {
    it('is OpenAPI 3.1 whose references all lead somewhere', async () => {
      const { json, headers } = await api().call('GET /openapi.json');
      const document = z
        .looseObject({
          openapi: z.string().regex(/^3\.1\.\d+$/),
          info: z.looseObject({ title: z.string(), version: z.string() }),
          paths: z.record(
            z.string().startsWith('/'),
            z.record(z.string(), z.looseObject({ operationId: z.string() })),
          ),
        })
        .parse(json);
      const references = referencesIn(document);
      expect(references.length).toBeGreaterThan(50);
      expect(references.filter((reference) => resolve(document, reference) === undefined)).toEqual([]);
      const ids = Object.values(document.paths).flatMap((one) =>
        Object.values(one).map(({ operationId }) => operationId),
      );
      expect(new Set(ids).size).toBe(ids.length);
      expect(headers.get('cache-control')).toBe('public, max-age=300');
    });

    it('names each parameter that stands in a path', async () => {
      const { json } = await api().call('GET /openapi.json');
      const { paths } = z
        .object({
          paths: z.record(
            z.string(),
            z.record(
              z.string(),
              z.object({ parameters: z.array(z.object({ in: z.string(), name: z.string() })).optional() }),
            ),
          ),
        })
        .parse(json);
      for (const [template, operations] of Object.entries(paths)) {
        const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        for (const { parameters = [] } of Object.values(operations)) {
          const inPath = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
          expect([template, inPath]).toEqual([template, names]);
        }
      }
    });
  });

  describe('everything else', () => {
    it('is alive', async () => {
      const { status, json } = await api().call('GET /health');
      expect([status, json]).toEqual([200, { status: 'ok' }]);
    });

    it.each<[string, ApiRequest]>([
      ['GET /', {}],
      ['GET /v1', {}],
      ['GET /v1/certificates/a/b/c', {}],
      ['PUT /v1/certificates', { body: {} }],
      ['DELETE /v1/certificates/{certificateId}', { path: { certificateId: 'x' } }],
      ['PUT /v1/offboarding/hr', {}],
      ['POST /health', { body: {} }],
    ])('is not there, says API Gateway: %s', async (operation, request) => {
      await refusedByGateway(api(), operation, request, { status: 404, message: 'Not Found' });
    });
  });
}
