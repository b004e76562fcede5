import type { AuditEntry } from '../domain/audit-entry.ts';
import { parseCertificateId } from '../domain/certificate-id.ts';
import { isPersonsWord, REVOKERS, type CertificateRecord } from '../domain/certificate-record.ts';
import { parsePersonId, parseSourceId, type PersonId, type SourceId } from '../domain/identity.ts';
import {
  assertFollows,
  type JournalledCertificate,
  type JournalLine,
  type JournalObject,
} from '../domain/journal.ts';
import type { OffboardingRecord } from '../domain/offboarding.ts';
import { DENIAL_KINDS } from '../domain/person.ts';
import { isRevocationReason } from '../domain/revocation-reason.ts';
import type { AuditStore } from '../ports/audit-store.ts';
import type { CertificateStore } from '../ports/certificate-store.ts';
import type { CrlStore } from '../ports/crl-store.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';
import type { JournalArchive, JournalStore } from '../ports/journal.ts';
import type { OffboardingStore } from '../ports/offboarding-store.ts';
import type { PersonStore } from '../ports/person-store.ts';
import { endpointIdsTrusting } from './concerned-endpoints.ts';
import { Facts } from './journal-facts.ts';
import { entriesOf, headAfter } from './keep-journal.ts';

export interface ReplayJournalDeps {
  readonly journal: JournalStore;
  readonly archive: Pick<JournalArchive, 'get'>;
  readonly auditStore: Pick<AuditStore, 'findHead'>;
  readonly people: Pick<PersonStore, 'find' | 'register'>;
  readonly certificates: CertificateStore;
  readonly offboardings: OffboardingStore;
  readonly crls: Pick<CrlStore, 'lastNumber' | 'nextNumber'>;
  readonly endpoints: Pick<EndpointStore, 'list'>;
}

const NUMBERS_LEFT_OUT = 1_000;

export interface Replayed {
  readonly objects: number;
  /** Changes that the table did not know and knows now. */
  readonly applied: number;
  /**
   * Entries of people about whom the table was written to since it was restored: what keeps them out was applied, what
   * lets them in was not, and somebody has to look.
   */
  readonly undecided: readonly Pick<AuditEntry, 'personId' | 'sequence' | 'action'>[];
}

/**
 * Makes a restored table know again what its journal knows: each change is made anew by the store that made it first,
 * in its order, so that each chain grows to the very hashes that the journal has. Can be run again at any time; who
 * dies in between goes on where the table stands.
 *
 * @throws Error where the journal itself was changed
 */
export async function replayJournal(deps: ReplayJournalDeps): Promise<Replayed> {
  const undecided: AuditEntry[] = [];
  let applied = 0;
  await leaveOutNumbers(deps);
  for (let objects = 0; ; objects += 1) {
    const head = await deps.journal.head();
    const found = await deps.archive.get(head.sequence + 1);
    if (found === undefined) return { objects, applied, undecided };
    assertFollows(found.object, head);
    await raiseNumbers(deps, found.object);
    for (const line of found.object.lines) {
      if (line.kind !== 'entry') continue;
      const outcome = await replay(deps, line);
      if (outcome === 'applied') applied += 1;
      else if (outcome === 'undecided') undecided.push(line.entry);
    }
    await deps.journal.record(head, headAfter(head, found.object, found.sha256Hex), entriesOf(found.object));
  }
}

/**
 * The journal has the lists that endpoints were seen to hold. Those that were signed and are still on their way, or were
 * lost, are in none: so many numbers are left out that none of theirs is given again.
 */
async function leaveOutNumbers({ crls, endpoints }: ReplayJournalDeps): Promise<void> {
  const caIds = new Set((await endpoints.list()).map(({ caId }) => caId));
  for (const caId of caIds) await crls.nextNumber(caId, (await crls.lastNumber(caId)) + NUMBERS_LEFT_OUT);
}

