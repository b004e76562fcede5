import type { Alias, SourceId } from '../../domain/identity.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import type { NotedReturn } from '../../ports/offboarding-store.ts';
import { ItemReader } from './item.ts';
import { aliasKey, notedReturnKey } from './keys.ts';
import { expiryOf } from './offboarding-items.ts';
import { getItem, type DynamoTable } from './table.ts';
import { transact } from './writes.ts';

/** See OffboardingStore.noteReturn. */
export async function noteReturn(
  table: DynamoTable,
  alias: Alias,
  { source, eventTime, receivedAt }: NotedReturn,
): Promise<'noted' | 'aliasOwned'> {
  const failed = await transact(table, {
    alias: {
      check: aliasKey(alias),
      condition: { if: 'attribute_not_exists(#personId)', names: ['personId'] },
    },
    returned: {
      update: notedReturnKey(alias, source),
      change: {
        set: 'SET #eventTime = :eventTime, #expiresAt = :expiresAt',
        if: 'attribute_not_exists(#eventTime) OR #eventTime < :eventTime',
        names: ['eventTime', 'expiresAt'],
        values: { eventTime, expiresAt: expiryOf(receivedAt) },
      },
    },
  });
  // A later one is noted already.
  return failed?.alias === undefined ? 'noted' : 'aliasOwned';
}

/** See OffboardingStore.findNotedReturn. */
export async function findNotedReturn(
  table: DynamoTable,
  alias: Alias,
  source: SourceId,
): Promise<EpochMilliseconds | undefined> {
  const item = await getItem(table, notedReturnKey(alias, source));
  return item === undefined ? undefined : new ItemReader(item).whole('eventTime');
}
