import { assertMayRead, type AccessPolicy, type Caller } from '../../domain/caller.ts';
import type { SerialNumber } from '../../domain/certificate-id.ts';
import type { CertificateRecord } from '../../domain/certificate-record.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Person } from '../../domain/person.ts';
import { secondsFrom, type EpochSeconds } from '../../domain/time.ts';
import type { CertificateStore } from '../../ports/certificate-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EndpointStore } from '../../ports/endpoint-store.ts';
import type { PersonStore } from '../../ports/person-store.ts';
import { assertCallerInGoodStanding } from './standing.ts';

export interface ListHoldersDeps {
  readonly people: PersonStore;
  readonly certificates: Pick<CertificateStore, 'listByEnd'>;
  readonly endpoints: Pick<EndpointStore, 'findAuthority'>;
  readonly clock: Clock;
  readonly access: AccessPolicy;
}

export interface Holder {
  readonly certificate: CertificateRecord;
  readonly person: Person | undefined;
}

export interface HoldersPage {
  readonly caNotAfter: EpochSeconds;
  readonly holders: readonly Holder[];
  /** Where the next page begins; absent on the last one. */
  readonly nextCursor?: string;
}

/** Certificates of a page; fewer are shown where some are revoked. */
const PAGE = 100;

/**
 * Who holds a certificate of a CA that is neither revoked nor over, those that end first coming first: who still has
 * to move to another CA. A certificate that is issued meanwhile is on a later page, or on none when it ends sooner.
 *
 * @param cursor the `nextCursor` of the page before
 * @throws DomainError notAllowed, personDenied, aliasUnderReview, notFound, malformedRequest
 */
export async function listHolders(
  deps: ListHoldersDeps,
  caller: Caller,
  caId: string,
  cursor?: string,
): Promise<HoldersPage> {
  assertMayRead(caller, deps.access);
  await assertCallerInGoodStanding(deps.people, caller);
  const authority = await deps.endpoints.findAuthority(caId);
  if (authority === undefined) throw new DomainError('notFound', 'no CA has this name');
  const from = secondsFrom(deps.clock.now());
  // No certificate outlives its CA.
  const range = { from, until: Math.max(from, authority.notAfter), limit: PAGE };
  const after = cursor === undefined ? undefined : positionFrom(cursor);
  const page = await deps.certificates.listByEnd(caId, after === undefined ? range : { ...range, after });
  const held = page.filter(({ revocation }) => revocation === undefined);
  const ids = [...new Set(held.map(({ personId }) => personId))];
  const people = new Map(await Promise.all(ids.map(async (id) => [id, await deps.people.find(id)] as const)));
  const last = page.length === PAGE ? page.at(-1) : undefined;
  return {
    caNotAfter: authority.notAfter,
    holders: held.map((certificate) => ({ certificate, person: people.get(certificate.personId) })),
    ...(last === undefined ? {} : { nextCursor: `${last.notAfter}-${last.serialNumber}` }),
  };
}

function positionFrom(cursor: string): { notAfter: EpochSeconds; serialNumber: SerialNumber } {
  const [, notAfter, serialNumber] = /^(\d{1,11})-([0-9a-f]{20})$/.exec(cursor) ?? [];
  if (notAfter === undefined || serialNumber === undefined) {
    throw new DomainError('malformedRequest', 'the cursor is not one that an earlier page gave');
  }
  return { notAfter: Number(notAfter), serialNumber: serialNumber as SerialNumber };
}
