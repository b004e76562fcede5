import { SECONDS_PER_DAY, secondsFrom } from '../domain/time.ts';
import type { PersonId } from '../domain/identity.ts';
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

/** Whoever holds a certificate that has not ended, also one that was revoked: read from narrow rows, by its end. */
export async function holdersNow({
  certificates,
  endpoints,
  clock,
}: Pick<CountHoldersDeps, 'certificates' | 'endpoints' | 'clock'>): Promise<ReadonlySet<PersonId>> {
  const from = secondsFrom(clock.now());
  const range = { from, until: from + LONGEST_LIFE_SECONDS };
  const holders = new Set<PersonId>();
  for (const caId of new Set((await endpoints.list()).map((endpoint) => endpoint.caId))) {
    for (const personId of await certificates.holdersByEnd(caId, range)) holders.add(personId);
  }
  return holders;
}

/** Counts, once a day, the people who hold certificates: what a source may say in an hour is a share of them. */
export async function countHolders({ surges, ...deps }: CountHoldersDeps): Promise<void> {
  const at = deps.clock.now();
  const countedAt = await surges.holdersCountedAt();
  if (countedAt !== undefined && at - countedAt < SECONDS_PER_DAY * 1000) return;
  await surges.keepHolders((await holdersNow(deps)).size, at);
}
