import type { CertificateId, SerialNumber } from '../../domain/certificate-id.ts';
import { monthOfDatedId } from '../../domain/dated-id.ts';
import type { Alias, PersonId, SourceId } from '../../domain/identity.ts';
import { isoFromSeconds, type EpochMilliseconds, type EpochSeconds } from '../../domain/time.ts';
import type { TellingNote } from '../../domain/telling.ts';
import type { ScimLookup } from '../../ports/scim-user-store.ts';
import { assertWholeNumbers } from './item.ts';

/** The primary key of an item. The whole layout: docs/item-layout.md. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** The key of an item that was read. */
export function keyOf({ pk, sk }: Readonly<Record<string, unknown>>): Key {
  if (typeof pk !== 'string' || typeof sk !== 'string')
    throw new Error('stored item is broken: it has no key');
  return { pk, sk };
}

/** Epoch seconds that sort as text until the year 33658. */
const paddedSeconds = (at: EpochSeconds): string => padded(at, 12);
const paddedMilliseconds = (at: EpochMilliseconds): string => padded(at, 15);

function padded(at: number, digits: number): string {
  assertWholeNumbers(at, 'a time in a key');
  return String(at).padStart(digits, '0');
}

export const personKey = (personId: PersonId): Key => ({ pk: `PERSON#${personId}`, sk: 'PERSON' });
export const CERTIFICATE_POINTER_PREFIX = 'CERT#';
export const certificatePointerKey = (personId: PersonId, certificateId: CertificateId): Key => ({
  pk: `PERSON#${personId}`,
  sk: `${CERTIFICATE_POINTER_PREFIX}${certificateId}`,
});
export const idempotencyKey = (personId: PersonId, key: string): Key => ({
  pk: `PERSON#${personId}`,
  sk: `IDEM#${key}`,
});
export const aliasKey = (alias: Alias): Key => ({ pk: `ALIAS#${alias.kind}#${alias.value}`, sk: 'ALIAS' });

/** That a source said somebody of that name is back, when nobody had it. */
export const notedReturnKey = (alias: Alias, source: SourceId): Key => ({
  pk: aliasKey(alias).pk,
  sk: `RETURNED#${source}`,
});

/** A person's chain of audit entries. */
export const auditPk = (personId: PersonId): string => `AUDIT#${personId}`;
export const auditSk = (sequence: number): string => padded(sequence, 12);
export const auditKey = (personId: PersonId, sequence: number): Key => ({
  pk: auditPk(personId),
  sk: auditSk(sequence),
});
/** Everybody who has a chain. */
export const AUDITED_PK = 'AUDITED';
/** An entry that the journal does not have yet. */
export const UNJOURNALLED_PK = 'OPEN#JOURNAL';
export const unjournalledKey = (personId: PersonId, sequence: number): Key => ({
  pk: UNJOURNALLED_PK,
  sk: `${personId}#${padded(sequence, 12)}`,
});
export const journalKey: Key = { pk: 'JOURNAL', sk: 'HEAD' };
export const auditedKey = (personId: PersonId): Key => ({ pk: AUDITED_PK, sk: personId });
/** Which user of a directory has an alias as the name by which she is known, or had it last. */
export const aliasUseKey = (alias: Alias): Key => ({ pk: aliasKey(alias).pk, sk: 'SCIM' });
export const scimUserKey = (scimUserId: string): Key => ({ pk: `SCIM#${scimUserId}`, sk: 'SCIM' });
export const SCIM_USERS_PK = 'SCIM-USERS';
export const scimUserNoteKey = (scimUserId: string): Key => ({ pk: SCIM_USERS_PK, sk: scimUserId });
/** @param userName in its one form */
export const scimNameKey = (userName: string): Key => ({ pk: `SCIM-NAME#${userName}`, sk: 'SCIM-NAME' });
export const scimLookupPk = (lookup: ScimLookup, value: string): string => `SCIM-LOOKUP#${lookup}#${value}`;
export const scimLookupKey = (lookup: ScimLookup, value: string, scimUserId: string): Key => ({
  pk: scimLookupPk(lookup, value),
  sk: scimUserId,
});

