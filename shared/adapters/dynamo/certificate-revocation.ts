import { isPersonsWord, type CertificateRecord, type Revocation } from '../../domain/certificate-record.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import type { RevokeOutcome } from '../../ports/certificate-store.ts';
import {
  readCertificate,
  readPendingPlaces,
  revocationEntry,
  type PendingPlaces,
} from './certificate-items.ts';
import { ItemReader } from './item.ts';
import { certificateKey, pendingKey, personKey, revocationKey } from './keys.ts';
import { findStoredPerson } from './person-store.ts';
import { transactAudited, type AuditedTransaction } from './audit-chain.ts';
import { revokedDraft, undoneDraft } from '../../domain/audit-drafts.ts';
import { backOff, getItem } from './table.ts';
import type { DynamoTable } from './table.ts';
import { transact, type Action } from './writes.ts';

/** See CertificateStore.revoke. */
export async function revoke(
  table: DynamoTable,
  record: CertificateRecord,
  revocation: Revocation,
  asked: {
    readonly since: EpochMilliseconds;
    readonly alsoAt: readonly string[];
    readonly actor?: string | undefined;
  },
): Promise<RevokeOutcome> {
  const { since, actor } = asked;
  const endpointIds = [...new Set([...record.endpointIds, ...asked.alsoAt])];
  for (let attempt = 1; ; attempt += 1) {
    const outcome =
      (await revokeFirst(table, record, revocation, { since, endpointIds }, actor)) ??
      (await takeOver(table, record, revocation, actor));
    if (outcome !== undefined) return outcome;
    // The revocation that was to be taken over was taken back, or taken over by another: look again.
    if (!(await backOff(table, attempt)))
      throw new Error('a certificate cannot be revoked: others keep changing it');
  }
}

/** @returns undefined when it is revoked by an offboarding, and the word given takes that over */
async function revokeFirst(
  table: DynamoTable,
  record: CertificateRecord,
  revocation: Revocation,
  pending: PendingPlaces,
  actor: string | undefined,
): Promise<RevokeOutcome | undefined> {
  const { certificateId, caId, notAfter, serialNumber, personId } = record;
  const { revocationDate, reason, offboardingId } = revocation;
  const failed = await transactAudited(table, {
    personId,
    draft: revokedDraft(record, revocation, { actor, waitsFrom: pending.since }),
    named: {
      certificate: {
        update: certificateKey(certificateId),
        change: {
          set: 'SET #revocation = :revocation',
          if: 'attribute_exists(pk) AND attribute_not_exists(#revocation)',
          names: ['revocation'],
          values: { revocation: revocationEntry(revocation, pending) },
        },
      },
      person:
        offboardingId === undefined
          ? undefined
          : { check: personKey(personId), condition: whileDeniedBy(offboardingId) },
    },
    others: [
      { put: { ...revocationKey(caId, notAfter, serialNumber), revocationDate, reason } },
      ...pending.endpointIds.map((id): Action => ({
        put: { ...pendingKey(id, pending.since, serialNumber) },
      })),
    ],
  });
  if (failed === undefined) return 'revoked';
  if (failed.certificate === undefined) return 'denialGone';
  const { old } = failed.certificate;
  if (old === undefined) throw new Error('a certificate that is not there cannot be revoked');
  const isOffboardings = old['revocation']?.M?.['by']?.S === BY_OFFBOARDING;
  return isOffboardings && isPersonsWord(revocation.by) ? undefined : 'alreadyRevoked';
}

/**
 * Makes an offboarding's revocation the owner's or administrator's own. Its row follows, unless a list took it up;
 * the notes at the endpoints stay, since it has been waiting for their lists all along.
 *
 * @returns undefined when it is no longer an offboarding's
 */
async function takeOver(
  table: DynamoTable,
  record: CertificateRecord,
  revocation: Revocation,
  actor: string | undefined,
): Promise<'revoked' | undefined> {
  const { certificateId, personId, caId, notAfter, serialNumber } = record;
  const { revocationDate, reason, by } = revocation;
  const draft = revokedDraft(record, revocation, { actor });
  const certificate: Action = {
    update: certificateKey(certificateId),
    change: {
      set: 'SET #revocation.#date = :date, #revocation.#reason = :reason, #revocation.#by = :by REMOVE #revocation.#offboarding',
      if: '#revocation.#by = :offboardings',
      names: {
        revocation: 'revocation',
        date: 'revocationDate',
        reason: 'reason',
        by: 'by',
        offboarding: 'offboardingId',
      },
      values: { date: revocationDate, reason, by, offboardings: BY_OFFBOARDING },
    },
  };
  const row: Action = {
    update: revocationKey(caId, notAfter, serialNumber),
    change: {
      set: 'SET #date = :date, #reason = :reason',
      ...whileNotTakenUp,
      names: { ...whileNotTakenUp.names, date: 'revocationDate', reason: 'reason' },
      values: { date: revocationDate, reason },
    },
  };
  const failed = await transactAudited(table, { personId, draft, named: { certificate, row } });
  if (failed === undefined) return 'revoked';
  if (failed.certificate !== undefined) return undefined;
  if (failed.row?.old === undefined) throw new Error('a revoked certificate has no row for the list');
  // Published is final: nothing can be taken back any more, so the certificate's own word may change by itself.
  const late = await transactAudited(table, { personId, draft, named: { certificate } });
  return late === undefined ? 'revoked' : undefined;
}

