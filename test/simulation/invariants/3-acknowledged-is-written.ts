import { outcomeOf, type Call, type ToldEvent } from '../calls.ts';
import type { Invariant, Oracle } from '../oracle.ts';
import { canLift, isDenial, mayHaveSeen } from './acknowledged-denials.ts';

/** Administrators' orders carry the clock of the host that took them, from when it had looked who they are. */
const CLOCK_MILLISECONDS = 6_000;

export const acknowledgedIsWritten: Invariant = {
  number: 3,
  words: 'when an event is acknowledged, the denial, or an open incident, is written',

  ended: (oracle, call) => {
    const { asked } = call;
    const said = outcomeOf(call);
    if (asked.what !== 'event' || said === undefined) return undefined;
    switch (said.outcome) {
      case 'denied':
        return isDenied(oracle, call, asked.login, said.offboardingId);
      case 'duplicate':
        return oracle.portal.table.find(`EVENT#${asked.event.source}#${asked.event.eventId}`, 'EVENT') ===
          undefined
          ? 'an event was acknowledged as known that the table does not know'
          : undefined;
      case 'protected':
        return hasIncident(oracle, said.incidentId)
          ? undefined
          : 'an event about whom nobody can deny left no incident';
      case 'unknownPerson':
        return hasIncident(oracle, said.incidentId) ? undefined : 'an event for nobody left no incident';
      case 'stale':
        return isDenial(call) && !hasLaterWord(oracle, call, asked.event)
          ? `${asked.login}'s event counted as stale though its source said nothing later`
          : undefined;
      default:
        return undefined;
    }
  },
};

function isDenied(
  oracle: Oracle,
  call: Call,
  login: string,
  offboardingId: string | undefined,
): string | undefined {
  const denials = oracle.storedPerson(login)?.['denials'] ?? {};
  if (offboardingId !== undefined && Object.keys(denials).includes(offboardingId)) return undefined;
  const wasLifted = oracle.portal.calls.some((other) => canLift(other, call) && mayHaveSeen(other, call));
  return wasLifted ? undefined : `the denial of ${login} was acknowledged and is not in the table`;
}

const hasIncident = ({ portal }: Oracle, incidentId: string | undefined): boolean =>
  incidentId !== undefined &&
  [...portal.table.scan('INCIDENT#')].some((incident) => incident['incidentId'] === incidentId);

const hasLaterWord = ({ portal }: Oracle, call: Call, event: ToldEvent): boolean =>
  portal.calls.some(
    (other) =>
      other !== call &&
      other.asked.what === 'event' &&
      call.asked.what === 'event' &&
      other.asked.login === call.asked.login &&
      other.asked.event.source === event.source &&
      (event.source === 'administrator'
        ? (other.endedAt ?? Infinity) + CLOCK_MILLISECONDS > call.startedAt
        : other.asked.event.eventTime > event.eventTime),
  );
