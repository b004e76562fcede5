import { createHash } from 'node:crypto';
import { callerFrom, personAsking, type ClaimNames } from '../../shared/http/caller.ts';
import { apiHandler, type ApiHandler } from '../../shared/http/api-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import { issueRequest, viewCertificate, type IssueRequest } from '../../shared/http/api/certificates.ts';
import { bodyText, idempotencyKey, parseJson } from '../../shared/http/request.ts';
import { json } from '../../shared/http/response.ts';
import { parseDeviceName } from '../../shared/domain/device-name.ts';
import { secondsFrom } from '../../shared/domain/time.ts';
import {
  enrolWithCsr,
  enrolWithServerKey,
  type EnrolDeps,
  type EnrolResult,
} from '../../shared/use-cases/enrol.ts';
import type { Caller } from '../../shared/domain/caller.ts';

export interface IssueCertificateHandlerDeps extends EnrolDeps, Observability {
  readonly claims: ClaimNames;
}

export const issueCertificateHandler = (deps: IssueCertificateHandlerDeps): ApiHandler =>
  apiHandler(
    deps,
    {
      'POST /v1/certificates': async (event) => {
        const caller = callerFrom(event, deps.claims);
        const request = parseJson(issueRequest, bodyText(event));
        const key = idempotencyKey(event);
        const result = await enrol(deps, caller, request, {
          ...(key === undefined
            ? {}
            : { idempotency: { key, requestSha256Hex: requestSha256HexOf(request) } }),
        });
        const { record, certificatePem, chainPem, profile, privateKeyPem, pkcs12Der } = result;
        return json(
          201,
          {
            ...viewCertificate(record, secondsFrom(deps.clock.now())),
            certificate: certificatePem,
            chain: chainPem,
            profile,
            ...(privateKeyPem === undefined ? {} : { privateKey: privateKeyPem }),
            ...(pkcs12Der === undefined ? {} : { pkcs12: Buffer.from(pkcs12Der).toString('base64') }),
          },
          { location: `/v1/certificates/${record.certificateId}` },
        );
      },
    },
    personAsking(deps.claims),
  );

/** What makes two requests the same. The passphrase is left out: its hash would lie in the table. */
const requestSha256HexOf = (request: IssueRequest): string =>
  createHash('sha256')
    .update(JSON.stringify({ ...request, passphrase: undefined }))
    .digest('hex');

function enrol(
  deps: EnrolDeps,
  caller: Caller,
  request: IssueRequest,
  options: { idempotency?: { key: string; requestSha256Hex: string } },
): Promise<EnrolResult> {
  const deviceName = parseDeviceName(request.deviceName);
  return 'csr' in request
    ? enrolWithCsr(deps, { caller, deviceName, csr: request.csr, ...options })
    : enrolWithServerKey(deps, {
        caller,
        deviceName,
        format: request.format,
        ...(request.passphrase === undefined ? {} : { passphrase: request.passphrase }),
        ...options,
      });
}