/** See CertificateStore.endPatience. The notes move; where one had gone, the list that took it up makes it go again. */
export async function endPatience(
  table: DynamoTable,
  { certificateId, serialNumber }: CertificateRecord,
  since: EpochMilliseconds,
): Promise<void> {
  const item = await getItem(table, certificateKey(certificateId));
  if (item === undefined || readCertificate(item).revocation?.by !== 'renewal') return;
  const before = readPendingPlaces(item);
  if (before.since <= since) return;
  // Who did it meanwhile did the same.
  await transact<string>(
    table,
    {
      certificate: {
        update: certificateKey(certificateId),
        change: {
          set: 'SET #revocation.#since = :since',
          if: '#revocation.#since = :before',
          names: { revocation: 'revocation', since: 'pendingSince' },
          values: { since, before: before.since },
        },
      },
    },
    before.endpointIds.flatMap((id): Action[] => [
      { remove: pendingKey(id, before.since, serialNumber) },
      { put: { ...pendingKey(id, since, serialNumber) } },
    ]),
  );
}

const BY_OFFBOARDING = 'offboarding' satisfies Revocation['by'];

const whileNotTakenUp = {
  if: 'attribute_exists(pk) AND attribute_not_exists(#number)',
  names: { number: 'crlNumber' },
};

const whileDeniedBy = (offboardingId: string) => ({
  if: 'attribute_exists(#denials.#offboarding)',
  names: { denials: 'denials', offboarding: offboardingId },
});

/** See CertificateStore.undoRevocation. */
export async function undoRevocation(
  table: DynamoTable,
  record: CertificateRecord,
  at: EpochMilliseconds,
): Promise<'undone' | 'published' | 'notRevoked'> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await tryUndo(table, record, at);
    if (outcome !== undefined) return outcome;
    // A list took it up, or a denial came or went, after we looked: look again.
    if (!(await backOff(table, attempt)))
      throw new Error('a revocation cannot be undone: others keep changing it');
  }
}

/** @returns undefined when what was read is no longer so */
async function tryUndo(
  table: DynamoTable,
  { certificateId, revocation }: CertificateRecord,
  at: EpochMilliseconds,
): Promise<'undone' | 'published' | 'notRevoked' | undefined> {
  const item = await getItem(table, certificateKey(certificateId));
  if (item === undefined) throw new Error('a certificate that is not there cannot be reinstated');
  const stored = readCertificate(item);
  const offboardingId = revocation?.offboardingId;
  // Only what follows from an offboarding is ever taken back, and only for that offboarding: meanwhile the owner
  // may have revoked it herself.
  if (offboardingId === undefined || stored.revocation?.offboardingId !== offboardingId) return 'notRevoked';
  const { personId, caId, notAfter, serialNumber } = stored;
  const row = await getItem(table, revocationKey(caId, notAfter, serialNumber));
  if (row === undefined) throw new Error('a revoked certificate has no row for the list');
  if (new ItemReader(row).has('crlNumber')) return 'published';

  const known = await findStoredPerson(table, personId);
  if (known === undefined) throw new Error("a certificate's person is not there");
  const heir = known.person.denials.find(({ kind }) => kind === 'left');
  if (heir !== undefined) {
    const draft = undoneDraft(stored, offboardingId, at, heir.offboardingId);
    const named = passOn(stored, offboardingId, heir.offboardingId);
    const failed = await transactAudited(table, { personId, draft, named }, known.auditHead);
    return failed === undefined ? 'notRevoked' : undefined;
  }
  const { since, endpointIds } = readPendingPlaces(item);
  const transaction: AuditedTransaction<'certificate' | 'row' | 'person'> = {
    personId,
    draft: undoneDraft(stored, offboardingId, at),
    named: {
      certificate: {
        update: certificateKey(certificateId),
        change: { set: 'REMOVE #revocation', ...whileRevokedBy(offboardingId) },
      },
      row: {
        remove: revocationKey(caId, notAfter, serialNumber),
        condition: whileNotTakenUp,
      },
      // A new denial would find the certificate revoked and do nothing: it must come before this, or after.
      person: {
        check: personKey(personId),
        condition: {
          if: '#changes = :seen',
          names: { changes: 'denialChanges' },
          values: { seen: known.denialChanges },
        },
      },
    },
    others: endpointIds.map((id): Action => ({ remove: pendingKey(id, since, serialNumber) })),
  };
  const failed = await transactAudited(table, transaction, known.auditHead);
  return failed === undefined ? 'undone' : undefined;
}

/** Another denial asks for the same revocation: from now on it follows from that one. */
const passOn = (
  { certificateId, personId }: CertificateRecord,
  from: string,
  to: string,
): { certificate: Action; person: Action } => {
  const condition = whileRevokedBy(from);
  return {
    certificate: {
      update: certificateKey(certificateId),
      change: {
        set: 'SET #revocation.#offboarding = :to',
        ...condition,
        values: { ...condition.values, to },
      },
    },
    person: { check: personKey(personId), condition: whileDeniedBy(to) },
  };
};

const whileRevokedBy = (offboardingId: string) => ({
  if: '#revocation.#offboarding = :from',
  names: { revocation: 'revocation', offboarding: 'offboardingId' },
  values: { from: offboardingId },
});
