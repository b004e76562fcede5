import { outcomeOf } from '../calls.ts';
import type { Invariant } from '../oracle.ts';

/** Hosts' clocks differ by this, and jump. */
const CLOCK_MILLISECONDS = 5_000;

export const plansAreCarriedOut: Invariant = {
  number: 3,
  words: 'a last day that was announced is written, and ends access with the first sweep after it',

  swept: ({ portal, plannedAtStep }, { startedAt, startedAtStep }) => {
    for (const { sk, effectiveAt } of portal.table.list('PLANNED')) {
      const wasThere = (plannedAtStep.get(String(sk)) ?? 0) < startedAtStep;
      if (wasThere && Number(effectiveAt) < startedAt - CLOCK_MILLISECONDS)
        return 'a plan that was due before a sweep began is there after it';
    }
    return undefined;
  },

  ended: ({ portal }, call) => {
    const said = outcomeOf(call);
    if (call.asked.what !== 'event' || said?.outcome !== 'planned') return undefined;
    const { login, event } = call.asked;
    const isThere = portal.table.find('PLANNED', said.planId ?? '') !== undefined;
    // It may have been carried out already, or been changed or taken back.
    const isDue = (event.effectiveAt ?? 0) < (call.endedAt ?? 0) + CLOCK_MILLISECONDS;
    const isMoved = portal.calls.some(
      (other) =>
        other !== call &&
        (other.endedAtStep ?? Infinity) >= call.startedAtStep &&
        (other.asked.what === 'settle' || ('login' in other.asked && other.asked.login === login)),
    );
    return isThere || isDue || isMoved
      ? undefined
      : `${login}'s last day was acknowledged and is not in the table`;
  },
};
