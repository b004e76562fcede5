import { assertMayRead, type AccessPolicy, type Caller } from '../../domain/caller.ts';
import type { AuditEntry, AuditHead } from '../../domain/audit-entry.ts';
import { DomainError } from '../../domain/errors.ts';
import { parsePersonId, type PersonId } from '../../domain/identity.ts';
import type { AuditStore } from '../../ports/audit-store.ts';
import type { PersonStore } from '../../ports/person-store.ts';
import { assertCallerInGoodStanding } from './standing.ts';

export interface AuditReadDeps {
  readonly people: Pick<PersonStore, 'find' | 'findAliasOwner'>;
  readonly auditStore: AuditStore;
  readonly access: AccessPolicy;
}

export interface ChainPage {
  readonly personId: PersonId;
  readonly head: AuditHead;
  readonly entries: readonly AuditEntry[];
  readonly unreadable: readonly string[];
  readonly nextCursor?: string;
}

const PAGE_ENTRIES = 200;
const PAGE_PEOPLE = 1_000;

/**
 * What was written down of a person, a page at a time, as it is stored. Nothing is verified here: whoever asks does
 * that, so that nobody has to believe us.
 *
 * @throws DomainError notAllowed, personNotFound, malformedRequest
 */
export async function readChain(
  deps: AuditReadDeps,
  caller: Caller,
  asked: { readonly personId: string; readonly cursor?: string | undefined },
): Promise<ChainPage> {
  await assertReader(deps, caller);
  const personId = parsePersonId(asked.personId);
  const head = personId && (await deps.auditStore.findHead(personId));
  if (personId === undefined || head === undefined)
    throw new DomainError('personNotFound', 'no person has this id');
  const after = asked.cursor === undefined ? 0 : sequenceFrom(asked.cursor);
  const { entries, unreadable } = await deps.auditStore.list(personId, after, PAGE_ENTRIES);
  const read = entries.length + unreadable.length;
  const last = [...entries.map(({ sequence }) => sequence), ...unreadable.map(Number)];
  return {
    personId,
    head,
    entries,
    unreadable,
    // An entry may say another number than its place: the place is at least as far as what was read.
    ...(read < PAGE_ENTRIES ? {} : { nextCursor: String(Math.max(after + 1, ...last)) }),
  };
}

function sequenceFrom(cursor: string): number {
  if (!/^\d{1,12}$/.test(cursor)) throw new DomainError('malformedRequest', 'this is no cursor of an answer');
  return Number(cursor);
}

/**
 * Everybody of whom something was written down, a page at a time.
 *
 * @throws DomainError notAllowed, malformedRequest
 */
export async function listAudited(
  deps: AuditReadDeps,
  caller: Caller,
  cursor: string | undefined,
): Promise<{ readonly personIds: readonly PersonId[]; readonly nextCursor?: string }> {
  await assertReader(deps, caller);
  const after = cursor === undefined ? undefined : parsePersonId(cursor);
  if (cursor !== undefined && after === undefined)
    throw new DomainError('malformedRequest', 'this is no cursor of an answer');
  const personIds = await deps.auditStore.listPeople(after, PAGE_PEOPLE);
  const last = personIds.at(-1);
  return {
    personIds,
    ...(personIds.length < PAGE_PEOPLE || last === undefined ? {} : { nextCursor: last }),
  };
}

async function assertReader({ people, access }: AuditReadDeps, caller: Caller): Promise<void> {
  assertMayRead(caller, access);
  await assertCallerInGoodStanding(people, caller);
}
