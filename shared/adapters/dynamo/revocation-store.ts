import type { RevocationRow } from '../../domain/crl-facts.ts';
import type { PendingRevocation, RevocationStore } from '../../ports/revocation-store.ts';
import { readReason } from './certificate-items.ts';
import { ItemReader } from './item.ts';
import type { Item } from './item.ts';
import {
  pendingKey,
  pendingPk,
  revocationKey,
  revocationsPk,
  revocationSkFrom,
  timeAndSerialFrom,
} from './keys.ts';
import { chunksOf, deleteItems, queryItems, queryScalars } from './table.ts';
import type { DynamoTable } from './table.ts';
import { NOT_THERE, transact } from './writes.ts';
import type { Action, FailedCondition } from './writes.ts';

/** What one transaction takes, and how many run side by side: 20,000 rows are 200 transactions. */
const ACTIONS_AT_ONCE = 100;
const CHUNKS_AT_ONCE = 4;

/** The rows of which lists are made, in DynamoDB. */
export const dynamoRevocationStore = (table: DynamoTable): RevocationStore => ({
  list: async (caId, notAfterFrom) => {
    const rows = await queryScalars(table, {
      KeyConditionExpression: 'pk = :pk AND sk >= :from',
      // Not the partition key: it is the same in every row, and a list is made of thousands.
      ProjectionExpression: 'sk, #date, #reason, #number',
      ExpressionAttributeNames: { '#date': 'revocationDate', '#reason': 'reason', '#number': 'crlNumber' },
      texts: { ':pk': revocationsPk(caId), ':from': revocationSkFrom(notAfterFrom) },
    });
    return rows.map(readRow);
  },
  claim: (caId, rows, crlNumber) => claimAll(table, caId, rows, crlNumber),
  adopt: async (caId, rows, endpointIds, since) => {
    for (const { notAfter, serialNumber, revocationDate, reason } of rows) {
      await transact(table, {
        row: {
          put: { ...revocationKey(caId, notAfter, serialNumber), revocationDate, reason },
          condition: NOT_THERE,
        },
        ...Object.fromEntries(
          endpointIds.map((endpointId) => [
            `pending ${endpointId}`,
            { put: { ...pendingKey(endpointId, since, serialNumber) } },
          ]),
        ),
      });
    }
  },
  listPending: async (endpointId, limit) => {
    const items = await queryItems(
      table,
      { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pendingPk(endpointId) } },
      limit,
    );
    return items.map(readPending);
  },
  clearPending: (endpointId, pending) =>
    deleteItems(
      table,
      pending.map(({ since, serialNumber }) => pendingKey(endpointId, since, serialNumber)),
    ),
});

function readRow(item: Item): RevocationRow {
  const reader = new ItemReader(item);
  const { at, serialNumber } = timeAndSerialFrom(item['sk']);
  return { serialNumber, notAfter: at, ...readEntry(reader) };
}

const readEntry = (reader: ItemReader): Omit<RevocationRow, 'serialNumber' | 'notAfter'> => ({
  revocationDate: reader.whole('revocationDate'),
  reason: readReason(reader),
  ...reader.optional('crlNumber', (name) => reader.whole(name)),
});

function readPending(item: Item): PendingRevocation {
  const { at, serialNumber } = timeAndSerialFrom(item['sk']);
  return { since: at, serialNumber };
}

async function claimAll(
  table: DynamoTable,
  caId: string,
  rows: readonly RevocationRow[],
  crlNumber: number,
): Promise<RevocationRow[]> {
  const unnumbered = rows.filter((row) => row.crlNumber === undefined);
  const chunks = chunksOf(unnumbered, ACTIONS_AT_ONCE);
  const claimed = new Map<string, RevocationRow>();
  const worker = async (): Promise<void> => {
    for (const chunk of chunks) {
      for (const row of await claimChunk(table, caId, chunk, crlNumber)) claimed.set(nameOf(row), row);
    }
  };
  await Promise.all(Array.from({ length: CHUNKS_AT_ONCE }, worker));
  return rows.flatMap((row) => (row.crlNumber === undefined ? (claimed.get(nameOf(row)) ?? []) : row));
}

/** @returns the rows that are there: with the number given, or with that of another list that took one up first */
async function claimChunk(
  table: DynamoTable,
  caId: string,
  chunk: readonly RevocationRow[],
  crlNumber: number,
): Promise<RevocationRow[]> {
  const result: RevocationRow[] = [];
  let left = chunk;
  while (left.length > 0) {
    const named = left.map((row) => [nameOf(row), claim(caId, row, crlNumber)] as const);
    const failed = await transact<string>(table, Object.fromEntries(named));
    if (failed === undefined) return [...result, ...left.map((row) => ({ ...row, crlNumber }))];
    // One that was taken back, taken up or changed stops the whole chunk: settle those, and claim again what is left.
    const next: RevocationRow[] = [];
    for (const row of left) {
      const failure = failed[nameOf(row)];
      const now = failure === undefined ? row : rowNow(row, failure);
      if (now !== undefined) (now.crlNumber === undefined ? next : result).push(now);
    }
    left = next;
  }
  return result;
}

/** The row that stood in the way of its claim, as it is by now; undefined when it is gone. */
function rowNow(
  { serialNumber, notAfter }: RevocationRow,
  { old }: FailedCondition,
): RevocationRow | undefined {
  if (old === undefined) return undefined;
  const { revocationDate, reason, crlNumber } = old;
  const reader = new ItemReader({
    revocationDate: Number(revocationDate?.N),
    reason: reason?.S,
    crlNumber: crlNumber && Number(crlNumber.N),
  });
  return { serialNumber, notAfter, ...readEntry(reader) };
}

const nameOf = ({ notAfter, serialNumber }: RevocationRow): string => `${notAfter}#${serialNumber}`;

/** Only as it was read: what its list says must be what it says, whoever changed it in between. */
const claim = (caId: string, row: RevocationRow, crlNumber: number): Action => ({
  update: revocationKey(caId, row.notAfter, row.serialNumber),
  change: {
    set: 'SET #number = :number',
    if: 'attribute_exists(pk) AND attribute_not_exists(#number) AND #date = :date AND #reason = :reason',
    names: { number: 'crlNumber', date: 'revocationDate', reason: 'reason' },
    values: { number: crlNumber, date: row.revocationDate, reason: row.reason },
  },
});
