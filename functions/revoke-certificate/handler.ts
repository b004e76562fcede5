import { secondsFrom } from '../../shared/domain/time.ts';
import { apiHandler, type ApiHandler } from '../../shared/http/api-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import { revocationRequest } from '../../shared/http/api/certificate-requests.ts';
import { viewCertificate } from '../../shared/http/api/certificate-views.ts';
import { callerFrom, personAsking, type ClaimNames } from '../../shared/http/caller.ts';
import { bodyText, parseJson, pathParameter } from '../../shared/http/request.ts';
import { json } from '../../shared/http/response.ts';
import {
  revokeOwnCertificate,
  type RevokeCertificateDeps,
} from '../../shared/use-cases/revoke-certificate.ts';

export interface RevokeCertificateHandlerDeps extends RevokeCertificateDeps, Observability {
  readonly claims: ClaimNames;
}

export const revokeCertificateHandler = (deps: RevokeCertificateHandlerDeps): ApiHandler =>
  apiHandler(
    deps,
    {
      'POST /v1/certificates/{certificateId}/revocation': async (event) => {
        const caller = callerFrom(event, deps.claims);
        const { reason } = parseJson(revocationRequest, bodyText(event));
        const certificateId = pathParameter(event, 'certificateId');
        const record = await revokeOwnCertificate(deps, { caller, certificateId, reason });
        return json(200, viewCertificate(record, secondsFrom(deps.clock.now())));
      },
    },
    personAsking(deps.claims),
  );
