import { assertMayRead, type AccessPolicy, type Caller } from '../../domain/caller.ts';
import { parseCertificateId, serialNumberOf, certificateIdOf } from '../../domain/certificate-id.ts';
import type { CertificateRecord } from '../../domain/certificate-record.ts';
import { monthOfDatedId } from '../../domain/dated-id.ts';
import { DomainError } from '../../domain/errors.ts';
import type { OffboardingRecord } from '../../domain/offboarding.ts';
import { SECONDS_PER_DAY, isoFromMilliseconds, secondsFrom, type EpochSeconds } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EndpointStore } from '../../ports/endpoint-store.ts';
import type { CertificatePlace, ExportStore } from '../../ports/export-store.ts';
import type { PersonStore } from '../../ports/person-store.ts';
import { assertCallerInGoodStanding } from './standing.ts';

export interface ExportDeps {
  readonly people: PersonStore;
  readonly endpoints: EndpointStore;
  readonly exports: ExportStore;
  readonly clock: Clock;
  readonly access: AccessPolicy;
}

/** One page, and the text with which the next is asked for. */
export interface ExportPage<Value> {
  readonly records: readonly Value[];
  readonly unreadable: readonly string[];
  readonly nextCursor?: string;
}

/** API Gateway and Lambda carry 6 MB: a page of the longest timelines stays far below. */
const PAGE_RECORDS = 100;
/** No portal is older. */
const FIRST_END: EpochSeconds = Date.UTC(2026, 0) / 1000;
/** No certificate is issued for longer: 398 days and a tenth. */
const LONGEST_LIFE_SECONDS = 440 * SECONDS_PER_DAY;

/**
 * Every certificate that was issued, CA by CA, those that end first coming first, whatever became of them.
 *
 * @param asked `endsFrom`: without those that ended earlier; `cursor`: of the page before
 * @throws DomainError notAllowed, malformedRequest
 */
export async function exportCertificates(
  deps: ExportDeps,
  caller: Caller,
  asked: { readonly endsFrom?: EpochSeconds | undefined; readonly cursor?: string | undefined },
): Promise<ExportPage<CertificateRecord>> {
  await assertReader(deps, caller);
  const caIds = [...new Set((await deps.endpoints.listAll()).map(({ caId }) => caId))].sort();
  const place = asked.cursor === undefined ? undefined : parsePlace(asked.cursor);
  const caId = place?.caId ?? caIds[0];
  if (caId === undefined) return { records: [], unreadable: [] };
  const page = await deps.exports.certificates(
    caId,
    {
      from: Math.max(asked.endsFrom ?? FIRST_END, FIRST_END),
      until: secondsFrom(deps.clock.now()) + LONGEST_LIFE_SECONDS,
      ...(place?.after && { after: place.after }),
    },
    PAGE_RECORDS,
  );
  const nextCaId = page.next === undefined ? caIds.find((other) => other > caId) : caId;
  return {
    records: page.records,
    unreadable: page.unreadable,
    ...(nextCaId === undefined ? {} : { nextCursor: placeText(nextCaId, page.next) }),
  };
}

/**
 * The offboardings of a month, oldest first.
 *
 * @param asked `month`: UTC, `YYYY-MM`, this one when absent; `cursor`: of the page before
 * @throws DomainError notAllowed, malformedRequest
 */
export async function exportOffboardings(
  deps: ExportDeps,
  caller: Caller,
  asked: { readonly month?: string | undefined; readonly cursor?: string | undefined },
): Promise<ExportPage<OffboardingRecord>> {
  await assertReader(deps, caller);
  const month = asked.month ?? isoFromMilliseconds(deps.clock.now()).slice(0, 7);
  if (asked.cursor !== undefined && monthOfDatedId(asked.cursor) !== month) throw notACursor();
  const page = await deps.exports.offboardings(month, asked.cursor, PAGE_RECORDS);
  return {
    records: page.records,
    unreadable: page.unreadable,
    ...(page.next === undefined ? {} : { nextCursor: page.next }),
  };
}

async function assertReader(deps: ExportDeps, caller: Caller): Promise<void> {
  assertMayRead(caller, deps.access);
  await assertCallerInGoodStanding(deps.people, caller);
}

const notACursor = (): DomainError => new DomainError('malformedRequest', 'this is no cursor of an answer');

/** `ca1`, or `ca1.1772355600.7K3M9QZ2X4T1ABCD` for what is behind a certificate. */
const placeText = (caId: string, after: CertificatePlace | undefined): string =>
  after === undefined ? caId : `${caId}.${after.notAfter}.${certificateIdOf(after.serialNumber)}`;

function parsePlace(cursor: string): { caId: string; after?: CertificatePlace } {
  const [, caId, notAfter, id] = /^([a-z][a-z0-9-]{0,14})(?:\.(\d{1,11})\.(\w{16}))?$/.exec(cursor) ?? [];
  if (caId === undefined) throw notACursor();
  if (notAfter === undefined || id === undefined) return { caId };
  const certificateId = parseCertificateId(id);
  if (certificateId === undefined) throw notACursor();
  return { caId, after: { notAfter: Number(notAfter), serialNumber: serialNumberOf(certificateId) } };
}
