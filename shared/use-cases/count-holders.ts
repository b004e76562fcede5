import { SECONDS_PER_DAY, secondsFrom } from '../domain/time.ts';
import type { CertificateStore } from '../ports/certificate-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';
import type { SurgeStore } from '../ports/surge-store.ts';

export interface CountHoldersDeps {
  readonly certificates: Pick<CertificateStore, 'holdersByEnd'>;
  readonly endpoints: Pick<EndpointStore, 'list'>;
  readonly surges: Pick<SurgeStore, 'holdersCountedAt' | 'keepHolders'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Longer than any certificate of ours lives. */
const LONGEST_LIFE_SECONDS = 400 * SECONDS_PER_DAY;

/**
 * Counts, once a day, the people who hold a certificate that has not ended: what a source may say in an hour is a
 * share of them. Of revoked certificates too, which come off with their end: the count is read from narrow rows.
 */
export async function countHolders({
  certificates,
  endpoints,
  surges,
  clock,
}: CountHoldersDeps): Promise<void> {
  const at = clock.now();
  const countedAt = await surges.holdersCountedAt();
  if (countedAt !== undefined && at - countedAt < SECONDS_PER_DAY * 1000) return;
  const range = { from: secondsFrom(at), until: secondsFrom(at) + LONGEST_LIFE_SECONDS };
  const holders = new Set<string>();
  for (const caId of new Set((await endpoints.list()).map((endpoint) => endpoint.caId))) {
    for (const personId of await certificates.holdersByEnd(caId, range)) holders.add(personId);
  }
  await surges.keepHolders(holders.size, at);
}
