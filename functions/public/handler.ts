import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { apiHandler, type ApiHandler } from '../../shared/http/api-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import { openApiDocument } from '../../shared/http/api/openapi.ts';
import { isKnownToCaller, pathParameter } from '../../shared/http/request.ts';
import { content, json } from '../../shared/http/response.ts';
import { pemFrom } from '../../shared/domain/x509/pem.ts';
import {
  readAuthority,
  readCurrentCrl,
  type PublicDocumentsDeps,
} from '../../shared/use-cases/public-documents.ts';

export interface PublicDeps extends PublicDocumentsDeps, Observability {}

const wantsPem = (event: APIGatewayProxyEventV2): boolean => (event.headers['accept'] ?? '').includes('pem');
/** A list is replaced at any time; caches may keep it for minutes, never until `nextUpdate`. */
const CACHED = { 'cache-control': 'public, max-age=300' };
/** DER and PEM have one address, which a cache must know. */
const NEGOTIATED = { ...CACHED, vary: 'accept' };

/**
 * A list is many times larger than this. There is no Last-Modified: two lists of one second would have the same, and
 * who holds the first would be kept from the second.
 */
const notModified = (headers: Readonly<Record<string, string>>): APIGatewayProxyStructuredResultV2 => ({
  statusCode: 304,
  headers,
});

/** What anybody may read. DER, as RFC 5280 section 4.2.1.13 has it; PEM for who asks for `application/x-pem-file`. */
export const publicHandler = (deps: PublicDeps): ApiHandler =>
  apiHandler(deps, {
    'GET /v1/ca/{caId}': async (event) => {
      const { certificateDer } = await readAuthority(deps, pathParameter(event, 'caId'));
      return wantsPem(event)
        ? content('application/x-pem-file', pemFrom('CERTIFICATE', certificateDer), NEGOTIATED)
        : content('application/pkix-cert', certificateDer, NEGOTIATED);
    },
    'GET /v1/ca/{caId}/crl': async (event) => {
      const { der, sha256Hex } = await readCurrentCrl(deps, pathParameter(event, 'caId'));
      // Another one for other octets, RFC 9110 section 8.8.3.3.
      const isPem = wantsPem(event);
      const headers = { ...NEGOTIATED, etag: isPem ? `"${sha256Hex}-pem"` : `"${sha256Hex}"` };
      if (isKnownToCaller(event.headers['if-none-match'], headers.etag)) return notModified(headers);
      return isPem
        ? content('application/x-pem-file', pemFrom('X509 CRL', der), headers)
        : content('application/pkix-crl', der, headers);
    },
    'GET /openapi.json': async () => json(200, openApiDocument(), CACHED),
    'GET /health': async () => json(200, { status: 'ok' }),
  });
