import { outcomeOf, type Call } from '../calls.ts';
import type { Oracle } from '../oracle.ts';

export const isDenial = ({ asked }: Call): boolean =>
  asked.what === 'event' && asked.event.kind !== 'returned';

/** Whether `call` can take back what `denial` did: an administrator any denial, a source its own. */
export function canLift(call: Call, denial: Call): boolean {
  const [lift, denied] = [call.asked, denial.asked];
  if (lift.what === 'settle' && denied.what === 'event') {
    return lift.decision === 'release' && denied.event.source === 'hr';
  }
  if (lift.what !== 'event' || denied.what !== 'event') return false;
  if (lift.event.kind !== 'returned' || lift.login !== denied.login) return false;
  return lift.event.source === 'administrator' || lift.event.source === denied.event.source;
}

/** Clocks of hosts differ, and a settlement means what was received until a time. */
export const CLOCK_MILLISECONDS = 6_000;

/** Whether a lift may have found a denial there. What settles a surge is carried out by sweeps, as late as may be. */
export const mayHaveSeen = (lift: Call, denial: Call): boolean =>
  lift.asked.what === 'settle'
    ? (lift.endedAt ?? Infinity) + CLOCK_MILLISECONDS >= denial.startedAt
    : (lift.endedAtStep ?? Infinity) >= denial.startedAtStep;

/** Whether nothing can have taken a denial back until a step: nothing that could was under way since it began. */
export const stands = (oracle: Oracle, denial: Call, untilStep: number): boolean =>
  !oracle.portal.calls.some(
    (call) => canLift(call, denial) && call.startedAtStep <= untilStep && mayHaveSeen(call, denial),
  );

/** A denial of this person that was acknowledged before a step, and that nobody can have taken back until another. */
export const standingDenial = (
  oracle: Oracle,
  login: string,
  beforeStep: number,
  untilStep = beforeStep,
): Call | undefined =>
  oracle.portal.calls.find(
    (call) =>
      isDenial(call) &&
      'login' in call.asked &&
      call.asked.login === login &&
      (call.endedAtStep ?? Infinity) < beforeStep &&
      outcomeOf(call)?.outcome === 'denied' &&
      stands(oracle, call, untilStep),
  );
