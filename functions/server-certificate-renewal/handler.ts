import { jobHandler, type JobHandler } from '../../shared/http/job-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import {
  renewServerCertificates,
  type RenewServerCertificatesDeps,
} from '../../shared/use-cases/renew-server-certificates.ts';

export type ServerCertificateRenewalDeps = RenewServerCertificatesDeps & Observability;

/** Each hour: how long CAs and server certificates last, and a new server certificate where it is due. */
export function serverCertificateRenewalHandler(deps: ServerCertificateRenewalDeps): JobHandler {
  const renew = async (): Promise<void> => {
    const { failures } = await renewServerCertificates(deps);
    if (failures.length > 0) {
      throw new AggregateError(failures, 'not every server certificate could be looked after');
    }
  };
  return jobHandler(deps, { forEndpoint: renew, onSchedule: renew });
}