export const certificateKey = (certificateId: CertificateId): Key => ({
  pk: `CERT#${certificateId}`,
  sk: 'CERT',
});
/** The four items that the gate is tried with (shared/domain/gate-probe.ts). Text, since the probe's role says the same. */
export const admittedProbeCertificateKey: Key = { pk: 'CERT#000000GATEPR0BE1', sk: 'CERT' };
export const deniedProbeCertificateKey: Key = { pk: 'CERT#000000GATEPR0BE2', sk: 'CERT' };
export const admittedProbePersonKey: Key = { pk: 'PERSON#0000000000000000gate0pr0be', sk: 'PERSON' };
export const deniedProbePersonKey: Key = { pk: 'PERSON#000000000gate0pr0be0den1ed', sk: 'PERSON' };
export const publicKeyKey = (publicKeySha256Hex: string): Key => ({
  pk: `KEY#${publicKeySha256Hex}`,
  sk: 'KEY',
});
export const fingerprintKey = (fingerprintSha256Hex: string): Key => ({
  pk: `FINGERPRINT#${fingerprintSha256Hex}`,
  sk: 'FINGERPRINT',
});

export const UNTOLD_PK = 'OPEN#NOTICE';
export const untoldKey = (certificateId: CertificateId): Key => ({ pk: UNTOLD_PK, sk: certificateId });
/** What operators are to be told of. */
export const TELLINGS_PK = 'OPEN#TELLING';
export const tellingKey = ({ kind, id }: TellingNote): Key => ({ pk: TELLINGS_PK, sk: `${kind}#${id}` });
export const noticeTurnKey = (): Key => ({ pk: 'NOTICES', sk: 'TURN' });

export const authorityKey = (caId: string): Key => ({ pk: `CA#${caId}`, sk: 'CA' });
export const serverCertificateKey = (caId: string): Key => ({ pk: `CA#${caId}`, sk: 'SERVER' });
export const serverCertificateRecordKey = (caId: string, serialNumber: SerialNumber): Key => ({
  pk: `CA#${caId}`,
  sk: `SERVER#${serialNumber}`,
});
export const crlKey = (caId: string): Key => ({ pk: `CA#${caId}`, sk: 'CRL' });
export const crlPartsPk = (caId: string, crlNumber: number): string => `CA#${caId}#CRL#${crlNumber}`;
export const crlPartKey = (caId: string, crlNumber: number, part: number): Key => ({
  pk: crlPartsPk(caId, crlNumber),
  sk: `PART#${String(part).padStart(3, '0')}`,
});

export const revocationsPk = (caId: string): string => `CA#${caId}#REVOKED`;
/** The least sort key of a certificate that ends at this time. */
export const revocationSkFrom = (notAfter: EpochSeconds): string => paddedSeconds(notAfter);
export const revocationKey = (caId: string, notAfter: EpochSeconds, serialNumber: SerialNumber): Key => ({
  pk: revocationsPk(caId),
  sk: `${paddedSeconds(notAfter)}#${serialNumber}`,
});

/** Issued certificates by the month of their end. */
export const expiryPk = (caId: string, month: string): string => `CA#${caId}#EXPIRES#${month}`;
export const expirySk = (notAfter: EpochSeconds, serialNumber: SerialNumber): string =>
  `${paddedSeconds(notAfter)}#${serialNumber}`;
/** The sort keys of everything that ends in a range, both ends included; `#` and hex digits lie between these. */
export const expirySkFrom = (from: EpochSeconds): string => paddedSeconds(from);
export const expirySkUntil = (until: EpochSeconds): string => `${paddedSeconds(until)}~`;
export const expiryKey = (caId: string, notAfter: EpochSeconds, serialNumber: SerialNumber): Key => ({
  pk: expiryPk(caId, isoFromSeconds(notAfter).slice(0, 7)),
  sk: expirySk(notAfter, serialNumber),
});

export const pendingPk = (endpointId: string): string => `PENDING#${endpointId}`;
export const pendingKey = (
  endpointId: string,
  since: EpochMilliseconds,
  serialNumber: SerialNumber,
): Key => ({
  pk: pendingPk(endpointId),
  sk: `${paddedMilliseconds(since)}#${serialNumber}`,
});

/** What `revocationKey` and `pendingKey` put into a sort key. */
export function timeAndSerialFrom(sk: unknown): { at: number; serialNumber: SerialNumber } {
  if (typeof sk !== 'string' || !/^\d{12,15}#[0-9a-f]{20,40}$/.test(sk)) {
    throw new Error('stored item is broken: its sort key is no time and serial number');
  }
  const separator = sk.indexOf('#');
  return { at: Number(sk.slice(0, separator)), serialNumber: sk.slice(separator + 1) as SerialNumber };
}

export const ENDPOINTS_PK = 'ENDPOINTS';
export const endpointKey = (endpointId: string): Key => ({ pk: ENDPOINTS_PK, sk: endpointId });

