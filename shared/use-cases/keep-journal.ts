import type { AuditEntry, AuditHead } from '../domain/audit-entry.ts';
import { datedIdFrom, DATED_ID_RANDOM_OCTETS } from '../domain/dated-id.ts';
import type { PersonId } from '../domain/identity.ts';
import { parseCertificateId } from '../domain/certificate-id.ts';
import type { JournalHead, JournalledHolder, JournalLine, JournalObject } from '../domain/journal.ts';
import { assertFollows } from '../domain/journal.ts';
import { isoFromMilliseconds } from '../domain/time.ts';
import type { Audit } from '../ports/audit.ts';
import type { CertificateStore } from '../ports/certificate-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';
import type { JournalArchive, JournalStore } from '../ports/journal.ts';
import type { OffboardingStore } from '../ports/offboarding-store.ts';
import type { PersonStore } from '../ports/person-store.ts';
import type { RandomOctets } from '../ports/random.ts';

export interface KeepJournalDeps {
  readonly journal: Pick<JournalStore, 'head' | 'listUnjournalled' | 'record' | 'findEntry'>;
  readonly archive: JournalArchive;
  readonly certificates: Pick<CertificateStore, 'find'>;
  readonly people: Pick<PersonStore, 'find'>;
  readonly endpoints: Pick<EndpointStore, 'listAll'>;
  readonly incidents: Pick<OffboardingStore, 'openIncident'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomOctets;
  readonly audit: Pick<Audit, 'incidentOpened'>;
}

/** With the head and the entry's note a transaction stays below a hundred actions. */
const ENTRIES_AT_ONCE = 90;

/** The table knows less than its journal: it was restored, and nothing may be written before the journal is replayed. */
export class TableBehindJournal extends Error {
  override readonly name = 'TableBehindJournal';
}

/**
 * Brings into the journal what was written down since, the lists that endpoints were seen to hold, and once a day where
 * the chains ended. The object is written first and noted then: who dies in between finds it, and notes it.
 *
 * @returns how many objects were written
 * @throws TableBehindJournal when the journal has what the table does not know; an incident is open then
 */
export async function keepJournal(deps: KeepJournalDeps, signal?: AbortSignal): Promise<number> {
  for (let written = 0; ; written += 1) {
    if (signal?.aborted === true) return written;
    const head = await deps.journal.head();
    const entries = await deps.journal.listUnjournalled(ENTRIES_AT_ONCE);
    const lines = [
      ...(await headsOfYesterday(deps, head)),
      ...(await newLists(deps, head)),
      ...(await Promise.all(entries.map((entry) => lineOf(deps, entry)))),
    ];
    if (lines.length === 0) return written;
    const object: JournalObject = {
      sequence: head.sequence + 1,
      previousSha256Hex: head.sha256Hex,
      at: deps.clock.now(),
      lines,
    };
    const sha256Hex = await deps.archive.put(object);
    if (sha256Hex === undefined) await noteFound(deps, head);
    else await deps.journal.record(head, headAfter(head, object, sha256Hex), entries);
  }
}

/** What the head says once an object is written. */
export function headAfter(head: JournalHead, object: JournalObject, sha256Hex: string): JournalHead {
  const lists = { ...head.lists };
  for (const line of object.lines) if (line.kind === 'list') lists[line.endpointId] = line.crlNumber;
  const day = isoFromMilliseconds(object.at).slice(0, 10);
  const isSameDay = head.day === day;
  return {
    sequence: object.sequence,
    sha256Hex,
    lists,
    day,
    dayFrom: isSameDay ? (head.dayFrom ?? object.sequence) : object.sequence,
  };
}

/** Somebody wrote the next object and died before noting it; or the table is of an earlier time than its journal. */
async function noteFound(deps: KeepJournalDeps, head: JournalHead): Promise<void> {
  const found = await deps.archive.get(head.sequence + 1);
  if (found === undefined) throw new Error('the journal refuses an object that it does not have');
  assertFollows(found.object, head);
  const entries = entriesOf(found.object);
  for (const entry of entries) {
    const known = await deps.journal.findEntry(entry);
    if (known?.sha256Hex !== entry.sha256Hex) throw await tableIsBehind(deps, head);
  }
  await deps.journal.record(head, headAfter(head, found.object, found.sha256Hex), entries);
}

