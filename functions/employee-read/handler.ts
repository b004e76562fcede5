import { isoFromSeconds, secondsFrom } from '../../shared/domain/time.ts';
import { apiHandler, type ApiHandler } from '../../shared/http/api-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import { profileQuery } from '../../shared/http/api/certificate-requests.ts';
import { viewCertificate, viewCertificateDetails } from '../../shared/http/api/certificate-views.ts';
import { callerFrom, personAsking, type ClaimNames } from '../../shared/http/caller.ts';
import { parseValue, pathParameter } from '../../shared/http/request.ts';
import { content, json } from '../../shared/http/response.ts';
import {
  describeCaller,
  findOwnCertificate,
  listOwnCertificates,
  ownProfile,
  type AboutMe,
  type OwnCertificatesDeps,
} from '../../shared/use-cases/own-certificates.ts';

export interface EmployeeReadDeps extends OwnCertificatesDeps, Observability {
  readonly claims: ClaimNames;
}

export function employeeReadHandler(deps: EmployeeReadDeps): ApiHandler {
  const now = (): number => secondsFrom(deps.clock.now());
  return apiHandler(
    deps,
    {
      'GET /v1/me': async (event) =>
        json(200, viewMe(await describeCaller(deps, callerFrom(event, deps.claims)), now())),
      'GET /v1/certificates': async (event) => {
        const records = await listOwnCertificates(deps, callerFrom(event, deps.claims));
        return json(200, { certificates: records.map((record) => viewCertificate(record, now())) });
      },
      'GET /v1/certificates/{certificateId}': async (event) => {
        const caller = callerFrom(event, deps.claims);
        const record = await findOwnCertificate(deps, caller, pathParameter(event, 'certificateId'));
        return json(200, viewCertificateDetails(record, now()));
      },
      'GET /v1/certificates/{certificateId}/profile': async (event) => {
        const id = pathParameter(event, 'certificateId');
        const query = event.queryStringParameters ?? {};
        const { endpointId } = parseValue(profileQuery, query, 'the query is not as promised');
        const profile = await ownProfile(deps, callerFrom(event, deps.claims), id, endpointId);
        return content('application/x-openvpn-profile', profile, {
          'content-disposition': `attachment; filename="vpn-${id.toUpperCase()}.ovpn"`,
        });
      },
    },
    personAsking(deps.claims),
  );
}

function viewMe(about: AboutMe, now: number): object {
  const { person, certificates, endpoints, issuingCaId, quota, refusal } = about;
  return {
    personId: person.personId,
    login: person.login,
    ...(person.email === undefined ? {} : { email: person.email }),
    mayEnrol: refusal === undefined,
    ...(refusal === undefined ? {} : { refusal }),
    quota: {
      live: quota.live,
      deviceQuota: quota.deviceQuota,
      ...(quota.retryAt === undefined ? {} : { retryAt: isoFromSeconds(quota.retryAt) }),
    },
    endpoints: endpoints.map(({ endpointId, caId }) => ({
      endpointId,
      caId,
      isForNewCertificates: caId === issuingCaId,
    })),
    certificates: certificates.map((record) => viewCertificate(record, now)),
  };
}