export const eventKey = (source: SourceId, eventId: string): Key => ({
  pk: `EVENT#${source}#${eventId}`,
  sk: 'EVENT',
});
export const offboardingsPk = (month: string): string => `OFFBOARDING#${month}`;
/** @throws Error for what is no dated id: an id that never was, or our bug */
export const offboardingKey = (offboardingId: string): Key => ({
  pk: offboardingsPk(monthOf(offboardingId)),
  sk: offboardingId,
});
export const OPEN_OFFBOARDINGS_PK = 'OPEN#OFFBOARDING';
export const openOffboardingKey = (offboardingId: string): Key => ({
  pk: OPEN_OFFBOARDINGS_PK,
  sk: offboardingId,
});
/** Offboardings whose day lies ahead; their ids sort by it. */
export const PLANS_PK = 'PLANNED';
export const planKey = (planId: string): Key => ({ pk: PLANS_PK, sk: planId });
export const HOLDS_PK = 'HOLD';
export const holdKey = (offboardingId: string): Key => ({ pk: HOLDS_PK, sk: offboardingId });
/** How many people a source denied in one hour of the clock. */
export const surgeCountKey = (source: SourceId, hour: number): Key => ({
  pk: `SURGE#${source}`,
  sk: `HOUR#${padded(hour, 9)}`,
});
export const expectedLeaversKey = (source: SourceId): Key => ({ pk: `SURGE#${source}`, sk: 'EXPECTED' });
export const holdersKey: Key = { pk: 'SURGE', sk: 'HOLDERS' };
/** @throws Error for what is no dated id */
export const settlementKey = (settlementId: string): Key => ({
  pk: `SETTLEMENT#${monthOf(settlementId)}`,
  sk: settlementId,
});
export const OPEN_SETTLEMENTS_PK = 'OPEN#SETTLEMENT';
export const openSettlementKey = (settlementId: string): Key => ({
  pk: OPEN_SETTLEMENTS_PK,
  sk: settlementId,
});
export const incidentKey = (incidentId: string): Key => ({
  pk: `INCIDENT#${monthOf(incidentId)}`,
  sk: incidentId,
});
export const OPEN_INCIDENTS_PK = 'OPEN#INCIDENT';
export const openIncidentKey = (incidentId: string): Key => ({ pk: OPEN_INCIDENTS_PK, sk: incidentId });
export const incidentDedupeKey = (dedupeKey: string): Key => ({
  pk: `INCIDENT-DEDUPE#${dedupeKey}`,
  sk: 'INCIDENT-DEDUPE',
});

/** What a vendor's directory said of somebody last. */
export const lookupAnswerKey = (source: SourceId, directoryId: string): Key => ({
  pk: `LOOKUP#${source}`,
  sk: directoryId,
});

function monthOf(datedId: string): string {
  const month = monthOfDatedId(datedId);
  if (month === undefined) throw new Error('not a dated id');
  return month;
}

const RECONCILIATION_PK = 'RECONCILIATION';
/** The run that is not over. */
export const currentReconciliationKey: Key = { pk: RECONCILIATION_PK, sk: 'CURRENT' };
export const reconciliationWishKey: Key = { pk: RECONCILIATION_PK, sk: 'WISH' };
export const reconciliationHistoryKey: Key = { pk: RECONCILIATION_PK, sk: 'HISTORY' };
/** On what comparisons acted; no run has this id. */
export const RECONCILIATION_ACTED_PK = 'RECONCILIATION#ACTED';
export const reconciliationActedKey = (personId: PersonId): Key => ({
  pk: RECONCILIATION_ACTED_PK,
  sk: personId,
});
export const reconciliationPartsPk = (runId: string): string => `RECONCILIATION#${runId}`;
export const reconciliationRunKey = (runId: string): Key => ({
  pk: reconciliationPartsPk(runId),
  sk: 'RUN',
});
export const RECONCILIATION_PAGE_PREFIX = 'PAGE#';
const paddedPart = (number: number): string => String(number).padStart(6, '0');
export const reconciliationPageKey = (runId: string, number: number): Key => ({
  pk: reconciliationPartsPk(runId),
  sk: `${RECONCILIATION_PAGE_PREFIX}${paddedPart(number)}`,
});
export const reconciliationFindingsKey = (runId: string, part: number): Key => ({
  pk: reconciliationPartsPk(runId),
  sk: `FINDINGS#${paddedPart(part)}`,
});