/** A list's number is never given twice, whatever the table forgot. */
async function raiseNumbers({ crls }: ReplayJournalDeps, { lines }: JournalObject): Promise<void> {
  for (const line of lines) {
    if (line.kind !== 'list' || (await crls.lastNumber(line.caId)) >= line.crlNumber) continue;
    await crls.nextNumber(line.caId, line.crlNumber);
  }
}

async function replay(
  deps: ReplayJournalDeps,
  { entry, certificate: attached, holder = attached?.holder }: JournalLine & { readonly kind: 'entry' },
): Promise<'known' | 'applied' | 'undecided'> {
  const { personId } = entry;
  const known = await deps.journal.findEntry(entry);
  if (known?.sha256Hex === entry.sha256Hex) return 'known';
  if ((await deps.people.find(personId)) === undefined) {
    // Of whom nothing is known there is nobody to keep out: the gate knows no certificate of hers.
    if (holder === undefined) return 'undecided';
    await deps.people.register({ personId, ...holder, aliases: [], at: entry.at });
  }
  const end = await deps.auditStore.findHead(personId);
  const isNext = end?.sequence === entry.sequence - 1 && end.sha256Hex === entry.previousSha256Hex;
  if (!isNext) return keepOut(deps, entry);
  await makeAnew(deps, entry, attached);
  const made = await deps.journal.findEntry(entry);
  // There was nothing to do any more, such as a revocation of what was never issued: the entry stands for itself.
  if (made === undefined) await deps.journal.append(entry);
  return made === undefined || made.sha256Hex === entry.sha256Hex ? 'applied' : 'undecided';
}

/** Somebody wrote to this person's chain after the restore: only what keeps her out is sure. */
async function keepOut(deps: ReplayJournalDeps, entry: AuditEntry): Promise<'undecided'> {
  if (entry.action === 'denied' || entry.action === 'certificateRevoked') {
    await makeAnew(deps, entry, undefined);
  }
  return 'undecided';
}

async function makeAnew(
  deps: ReplayJournalDeps,
  entry: AuditEntry,
  attached: JournalledCertificate | undefined,
): Promise<void> {
  switch (entry.action) {
    case 'certificateIssued':
    case 'certificateRenewed':
      return attached && issue(deps, attached.record);
    case 'certificateRevoked':
    case 'revocationTakenOver':
      return revoke(deps, entry);
    case 'revocationUndone':
    case 'revocationPassedOn': {
      const certificate = await findCertificate(deps, entry);
      if (certificate !== undefined) await deps.certificates.undoRevocation(certificate, entry.at);
      return;
    }
    case 'denied':
      return deny(deps, entry);
    case 'lifted':
      return lift(deps, entry);
    case 'surgeConfirmed':
    case 'surgeReleased': {
      const record = await deps.offboardings.find(new Facts(entry).text('offboardingId'));
      if (record === undefined) return;
      if (entry.action === 'surgeConfirmed') return deps.offboardings.confirm(record, entry.at, entry.actor);
      return deps.offboardings.release(record, entry.at, entry.actor);
    }
    case 'offboardingClosed':
      return close(deps, entry);
  }
}

async function issue({ certificates, people }: ReplayJournalDeps, record: CertificateRecord): Promise<void> {
  const { issued, ...reservation } = record;
  if (issued === undefined) return;
  if ((await certificates.find(record.certificateId)) === undefined) {
    const person = await people.find(record.personId);
    const predecessor = record.predecessorId && (await certificates.find(record.predecessorId));
    const { successorId } = predecessor || {};
    await certificates.reserve(reservation, {
      enrolmentsSeen: person?.enrolments ?? 0,
      isReplayed: true,
      ...(successorId === undefined ? {} : { successorSeen: successorId }),
    });
  }
  await certificates.markIssued(reservation, issued);
}

async function findCertificate(
  { certificates }: ReplayJournalDeps,
  entry: AuditEntry,
): Promise<CertificateRecord | undefined> {
  const id = parseCertificateId(new Facts(entry).text('certificateId'));
  return id && certificates.find(id);
}

