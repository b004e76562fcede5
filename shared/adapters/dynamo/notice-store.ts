import type { CertificateId } from '../../domain/certificate-id.ts';
import { parseCertificateId } from '../../domain/certificate-id.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import type { NoticeStore, NoticeTurn } from '../../ports/notice-store.ts';
import { ItemReader } from './item.ts';
import type { Item } from './item.ts';
import { certificateKey, noticeTurnKey, tellingKey, UNTOLD_PK, untoldKey } from './keys.ts';
import { deleteItems, getItem, queryItems } from './table.ts';
import type { DynamoTable } from './table.ts';
import { listTellings } from './tellings.ts';
import { updateIf } from './writes.ts';

/** What notices are about, in DynamoDB. */
export const dynamoNoticeStore = (table: DynamoTable): NoticeStore => ({
  takeTurn: (at, until) => takeTurn(table, at, until),
  endTurn: (turn) => endTurn(table, turn),
  listTellings: (limit) => listTellings(table, limit),
  markTellings: (notes) => deleteItems(table, notes.map(tellingKey)),
  listUntold: (limit) => listUntold(table, limit),
  markTold: (certificateId) => deleteItems(table, [untoldKey(certificateId)]),
  markReminded: (certificateId, days) => markReminded(table, certificateId, days),
});

async function takeTurn(
  table: DynamoTable,
  at: EpochMilliseconds,
  until: EpochMilliseconds,
): Promise<NoticeTurn | undefined> {
  const failed = await updateIf(table, noticeTurnKey(), {
    set: 'SET #until = :until',
    if: 'attribute_not_exists(pk) OR #until <= :at',
    names: ['until'],
    values: { until, at },
  });
  if (failed !== undefined) return undefined;
  const reader = new ItemReader((await getItem(table, noticeTurnKey())) ?? {});
  return {
    until,
    ...reader.optional('lookedAt', (name) => reader.whole(name)),
    failing: reader.has('failing') ? reader.texts('failing') : [],
  };
}

/** Another's turn is left alone: it has another time. */
async function endTurn(
  table: DynamoTable,
  { until, lookedAt, failing }: Parameters<NoticeStore['endTurn']>[0],
): Promise<void> {
  const kept = Object.entries({ lookedAt, failing }).filter(([, value]) => value !== undefined);
  const names = ['until', ...kept.map(([name]) => name)];
  await updateIf(table, noticeTurnKey(), {
    set: ['SET #until = :over', ...kept.map(([name]) => `#${name} = :${name}`)].join(', '),
    if: '#until = :until',
    names,
    values: { until, over: 0, ...Object.fromEntries(kept) },
  });
}

const idFrom = (item: Item): CertificateId => new ItemReader(item).parsed('sk', parseCertificateId);

async function listUntold(table: DynamoTable, limit: number): Promise<CertificateId[]> {
  const items = await queryItems(
    table,
    { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': UNTOLD_PK } },
    limit,
  );
  return items.map(idFrom);
}

async function markReminded(table: DynamoTable, certificateId: CertificateId, days: number): Promise<void> {
  const failed = await updateIf(table, certificateKey(certificateId), {
    set: 'SET #reminded = :days',
    if: 'attribute_exists(pk) AND (attribute_not_exists(#reminded) OR #reminded > :days)',
    names: { reminded: 'remindedDays' },
    values: { days },
  });
  if (failed !== undefined && failed.old === undefined)
    throw new Error('no such certificate to be reminded of');
}