export const entriesOf = ({ lines }: JournalObject): AuditEntry[] =>
  lines.flatMap((line) => (line.kind === 'entry' ? [line.entry] : []));

async function tableIsBehind(deps: KeepJournalDeps, { sequence }: JournalHead): Promise<TableBehindJournal> {
  const openedAt = deps.clock.now();
  const words = `The table knows the journal up to object ${sequence} and there is more: it was restored to an earlier time. Replay the journal before anybody connects.`;
  const incident = {
    incidentId: datedIdFrom(openedAt, deps.random(DATED_ID_RANDOM_OCTETS)),
    kind: 'tableRestored' as const,
    openedAt,
    words,
  };
  const { incidentId, opened } = await deps.incidents.openIncident(incident, 'tableRestored');
  if (opened) deps.audit.incidentOpened({ incidentId, kind: 'tableRestored', words });
  return new TableBehindJournal(words);
}

/** With an issued certificate, and with the first entry of a person, comes what the table would need to know them again. */
async function lineOf(deps: KeepJournalDeps, entry: AuditEntry): Promise<JournalLine> {
  const begun = entry.sequence === 1 ? { holder: await holderOf(deps, entry) } : {};
  const isIssue = entry.action === 'certificateIssued' || entry.action === 'certificateRenewed';
  const { certificateId } = entry.facts;
  const id = typeof certificateId === 'string' ? parseCertificateId(certificateId) : undefined;
  if (!isIssue || id === undefined) return { kind: 'entry', entry, ...begun };
  const record = await deps.certificates.find(id);
  if (record === undefined) throw new Error('an issued certificate that is to be journalled is missing');
  const holder = begun.holder ?? (await holderOf(deps, entry));
  return { kind: 'entry', entry, certificate: { record, holder }, ...begun };
}

async function holderOf({ people }: KeepJournalDeps, { personId }: AuditEntry): Promise<JournalledHolder> {
  const person = await people.find(personId);
  if (person === undefined) throw new Error('a person whose entry is to be journalled is missing');
  const { issuer, subject, login } = person;
  return { issuer, subject, login };
}

async function newLists({ endpoints }: KeepJournalDeps, { lists }: JournalHead): Promise<JournalLine[]> {
  return (await endpoints.listAll()).flatMap(({ endpointId, caId, crl }): JournalLine[] =>
    crl === undefined || crl.crlNumber <= (lists[endpointId] ?? -1)
      ? []
      : [
          {
            kind: 'list',
            endpointId,
            caId,
            crlNumber: crl.crlNumber,
            sha256Hex: crl.sha256Hex,
            confirmedAt: crl.confirmedAt,
          },
        ],
  );
}

/** Once a day is over: where each chain ended that grew in it, as the day's objects say. */
async function headsOfYesterday(deps: KeepJournalDeps, head: JournalHead): Promise<JournalLine[]> {
  const { day, dayFrom } = head;
  if (day === undefined || dayFrom === undefined) return [];
  if (isoFromMilliseconds(deps.clock.now()).slice(0, 10) <= day) return [];
  const heads: Record<PersonId, AuditHead> = {};
  for (let sequence = dayFrom; sequence <= head.sequence; sequence += 1) {
    const found = await deps.archive.get(sequence);
    if (found === undefined) throw new Error(`object ${sequence} of the journal is missing`);
    for (const { personId, sequence: last, sha256Hex } of entriesOf(found.object)) {
      if (last > (heads[personId]?.sequence ?? 0)) heads[personId] = { sequence: last, sha256Hex };
    }
  }
  // A day on which nothing was written down of anybody says so too, but no day follows from it alone.
  return Object.keys(heads).length === 0 ? [] : [{ kind: 'heads', day, heads }];
}