async function revoke(deps: ReplayJournalDeps, entry: AuditEntry): Promise<void> {
  const facts = new Facts(entry);
  const record = await findCertificate(deps, entry);
  if (record === undefined) return;
  const by = facts.parsed('by', (text) => REVOKERS.find((one) => one === text));
  const offboardingId = facts.optionalText('offboardingId');
  const revocation = {
    revocationDate: Math.floor(entry.at / 1000),
    reason: facts.parsed('reason', (text) => (isRevocationReason(text) ? text : undefined)),
    by,
    ...(offboardingId === undefined ? {} : { offboardingId }),
  };
  const alsoAt = await endpointIdsTrusting(deps.endpoints, record.caId);
  const waitsFrom = facts.optionalWhole('waitsFrom') ?? entry.at;
  // Whoever takes a revocation over takes over the one that the entries before have made.
  if (record.revocation !== undefined && !isPersonsWord(by)) return;
  await deps.certificates.revoke(record, revocation, waitsFrom, alsoAt, entry.actor);
}

async function deny({ offboardings }: ReplayJournalDeps, entry: AuditEntry): Promise<void> {
  const facts = new Facts(entry);
  const offboardingId = facts.text('offboardingId');
  if ((await offboardings.find(offboardingId)) !== undefined) return;
  const source = sourceOf(facts);
  const meant = facts.optionalText('meant');
  const actor = entry.actor === source ? undefined : parsePersonId(entry.actor);
  const record: OffboardingRecord = {
    offboardingId,
    personId: entry.personId,
    source,
    kind: facts.parsed('kind', (text) => DENIAL_KINDS.find((one) => one === text)),
    eventId: facts.text('eventId'),
    eventTime: facts.whole('eventTime'),
    receivedAt: facts.whole('receivedAt'),
    deniedAt: entry.at,
    cutAt: {},
    terminated: [],
    publishedAt: {},
    ...(meant === 'left' || meant === 'suspended' ? { meant } : {}),
    ...(actor === undefined ? {} : { actor }),
  };
  await offboardings.deny(record, eventOf(facts, source));
}

async function lift({ offboardings }: ReplayJournalDeps, entry: AuditEntry): Promise<void> {
  const facts = new Facts(entry);
  const source = sourceOf(facts);
  const sources = facts.text('sources');
  const actor: PersonId | undefined = entry.actor === source ? undefined : parsePersonId(entry.actor);
  await offboardings.lift(
    entry.personId,
    sources === 'all' ? 'all' : facts.parsed('sources', parseSourceId),
    {
      ...eventOf(facts, source),
      eventTime: facts.whole('eventTime'),
      at: entry.at,
      ...(actor === undefined ? {} : { actor }),
    },
  );
}

const sourceOf = (facts: Facts): SourceId => facts.parsed('source', parseSourceId);
const eventOf = (facts: Facts, source: SourceId) => ({
  source,
  eventId: facts.text('eventId'),
  bodySha256Hex: facts.text('bodySha256Hex'),
});

/** The times of its steps are as they were, so nothing of it is done again. */
async function close({ offboardings }: ReplayJournalDeps, entry: AuditEntry): Promise<void> {
  const facts = new Facts(entry);
  const id = facts.text('offboardingId');
  if ((await offboardings.find(id)) === undefined) return;
  const revokedAt = facts.optionalWhole('revokedAt');
  if (revokedAt !== undefined) {
    await offboardings.markRevoked(id, revokedAt, facts.optionalWhole('revokedCertificates') ?? 0);
  }
  for (const [endpointId, at] of facts.wholes('cutAt')) await offboardings.markCut(id, endpointId, at);
  for (const connection of facts.list('terminated')) {
    await offboardings.markTerminated(id, {
      endpointId: connection.text('endpointId'),
      connectionId: connection.text('connectionId'),
      terminatedAt: connection.whole('terminatedAt'),
    });
  }
  for (const [endpointId, list] of facts.maps('publishedAt')) {
    await offboardings.markPublished(id, endpointId, list.whole('crlNumber'), list.whole('at'));
  }
  const cut = facts.optionalWhole('terminatedConnections');
  await offboardings.close(id, entry.at, facts.optionalWhole('liftedAt'), cut);
}
