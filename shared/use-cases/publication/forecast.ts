import { forecastQuota, OBSERVED_SECONDS, type QuotaForecast } from '../../domain/crl-quota.ts';
import { SECONDS_PER_DAY, secondsFrom } from '../../domain/time.ts';
import type { CertificateStore } from '../../ports/certificate-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RevocationStore } from '../../ports/revocation-store.ts';

/** Longer than any certificate of ours lives. */
const LONGEST_LIFE_SECONDS = 400 * SECONDS_PER_DAY;

/** How full the list of a CA is and will be, from its rows and a count of its certificates: no scan. */
export async function readForecast(
  deps: {
    readonly revocations: Pick<RevocationStore, 'list'>;
    readonly certificates: Pick<CertificateStore, 'countByEnd'>;
    readonly clock: Clock;
  },
  caId: string,
): Promise<QuotaForecast> {
  const now = secondsFrom(deps.clock.now());
  const rows = await deps.revocations.list(caId, now - OBSERVED_SECONDS);
  const range = { from: now, until: now + LONGEST_LIFE_SECONDS };
  return forecastQuota(rows, await deps.certificates.countByEnd(caId, range), now);
}
