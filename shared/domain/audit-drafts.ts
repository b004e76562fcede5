import type { AuditDraft, AuditFacts } from './audit-entry.ts';
import type { JsonValue } from './canonical-json.ts';
import type { CertificateRecord, Revocation } from './certificate-record.ts';
import type { OffboardingRecord } from './offboarding.ts';
import type { EpochMilliseconds } from './time.ts';

/*
 * What is written down of each change: the same words, whichever store writes them. The facts are enough to make the
 * change again from the journal (shared/use-cases/replay-journal.ts).
 */

/** An event by which somebody acted. */
interface ActingEvent {
  readonly source: string;
  readonly eventId: string;
  readonly bodySha256Hex: string;
  readonly actor?: string;
}

/** Leaves out what is absent. */
const factsFrom = (facts: Readonly<Record<string, JsonValue | undefined>>): AuditFacts =>
  Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );

export function issuedDraft(
  record: CertificateRecord,
  issued: NonNullable<CertificateRecord['issued']>,
): AuditDraft {
  const { personId, certificateId, serialNumber, caId, notAfter, predecessorId } = record;
  return {
    at: issued.issuedAt * 1000,
    actor: personId,
    action: predecessorId === undefined ? 'certificateIssued' : 'certificateRenewed',
    facts: factsFrom({
      certificateId,
      serialNumber,
      caId,
      notAfter,
      predecessorId,
      fingerprintSha256Hex: issued.fingerprintSha256Hex,
    }),
  };
}

/** Who revoked, where nobody says more. */
const revokerOf = ({ personId }: CertificateRecord, { by }: Revocation): string =>
  by === 'owner' ? personId : by === 'administrator' ? 'administrator' : 'portal';

/** @param waitsFrom when endpoints begin to wait for a list with it; absent where it was on one already */
export const revokedDraft = (
  record: CertificateRecord,
  revocation: Revocation,
  { actor, waitsFrom }: { readonly actor?: string | undefined; readonly waitsFrom?: EpochMilliseconds },
): AuditDraft => ({
  at: revocation.revocationDate * 1000,
  actor: actor ?? revokerOf(record, revocation),
  action: waitsFrom === undefined ? 'revocationTakenOver' : 'certificateRevoked',
  facts: factsFrom({
    certificateId: record.certificateId,
    serialNumber: record.serialNumber,
    reason: revocation.reason,
    by: revocation.by,
    offboardingId: revocation.offboardingId,
    waitsFrom,
  }),
});

/** @param passedTo the offboarding that asks for the same revocation, where one does */
export const undoneDraft = (
  { certificateId, serialNumber }: CertificateRecord,
  offboardingId: string,
  at: EpochMilliseconds,
  passedTo?: string,
): AuditDraft => ({
  at,
  actor: 'portal',
  action: passedTo === undefined ? 'revocationUndone' : 'revocationPassedOn',
  facts: factsFrom({ certificateId, serialNumber, offboardingId, passedTo }),
});

export const deniedDraft = (record: OffboardingRecord, event: ActingEvent): AuditDraft => ({
  at: record.deniedAt ?? record.receivedAt,
  actor: record.actor ?? record.source,
  action: 'denied',
  facts: factsFrom({
    offboardingId: record.offboardingId,
    source: record.source,
    kind: record.kind,
    meant: record.meant,
    eventId: event.eventId,
    bodySha256Hex: event.bodySha256Hex,
    eventTime: record.eventTime,
    receivedAt: record.receivedAt,
  }),
});

/** @param sources whose denials were lifted; @param lifted the ids of their records */
export const liftedDraft = (
  event: ActingEvent & { readonly eventTime: EpochMilliseconds; readonly at: EpochMilliseconds },
  sources: string,
  lifted: readonly string[],
): AuditDraft => ({
  at: event.at,
  actor: event.actor ?? event.source,
  action: 'lifted',
  facts: {
    source: event.source,
    sources,
    eventId: event.eventId,
    bodySha256Hex: event.bodySha256Hex,
    eventTime: event.eventTime,
    lifted: [...lifted],
  },
});

export const settledDraft = (
  action: 'surgeConfirmed' | 'surgeReleased',
  { offboardingId, meant }: OffboardingRecord,
  at: EpochMilliseconds,
  actor: string,
): AuditDraft => ({ at, actor, action, facts: factsFrom({ offboardingId, meant }) });

/** Beyond so many only their number is written down; each is in the offboarding itself. */
const NAMED_CONNECTIONS = 100;

export const closedDraft = (
  record: OffboardingRecord,
  at: EpochMilliseconds,
  terminatedConnections = record.terminated.length,
): AuditDraft => ({
  at,
  actor: 'portal',
  action: 'offboardingClosed',
  facts: factsFrom({
    offboardingId: record.offboardingId,
    eventTime: record.eventTime,
    receivedAt: record.receivedAt,
    deniedAt: record.deniedAt,
    revokedAt: record.revokedAt,
    revokedCertificates: record.revokedCertificates,
    cutAt: { ...record.cutAt },
    terminatedConnections,
    terminated: record.terminated.slice(0, NAMED_CONNECTIONS).map((connection) => ({ ...connection })),
    publishedAt: Object.fromEntries(
      Object.entries(record.publishedAt).map(([id, { at: publishedAt, crlNumber }]) => [
        id,
        { at: publishedAt, crlNumber },
      ]),
    ),
    confirmedAt: record.confirmedAt,
    liftedAt: record.liftedAt,
  }),
});
