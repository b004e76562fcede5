import type * as z from 'zod';
import { CLIENT_VPN_CRL_QUOTA } from '../../shared/domain/crl-facts.ts';
import type { publicationPlanView } from '../../shared/http/api/publication-plans.ts';
import { QUIET_OBSERVATION_DAYS } from '../../shared/domain/gate-policy.ts';
import type { endpointView, offboardingView } from '../../shared/http/api/administration.ts';
import type { incidentView } from '../../shared/http/api/incidents.ts';
import type { NextStep } from '../failure.ts';
import { counted } from '../terminal/words.ts';
import { PROGRAM } from '../world.ts';

/** How a portal is, as its API tells it. */
export interface PortalState {
  readonly endpoints: readonly z.infer<typeof endpointView>[];
  readonly incidents: readonly z.infer<typeof incidentView>[];
  /** What the publisher sees at each endpoint now, where it can be asked. */
  readonly plans: readonly z.infer<typeof publicationPlanView>[];
  /** Oldest first. */
  readonly openOffboardings: readonly z.infer<typeof offboardingView>[];
}

const DAY_MILLISECONDS = 86_400_000;
const HOUR_MILLISECONDS = 3_600_000;

/** Whole days that are left; negative once it has ended. */
export const daysLeftOf = (iso: string, now: number): number =>
  Math.floor((Date.parse(iso) - now) / DAY_MILLISECONDS);

/**
 * Whether the endpoint asks the gate: as it was seen just now, else by what the publisher left, which looks on every run
 * and keeps an incident open for as long as it does not.
 */
export function gateOf(
  { endpointId, gateOrder }: PortalState['endpoints'][number],
  { incidents, plans }: Pick<PortalState, 'incidents' | 'plans'>,
):
  | { readonly isOn: true; readonly isSeen: boolean }
  | { readonly isOn: false; readonly since?: string; readonly by?: string } {
  const seen = plans.find((plan) => plan.endpointId === endpointId)?.isGateOn;
  if (seen === true) return { isOn: true, isSeen: true };
  if (gateOrder?.isOn === false) return { isOn: false, since: gateOrder.at, by: gateOrder.by };
  const off = incidents.find((one) => one.kind === 'gateOff' && one.endpointId === endpointId);
  if (off !== undefined) return { isOn: false, since: off.openedAt };
  return seen === false ? { isOn: false } : { isOn: true, isSeen: false };
}

/** What somebody should do now, what stops people connecting or lets leavers in first; empty when all is well. */
export function adviceFor(state: PortalState, now: number): NextStep[] {
  return [
    ...state.endpoints.flatMap((endpoint) => endpointAdvice(endpoint, state, now)),
    ...incidentAdvice(state),
    ...offboardingAdvice(state, now),
  ];
}

function endpointAdvice(
  endpoint: PortalState['endpoints'][number],
  state: PortalState,
  now: number,
): NextStep[] {
  const { endpointId, crl, oldestPendingSince } = endpoint;
  const publish = `${PROGRAM} publish --endpoint ${endpointId} --wait`;
  const steps: NextStep[] = [];
  if (crl === undefined) {
    steps.push({ words: `${endpointId} holds no list: publish the first`, command: publish });
  } else if (daysLeftOf(crl.nextUpdate, now) < 14) {
    steps.push({
      words: `the list at ${endpointId} ends soon, and then nobody connects; the publisher should have renewed it`,
      command: `${PROGRAM} doctor`,
    });
  }
  if (!gateOf(endpoint, state).isOn) {
    steps.push({ words: `switch the gate of ${endpointId} on again`, command: `${PROGRAM} gate on` });
  }
  if (oldestPendingSince !== undefined && now - Date.parse(oldestPendingSince) > DAY_MILLISECONDS) {
    steps.push({
      words: `a revocation has waited at ${endpointId} for more than a day: publish now`,
      command: publish,
    });
  }
  if (crl !== undefined && crl.entries >= 0.85 * CLIENT_VPN_CRL_QUOTA) {
    steps.push({ words: `the list at ${endpointId} is nearly full: shorten the life of certificates` });
  }
  return [...steps, ...observationAdvice(endpoint, now)];
}

function observationAdvice(
  { endpointId, gateMode, observedSince, lastUnknownAt }: PortalState['endpoints'][number],
  now: number,
): NextStep[] {
  if (gateMode !== 'observe' || observedSince === undefined) return [];
  const quietMilliseconds = now - Date.parse(lastUnknownAt ?? observedSince);
  if (quietMilliseconds < QUIET_OBSERVATION_DAYS * DAY_MILLISECONDS) return [];
  const words = `nobody unknown was seen at ${endpointId} for ${QUIET_OBSERVATION_DAYS} days: deploy with --param gateMode=enforce`;
  return [{ words }];
}

/** One line of each kind, however many there are; a surge of strangers opens thousands. */
function incidentAdvice({ incidents }: PortalState): NextStep[] {
  const kinds = Map.groupBy(
    incidents.filter(({ kind }) => kind !== 'gateOff'),
    ({ kind }) => kind,
  );
  return [...kinds].map(([kind, [first, ...more]]) => ({
    words: `decide about "${kind}"${more.length === 0 ? '' : `, the oldest of ${more.length + 1}`}`,
    command: `${PROGRAM} incident ${first?.incidentId ?? ''}`,
  }));
}

/** Deny and cut take seconds; the list may take a day. */
const SLOW_HOURS = 26;

function offboardingAdvice({ openOffboardings }: PortalState, now: number): NextStep[] {
  const slow = openOffboardings.filter(({ timeline }) => {
    const received = timeline.find(({ step }) => step === 'received')?.at;
    return received !== undefined && now - Date.parse(received) > SLOW_HOURS * HOUR_MILLISECONDS;
  });
  if (slow.length === 0) return [];
  return [
    {
      words: `${counted(slow.length, 'offboarding')} unfinished for more than a day: see which step is missing`,
      command: `${PROGRAM} offboarding ${slow[0]?.offboardingId ?? ''}`,
    },
  ];
}
