import type { CertificateId } from '../../../shared/domain/certificate-id.ts';
import {
  isPersonsWord,
  stateOf,
  type CertificateRecord,
  type Revocation,
} from '../../../shared/domain/certificate-record.ts';
import { isDenied } from '../../../shared/domain/person.ts';
import { issuedDraft, revokedDraft, undoneDraft } from '../../../shared/domain/audit-drafts.ts';
import type { CertificateStore } from '../../../shared/ports/certificate-store.ts';
import type { GateStore } from '../../../shared/ports/gate-store.ts';
import { appendAudit } from './audit-store.ts';
import { pendingText, present, rowText, type MemoryState } from './state.ts';

/** Certificates in memory. */
export function memoryCertificateStore(state: MemoryState): CertificateStore {
  const { certificates, people } = state;
  const findBy = (ids: ReadonlyMap<string, CertificateId>, name: string): CertificateRecord | undefined => {
    const id = ids.get(name);
    return id === undefined ? undefined : certificates.get(id)?.record;
  };
  const endingIn = (caId: string, { from, until }: { from: number; until: number }): CertificateRecord[] =>
    [...certificates.values()]
      .map(({ record }) => record)
      .filter((record) => record.caId === caId && record.issued !== undefined)
      .filter((record) => record.notAfter >= from && record.notAfter <= until);
  return {
    find: async (certificateId) => certificates.get(certificateId)?.record,
    listByPerson: async (personId) =>
      [...certificates.values()]
        .map(({ record }) => record)
        .filter((record) => record.personId === personId)
        .sort((a, b) => a.reservedAt - b.reservedAt || (a.certificateId < b.certificateId ? -1 : 1)),
    listByEnd: async (caId, { from, until, after, limit }) => {
      const textOf = ({ notAfter, serialNumber }: { notAfter: number; serialNumber: string }): string =>
        rowText(caId, notAfter, serialNumber);
      return endingIn(caId, { from, until })
        .filter((record) => after === undefined || textOf(record) > textOf(after))
        .sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1))
        .slice(0, limit);
    },
    countByEnd: async (caId, range) => endingIn(caId, range).length,
    holdersByEnd: async (caId, range) => new Set(endingIn(caId, range).map(({ personId }) => personId)),
    findByPublicKey: async (publicKeySha256Hex) => findBy(state.publicKeys, publicKeySha256Hex),
    findByFingerprint: async (fingerprintSha256Hex) => findBy(state.fingerprints, fingerprintSha256Hex),
    findIdempotent: async (personId, key) => state.idempotency.get(`${personId}#${key}`),
    reserve: async (record, { enrolmentsSeen, idempotency, successorSeen, isReplayed = false }) => {
      const { certificateId, personId, publicKeySha256Hex, predecessorId } = record;
      const known = people.get(personId);
      const used = idempotency && `${personId}#${idempotency.key}`;
      if (known === undefined || isDenied(known.person)) return 'personDenied';
      if (used !== undefined && state.idempotency.has(used)) return 'idempotencyKeyUsed';
      if (state.publicKeys.has(publicKeySha256Hex)) return 'publicKeyInUse';
      const predecessor = predecessorId && certificates.get(predecessorId);
      const { issued, revocation, successorId } = predecessor?.record ?? {};
      const isOver = revocation !== undefined && !isReplayed;
      const isChanged = issued === undefined || isOver || successorId !== successorSeen;
      const seen = successorSeen && certificates.get(successorSeen)?.record;
      const isTaken = seen && !isReplayed && stateOf(seen, record.reservedAt) === 'active';
      if (predecessorId !== undefined && (isChanged || isTaken)) return 'predecessorChanged';
      if (certificates.has(certificateId)) return 'certificateIdInUse';
      if (known.person.enrolments !== enrolmentsSeen) return 'raced';
      known.person = { ...known.person, enrolments: enrolmentsSeen + 1 };
      if (predecessor) predecessor.record = { ...predecessor.record, successorId: certificateId };
      state.publicKeys.set(publicKeySha256Hex, certificateId);
      certificates.set(certificateId, { record, pendingSince: 0, pendingAt: [] });
      if (idempotency !== undefined && used !== undefined) {
        const { requestSha256Hex } = idempotency;
        state.idempotency.set(used, { requestSha256Hex, certificateId });
      }
      return 'reserved';
    },
    markIssued: async (record, issued) => {
      const { certificateId, personId, predecessorId } = record;
      const known = people.get(personId);
      if (known === undefined || isDenied(known.person)) return 'personDenied';
      const stored = present(certificates.get(certificateId), 'certificate');
      if (stored.record.revocation !== undefined) return 'revoked';
      if (stored.record.issued !== undefined) return 'alreadyIssued';
      const successorId = predecessorId && certificates.get(predecessorId)?.record.successorId;
      if (successorId !== undefined && successorId !== certificateId) return 'displaced';
      appendAudit(state, personId, issuedDraft(stored.record, issued));
      stored.record = { ...stored.record, issued };
      state.untold.add(certificateId);
      state.fingerprints.set(issued.fingerprintSha256Hex, certificateId);
      return 'issued';
    },
    revoke: async (record, revocation, at, alsoAt = [], actor) =>
      revoke(state, record, revocation, { at, alsoAt, actor }),
    endPatience: async (record, since) => endPatience(state, record, since),
    undoRevocation: async (record, at) => undoRevocation(state, record, at),
    markUsed: async (certificateId, at) => {
      const stored = present(certificates.get(certificateId), 'certificate');
      if ((stored.record.lastUsedAt ?? -1) < at) stored.record = { ...stored.record, lastUsedAt: at };
    },
  };
}

