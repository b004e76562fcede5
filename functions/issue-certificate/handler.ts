import { createHash } from 'node:crypto';
import { callerFrom, personAsking, type ClaimNames } from '../../shared/http/caller.ts';
import { apiHandler, type ApiHandler } from '../../shared/http/api-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import {
  issueRequest,
  renewalRequest,
  type IssueRequest,
  type RenewalRequest,
} from '../../shared/http/api/certificate-requests.ts';
import { viewCertificate } from '../../shared/http/api/certificate-views.ts';
import { bodyText, idempotencyKey, parseJson, pathParameter } from '../../shared/http/request.ts';
import { json } from '../../shared/http/response.ts';
import { parseDeviceName } from '../../shared/domain/device-name.ts';
import { secondsFrom } from '../../shared/domain/time.ts';
import {
  enrolWithCsr,
  enrolWithServerKey,
  renewalOf,
  type EnrolDeps,
  type EnrolResult,
} from '../../shared/use-cases/enrol.ts';

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
        const idempotency = idempotencyOf(event, request);
        const deviceName = parseDeviceName(request.deviceName);
        return answer(deps, await enrol(deps, request, { caller, deviceName, ...idempotency }));
      },
      'POST /v1/certificates/{certificateId}/renewal': async (event) => {
        const caller = callerFrom(event, deps.claims);
        const request = parseJson(renewalRequest, bodyText(event));
        const renewal = await renewalOf(deps, caller, pathParameter(event, 'certificateId'));
        const idempotency = idempotencyOf(event, { ...request, renews: renewal.renews });
        return answer(deps, await enrol(deps, request, { caller, ...renewal, ...idempotency }));
      },
    },
    personAsking(deps.claims),
  );

function answer({ clock }: IssueCertificateHandlerDeps, result: EnrolResult) {
  const { record, certificatePem, chainPem, profile, privateKeyPem, pkcs12Der } = result;
  return json(
    201,
    {
      ...viewCertificate(record, secondsFrom(clock.now())),
      certificate: certificatePem,
      chain: chainPem,
      profile,
      ...(privateKeyPem === undefined ? {} : { privateKey: privateKeyPem }),
      ...(pkcs12Der === undefined ? {} : { pkcs12: Buffer.from(pkcs12Der).toString('base64') }),
    },
    { location: `/v1/certificates/${record.certificateId}` },
  );
}

function idempotencyOf(
  event: Parameters<typeof idempotencyKey>[0],
  request: object,
): Pick<Enrolment, 'idempotency'> {
  const key = idempotencyKey(event);
  return key === undefined ? {} : { idempotency: { key, requestSha256Hex: requestSha256HexOf(request) } };
}

/** What makes two requests the same. The passphrase is left out: its hash would lie in the table. */
const requestSha256HexOf = (request: object): string =>
  createHash('sha256')
    .update(JSON.stringify({ ...request, passphrase: undefined }))
    .digest('hex');

type Enrolment = Omit<Parameters<typeof enrolWithCsr>[1], 'csr'>;

function enrol(
  deps: EnrolDeps,
  request: IssueRequest | RenewalRequest,
  common: Enrolment,
): Promise<EnrolResult> {
  if ('csr' in request) return enrolWithCsr(deps, { ...common, csr: request.csr });
  const { format, passphrase } = request;
  return enrolWithServerKey(deps, { ...common, format, ...(passphrase === undefined ? {} : { passphrase }) });
}
