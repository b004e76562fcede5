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
import { deleteItems, getItem, queryItems } from './table.ts';
import type { DynamoTable } from './table.ts';
import { updateIf } from './writes.ts';

/** Rows are claimed one by one, so many at a time: 20,000 in some seconds. */
const CLAIMS_AT_ONCE = 32;

/** The rows of which lists are made, in DynamoDB. */
export const dynamoRevocationStore = (table: DynamoTable): RevocationStore => ({
  list: async (caId, notAfterFrom) => {
    const rows = await queryItems(table, {
      KeyConditionExpression: 'pk = :pk AND sk >= :from',
      // Not the partition key: it is the same in every row, and a list is made of thousands.
      ProjectionExpression: 'sk, #date, #reason, #number',
      ExpressionAttributeNames: { '#date': 'revocationDate', '#reason': 'reason', '#number': 'crlNumber' },
      ExpressionAttributeValues: { ':pk': revocationsPk(caId), ':from': revocationSkFrom(notAfterFrom) },
    });
    return rows.map(readRow);
  },
  find: async (caId, notAfter, serialNumber) => {
    const item = await getItem(table, revocationKey(caId, notAfter, serialNumber));
    return item === undefined ? undefined : readRow(item);
  },
  claim: (caId, rows, crlNumber) => claimAll(table, caId, rows, crlNumber),
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
  return {
    serialNumber,
    notAfter: at,
    revocationDate: reader.whole('revocationDate'),
    reason: readReason(reader),
    ...reader.optional('crlNumber', (name) => reader.whole(name)),
  };
}

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
  const claimed: (RevocationRow | undefined)[] = [];
  const queue = rows.entries();
  const worker = async (): Promise<void> => {
    for (const [index, row] of queue) {
      claimed[index] = row.crlNumber === undefined ? await claim(table, caId, row, crlNumber) : row;
    }
  };
  await Promise.all(Array.from({ length: Math.min(CLAIMS_AT_ONCE, rows.length) }, worker));
  return claimed.filter((row) => row !== undefined);
}

/** @returns undefined when the row was taken back; with the number of another list when that took it up first */
async function claim(
  table: DynamoTable,
  caId: string,
  row: RevocationRow,
  crlNumber: number,
): Promise<RevocationRow | undefined> {
  const failed = await updateIf(table, revocationKey(caId, row.notAfter, row.serialNumber), {
    set: 'SET #number = :number',
    if: 'attribute_exists(pk) AND attribute_not_exists(#number)',
    names: { number: 'crlNumber' },
    values: { number: crlNumber },
  });
  if (failed === undefined) return { ...row, crlNumber };
  if (failed.old === undefined) return undefined;
  return { ...row, crlNumber: Number(failed.old['crlNumber']?.N) };
}
