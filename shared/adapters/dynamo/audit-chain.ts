import { canonicalJson } from '../../domain/canonical-json.ts';
import {
  chained,
  EMPTY_CHAIN,
  type AuditDraft,
  type AuditEntry,
  type AuditHead,
} from '../../domain/audit-entry.ts';
import type { PersonId } from '../../domain/identity.ts';
import { assertWholeNumbers, ItemReader } from './item.ts';
import type { Item } from './item.ts';
import { auditedKey, auditKey, personKey, unjournalledKey } from './keys.ts';
import { backOff, getItem } from './table.ts';
import type { DynamoTable } from './table.ts';
import { NOT_THERE, transact } from './writes.ts';
import type { Action, Change, FailedCondition, NamedActions } from './writes.ts';

/** What a person's item says of the end of her chain. */
export function readAuditHead(item: Item): AuditHead {
  const reader = new ItemReader(item);
  if (!reader.has('auditSequence')) return EMPTY_CHAIN;
  return { sequence: reader.whole('auditSequence'), sha256Hex: reader.text('auditSha256Hex') };
}

const auditItem = (entry: AuditEntry): Item => ({
  ...auditKey(entry.personId, entry.sequence),
  personId: entry.personId,
  sequence: entry.sequence,
  at: entry.at,
  actor: entry.actor,
  action: entry.action,
  facts: canonicalJson(entry.facts),
  previousSha256Hex: entry.previousSha256Hex,
  sha256Hex: entry.sha256Hex,
});

/** A transaction about one person. Its action on the person's item, if it has one, is called `person`. */
export interface AuditedTransaction<Name extends string> {
  readonly personId: PersonId;
  readonly draft: AuditDraft;
  readonly named: NamedActions<Name>;
  readonly others?: readonly Action[];
}

type Failed<Name extends string> = { readonly [N in Name | 'person']?: FailedCondition };

/**
 * Writes all or nothing, and with it the entry that says so, behind the last of the person's chain. Of two at once one
 * is first; the other looks again.
 *
 * @param head where the chain was seen to end; read where it is not given
 * @returns undefined when written, else which conditions did not hold, the chain's own left out
 */
export async function transactAudited<Name extends string>(
  table: DynamoTable,
  transaction: AuditedTransaction<Name>,
  head?: AuditHead,
): Promise<Failed<Name> | undefined> {
  const { personId, draft, named, others = [] } = transaction;
  assertWholeNumbers(draft, 'a change');
  let seen = head ?? (await findAuditHead(table, personId)) ?? EMPTY_CHAIN;
  for (let attempt = 1; ; attempt += 1) {
    const entry = chained(personId, seen, draft);
    const given: NamedActions<string> = named;
    const all: NamedActions<string> = {
      ...given,
      person: extended(given['person'], seen, entry),
      [ENTRY]: { put: auditItem(entry), condition: NOT_THERE },
    };
    const failed = await transact<string>(table, all, [...others, ...additions(entry)]);
    if (failed === undefined) return undefined;
    const now = headOf(failed['person']);
    if (now === undefined || now.sha256Hex === seen.sha256Hex) {
      if (failed[ENTRY] !== undefined) throw new Error('a person’s chain has entries behind its end');
      return failed as Failed<Name>;
    }
    // Somebody else's entry came first. What else did not hold may have been said of before it.
    if (attempt >= CHAIN_ATTEMPTS) throw new Error('a person’s chain cannot be written: others keep on');
    await backOff(table, Math.min(attempt, LONGEST_PAUSE_ATTEMPT));
    seen = now;
  }
}

/** Each round one of those who met gets through: so many may speak of one person at once. */
const CHAIN_ATTEMPTS = 40;
const LONGEST_PAUSE_ATTEMPT = 4;

/** The end of a person's chain; undefined where there is no such person. */
export async function findAuditHead(table: DynamoTable, personId: PersonId): Promise<AuditHead | undefined> {
  const item = await getItem(table, personKey(personId));
  return item === undefined ? undefined : readAuditHead(item);
}

/**
 * Puts an entry of the journal behind the end of a chain, as it is and with nothing else.
 *
 * @returns false where the chain does not end right before it
 */
export async function appendEntry(table: DynamoTable, entry: AuditEntry): Promise<boolean> {
  const seen = { sequence: entry.sequence - 1, sha256Hex: entry.previousSha256Hex };
  const all: NamedActions<string> = {
    person: extended(undefined, seen, entry),
    [ENTRY]: { put: auditItem(entry), condition: NOT_THERE },
  };
  return (await transact<string>(table, all, additions(entry))) === undefined;
}

const ENTRY = 'audit entry';

/** Beside the entry: its note for the journal, and with the first one the person's place among those who have a chain. */
const additions = (entry: AuditEntry): Action[] => [
  { put: { ...unjournalledKey(entry.personId, entry.sequence) } },
  ...(entry.sequence === 1 ? [{ put: { ...auditedKey(entry.personId) } }] : []),
];

/** The action on the person's item, which moves the end of her chain too, only from where it was seen. */
function extended(
  action: Action | undefined,
  seen: AuditHead,
  { personId, sequence, sha256Hex }: AuditEntry,
): Action {
  const { set = undefined, if: condition, names = {}, values = {} } = changeOf(action);
  const wasThere =
    seen.sequence === 0 ? 'attribute_not_exists(#auditSequence)' : '#auditSha256Hex = :auditSeen';
  return {
    update: personKey(personId),
    change: {
      set: withMore(set, '#auditSequence = :auditSequence, #auditSha256Hex = :auditSha256Hex'),
      if: `(${condition ?? 'attribute_exists(pk)'}) AND ${wasThere}`,
      names: {
        ...(isList(names) ? Object.fromEntries(names.map((name) => [name, name])) : names),
        auditSequence: 'auditSequence',
        auditSha256Hex: 'auditSha256Hex',
      },
      values: {
        ...values,
        auditSequence: sequence,
        auditSha256Hex: sha256Hex,
        ...(seen.sequence === 0 ? {} : { auditSeen: seen.sha256Hex }),
      },
    },
  };
}

const isList = (names: NonNullable<Change['names']>): names is readonly string[] => Array.isArray(names);

function changeOf(action: Action | undefined): Partial<Change> {
  if (action === undefined) return {};
  if ('update' in action) return action.change;
  if ('check' in action) return action.condition;
  throw new Error('a person whose chain is written is neither put nor removed');
}

function withMore(set: string | undefined, more: string): string {
  if (set === undefined) return `SET ${more}`;
  if (!set.startsWith('SET ')) throw new Error('a change of a person begins with SET');
  return `SET ${more}, ${set.slice('SET '.length)}`;
}

/** Where the chain ended when the condition on the person did not hold. */
function headOf(failed: FailedCondition | undefined): AuditHead | undefined {
  if (failed?.old === undefined) return undefined;
  const { auditSequence, auditSha256Hex } = failed.old;
  if (auditSequence?.N === undefined || auditSha256Hex?.S === undefined) return EMPTY_CHAIN;
  return { sequence: Number(auditSequence.N), sha256Hex: auditSha256Hex.S };
}
