import { AUDIT_ACTIONS, type AuditEntry, type AuditFacts } from '../../domain/audit-entry.ts';
import { parsePersonId, type PersonId } from '../../domain/identity.ts';
import type { AuditStore } from '../../ports/audit-store.ts';
import { findAuditHead } from './audit-chain.ts';
import { ItemReader } from './item.ts';
import type { Item } from './item.ts';
import { AUDITED_PK, auditKey, auditPk, auditSk } from './keys.ts';
import { getItem, queryItems } from './table.ts';
import type { DynamoTable } from './table.ts';

/** What was written down of people, in DynamoDB. */
export const dynamoAuditStore = (table: DynamoTable): AuditStore => ({
  findHead: (personId) => findAuditHead(table, personId),
  list: (personId, after, limit) => list(table, personId, after, limit),
  listPeople: async (after, limit) => {
    const items = await queryItems(table, behind(AUDITED_PK, after ?? ' '), limit);
    return items.map((item) => new ItemReader(item).parsed('sk', parsePersonId));
  },
});

const behind = (pk: string, sk: string) => ({
  KeyConditionExpression: 'pk = :pk AND sk > :after',
  ExpressionAttributeValues: { ':pk': pk, ':after': sk },
});

async function list(table: DynamoTable, personId: PersonId, after: number, limit: number) {
  const items = await queryItems(table, behind(auditPk(personId), auditSk(after)), limit);
  const entries: AuditEntry[] = [];
  const unreadable: string[] = [];
  for (const item of items) {
    try {
      entries.push(readAuditEntry(item));
    } catch {
      // Somebody has been at it: whoever asks is to know, and to see the others.
      unreadable.push(new ItemReader(item).text('sk'));
    }
  }
  return { entries, unreadable };
}

/** One entry, undefined where there is none. */
export async function findAuditEntry(
  table: DynamoTable,
  personId: PersonId,
  sequence: number,
): Promise<AuditEntry | undefined> {
  const item = await getItem(table, auditKey(personId, sequence));
  return item === undefined ? undefined : readAuditEntry(item);
}

/** The sequence is what the entry says of itself, also where it stands elsewhere. */
function readAuditEntry(item: Item): AuditEntry {
  const reader = new ItemReader(item);
  return {
    personId: reader.parsed('personId', parsePersonId),
    sequence: reader.whole('sequence'),
    at: reader.whole('at'),
    actor: reader.text('actor'),
    action: reader.oneOf('action', AUDIT_ACTIONS),
    facts: reader.parsed('facts', parseFacts),
    previousSha256Hex: reader.text('previousSha256Hex'),
    sha256Hex: reader.text('sha256Hex'),
  };
}

function parseFacts(text: string): AuditFacts | undefined {
  try {
    const facts: unknown = JSON.parse(text);
    // What JSON can say is a JsonValue; only the outermost has to be looked at.
    return typeof facts === 'object' && facts !== null && !Array.isArray(facts)
      ? (facts as AuditFacts)
      : undefined;
  } catch {
    return undefined;
  }
}
