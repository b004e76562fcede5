import type { NamedActions } from './writes.ts';
import type { OffboardingRecord } from '../../domain/offboarding.ts';
import { isHold } from '../../domain/person.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import { holdKey, offboardingKey, openOffboardingKey, personKey } from './keys.ts';
import type { DynamoTable } from './table.ts';
import { settledDraft } from '../../domain/audit-drafts.ts';
import { transactAudited } from './audit-chain.ts';

/** See OffboardingStore.confirm. */
export async function confirm(
  table: DynamoTable,
  record: OffboardingRecord,
  at: EpochMilliseconds,
  by: string,
): Promise<void> {
  const { offboardingId, personId, meant } = record;
  if (meant === undefined) throw new Error('only a denial of a surge can be confirmed');
  const named: NamedActions<'person' | 'record' | 'hold'> = {
    person: {
      update: personKey(personId),
      change: {
        set: 'SET #denials.#id.#kind = :meant, #changes = #changes + :one',
        // Lifted meanwhile, or confirmed already: there is nothing to confirm.
        if: '#denials.#id.#kind = :surge',
        names: { denials: 'denials', id: offboardingId, kind: 'kind', changes: 'denialChanges' },
        values: { meant, surge: 'surge', one: 1 },
      },
    },
    record: {
      update: offboardingKey(offboardingId),
      change: {
        set: 'SET #kind = :meant, #confirmedAt = :at',
        if: '#kind = :surge',
        names: ['kind', 'confirmedAt'],
        values: { meant, surge: 'surge', at },
      },
    },
    hold: isHold({ kind: meant }) ? undefined : { remove: holdKey(offboardingId) },
  };
  const draft = settledDraft('surgeConfirmed', record, at, by);
  await transactAudited(table, { personId, draft, named });
}

/** See OffboardingStore.release. */
export async function release(
  table: DynamoTable,
  record: OffboardingRecord,
  at: EpochMilliseconds,
  by: string,
): Promise<void> {
  const { offboardingId, personId } = record;
  const named: NamedActions<'person' | 'record' | 'hold' | 'open'> = {
    person: {
      update: personKey(personId),
      change: {
        set: 'SET #changes = #changes + :one REMOVE #denials.#id',
        if: 'attribute_exists(#denials.#id)',
        names: { denials: 'denials', id: offboardingId, changes: 'denialChanges' },
        values: { one: 1 },
      },
    },
    record: {
      update: offboardingKey(offboardingId),
      change: {
        // What was done may have to be undone, also where nothing was left to do.
        set: `SET #liftedAt = :at${isHold(record) ? '' : ' REMOVE #closedAt'}`,
        if: 'attribute_exists(pk) AND attribute_not_exists(#liftedAt)',
        names: isHold(record) ? ['liftedAt'] : ['liftedAt', 'closedAt'],
        values: { at },
      },
    },
    hold: { remove: holdKey(offboardingId) },
    open: isHold(record) ? undefined : { put: { ...openOffboardingKey(offboardingId) } },
  };
  const draft = settledDraft('surgeReleased', record, at, by);
  await transactAudited(table, { personId, draft, named });
}