function revoke(
  state: MemoryState,
  { certificateId }: CertificateRecord,
  revocation: Revocation,
  { at, alsoAt, actor }: { at: number; alsoAt: readonly string[]; actor: string | undefined },
) {
  const stored = present(state.certificates.get(certificateId), 'certificate');
  const { personId, caId, notAfter, serialNumber, endpointIds } = stored.record;
  const { offboardingId, revocationDate, reason } = revocation;
  const key = rowText(caId, notAfter, serialNumber);
  if (stored.record.revocation !== undefined) {
    if (!isPersonsWord(revocation.by) || stored.record.revocation.by !== 'offboarding')
      return 'alreadyRevoked';
    appendAudit(state, personId, revokedDraft(stored.record, revocation, { actor }));
    stored.record = { ...stored.record, revocation };
    const taken = present(state.rows.get(key), 'row');
    if (taken.row.crlNumber === undefined) taken.row = { ...taken.row, revocationDate, reason };
    return 'revoked';
  }
  const denials = state.people.get(personId)?.person.denials ?? [];
  if (offboardingId !== undefined && !denials.some((denial) => denial.offboardingId === offboardingId)) {
    return 'denialGone';
  }
  appendAudit(state, personId, revokedDraft(stored.record, revocation, { actor, waitsFrom: at }));
  stored.record = { ...stored.record, revocation };
  stored.pendingSince = at;
  stored.pendingAt = [...endpointIds, ...alsoAt];
  const row = { serialNumber, notAfter, revocationDate, reason };
  state.rows.set(key, { caId, row });
  for (const endpointId of stored.pendingAt) {
    const pending = { serialNumber, since: at };
    state.pending.set(pendingText(endpointId, at, serialNumber), { endpointId, pending });
  }
  return 'revoked';
}

function endPatience(state: MemoryState, { certificateId }: CertificateRecord, since: number): void {
  const stored = present(state.certificates.get(certificateId), 'certificate');
  const { serialNumber, revocation } = stored.record;
  if (revocation?.by !== 'renewal' || stored.pendingSince <= since) return;
  for (const endpointId of stored.pendingAt) {
    state.pending.delete(pendingText(endpointId, stored.pendingSince, serialNumber));
    const pending = { serialNumber, since };
    state.pending.set(pendingText(endpointId, since, serialNumber), { endpointId, pending });
  }
  stored.pendingSince = since;
}

function undoRevocation(state: MemoryState, { certificateId, revocation }: CertificateRecord, at: number) {
  const stored = present(state.certificates.get(certificateId), 'certificate');
  const { personId, caId, notAfter, serialNumber } = stored.record;
  const offboardingId = revocation?.offboardingId;
  const current = stored.record.revocation;
  if (offboardingId === undefined || current?.offboardingId !== offboardingId) return 'notRevoked';
  const key = rowText(caId, notAfter, serialNumber);
  if (state.rows.get(key)?.row.crlNumber !== undefined) return 'published';
  const heir = state.people.get(personId)?.person.denials.find(({ kind }) => kind === 'left');
  appendAudit(state, personId, undoneDraft(stored.record, offboardingId, at, heir?.offboardingId));
  if (heir !== undefined) {
    stored.record = { ...stored.record, revocation: { ...current, offboardingId: heir.offboardingId } };
    return 'notRevoked';
  }
  const { revocation: _, ...rest } = stored.record;
  stored.record = rest;
  state.rows.delete(key);
  for (const id of stored.pendingAt) state.pending.delete(pendingText(id, stored.pendingSince, serialNumber));
  return 'undone';
}

/** What the gate reads, from memory. */
export const memoryGateStore = (state: MemoryState): GateStore => ({
  findForGate: async (id) => {
    const record = state.certificates.get(id)?.record;
    if (record === undefined) return undefined;
    const { certificateId, personId, commonName, endpointIds, notAfter, issued } = record;
    const { revocation, lastUsedAt, predecessorId } = record;
    const certificate = {
      certificateId,
      personId,
      commonName,
      endpointIds,
      notAfter,
      isIssued: issued !== undefined,
      ...(revocation === undefined ? {} : { revocation }),
      ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
      ...(predecessorId === undefined ? {} : { predecessorId }),
    };
    return { certificate, person: state.people.get(personId)?.person };
  },
});
