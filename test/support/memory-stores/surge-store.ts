import { SURGE_WINDOW_SECONDS } from '../../../shared/domain/surge.ts';
import type { SurgeStore } from '../../../shared/ports/surge-store.ts';
import { present, sortedValues, type MemoryState } from './state.ts';

const SLOT_MILLISECONDS = 300_000;
const slotOf = (at: number): number => Math.floor(at / SLOT_MILLISECONDS);

/** Surges, in memory. */
export function memorySurgeStore({ surges }: MemoryState): SurgeStore {
  const countedOf = (source: string, at: number): number => {
    const oldest = slotOf(at - SURGE_WINDOW_SECONDS * 1000);
    const slots = [...(surges.counts.get(source) ?? [])];
    return slots.reduce(
      (sum, [slot, people]) => (slot >= oldest && slot <= slotOf(at) ? sum + people : sum),
      0,
    );
  };
  return {
    count: async (source, at) => {
      const slots = surges.counts.get(source) ?? new Map<number, number>();
      slots.set(slotOf(at), (slots.get(slotOf(at)) ?? 0) + 1);
      surges.counts.set(source, slots);
      return countedOf(source, at);
    },
    counted: async (source, at) => countedOf(source, at),
    context: async (source) => {
      const expected = surges.expected.get(source);
      return {
        ...(expected === undefined ? {} : { expected }),
        ...(surges.holders === undefined ? {} : { holders: surges.holders }),
      };
    },
    expect: async (source, expected) => {
      surges.expected.set(source, expected);
    },
    holdersCountedAt: async () => surges.holdersCountedAt,
    keepHolders: async (holders, countedAt) => {
      surges.holders = holders;
      surges.holdersCountedAt = countedAt;
    },
    addSettlement: async (settlement) => {
      if (surges.settlements.has(settlement.settlementId)) throw new Error('a settlement is there already');
      surges.settlements.set(settlement.settlementId, settlement);
    },
    listOpenSettlements: async () =>
      sortedValues(surges.settlements).filter(({ settledAt }) => settledAt === undefined),
    closeSettlement: async ({ settlementId }, at) => {
      const settlement = present(surges.settlements.get(settlementId), 'settlement');
      surges.settlements.set(settlementId, { ...settlement, settledAt: settlement.settledAt ?? at });
    },
  };
}
