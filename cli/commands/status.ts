import * as z from 'zod';
import { CLIENT_VPN_CRL_QUOTA } from '../../shared/domain/crl-facts.ts';
import { endpointView, offboardingView } from '../../shared/http/api/administration.ts';
import { incidentView } from '../../shared/http/api/incidents.ts';
import { defineCommand, type Context } from '../command.ts';
import type { Cell, Screen } from '../terminal/screen.ts';
import { counted, durationOf, momentOf } from '../terminal/words.ts';
import { publicationPlansView } from '../../shared/http/api/publication-plans.ts';
import { Failure } from '../failure.ts';
import { REASON_WORDS } from './publication-plan.ts';
import { adviceFor, daysLeftOf, gateOf, type PortalState } from './status-advice.ts';

const lists = {
  endpoints: z.object({ endpoints: z.array(endpointView) }),
  incidents: z.object({ incidents: z.array(incidentView) }),
  offboardings: z.object({ offboardings: z.array(offboardingView) }),
};

export const status = defineCommand({
  name: 'status',
  audience: 'administrator',
  summary: 'show on one screen how the portal is, and what to do next',
  arguments: {},
  options: {},
  examples: ['status', 'status --json'],
  async run({ world, screen, portal }) {
    const state = await readState(portal(), screen);
    const now = world.now();
    for (const endpoint of state.endpoints) printEndpoint(screen, endpoint, state, now);
    if (state.endpoints.length === 0) screen.warn('No endpoint is set up');
    printOpen(screen, state, now);
    const advice = adviceFor(state, now);
    screen.line('');
    screen.title('What to do next');
    if (advice.length === 0) screen.done('Nothing');
    for (const { words, command } of advice) {
      if (command === undefined) screen.warn(words);
      else screen.command(command, words);
    }
    return { needsAttention: advice.length > 0, ...state, next: advice };
  },
});

async function readState(api: ReturnType<Context['portal']>, screen: Screen): Promise<PortalState> {
  const [{ endpoints }, { incidents }, { offboardings }, plans] = await Promise.all([
    api.get('/v1/admin/endpoints', lists.endpoints),
    api.get('/v1/admin/incidents', lists.incidents),
    api.get('/v1/admin/offboardings', lists.offboardings, { state: 'open' }),
    readPlans(api, screen),
  ]);
  return { endpoints, incidents, plans, openOffboardings: offboardings };
}

/** It asks the endpoints themselves: where they do not answer, everything else is still worth showing. */
async function readPlans(api: ReturnType<Context['portal']>, screen: Screen): Promise<PortalState['plans']> {
  try {
    const { plans, failed } = await api.get('/v1/admin/crl/publication', publicationPlansView);
    for (const { endpointId, words } of failed) screen.warn(`${endpointId} could not be asked: ${words}`);
    return plans;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    screen.warn(`The endpoints could not be asked: ${error.message}`);
    return [];
  }
}

type EndpointView = PortalState['endpoints'][number];

function printEndpoint(screen: Screen, endpoint: EndpointView, state: PortalState, now: number): void {
  const { crl, oldestPendingSince, publicationRequestedAt, lastUnplannedImportAt } = endpoint;
  const plan = state.plans.find(({ endpointId }) => endpointId === endpoint.endpointId);
  const isOneOfSeveral = state.endpoints.some(({ caId }) => caId !== endpoint.caId);
  screen.title(isOneOfSeveral ? `${endpoint.endpointId}, of ${endpoint.caId}` : endpoint.endpointId);
  screen.fields([
    ['gate', gateCell(endpoint, state)],
    ['observes since', endpoint.observedSince && momentOf(endpoint.observedSince)],
    ['last saw somebody unknown', endpoint.observedSince && lastUnknownOf(endpoint, now)],
    ['list', crl === undefined ? { text: 'none yet', style: 'red' } : `number ${crl.crlNumber}`],
    ['entries', crl && entriesCell(crl.entries)],
    ['ends', crl && endsCell(crl.nextUpdate, now)],
    ['seen there', crl && momentOf(crl.confirmedAt)],
    ['full', plan?.quota.reachedAt && `${momentOf(plan.quota.reachedAt)}, if it goes on like this`],
    ['next list', plan && nextOf(plan)],
    [
      'held',
      plan && plan.list.holds > 0 ? `${plan.list.holds} on the next list, for want of a gate` : undefined,
    ],
    ['waiting', counted(endpoint.pendingRevocations, 'revocation')],
    ['since', oldestPendingSince && `${momentOf(oldestPendingSince)}, ${agoOf(oldestPendingSince, now)} ago`],
    ['asked for', publicationRequestedAt && momentOf(publicationRequestedAt)],
    ['last import out of turn', lastUnplannedImportAt && momentOf(lastUnplannedImportAt)],
  ]);
}

function nextOf({ publish, reason, next }: PortalState['plans'][number]): string {
  if (publish) return `now: ${REASON_WORDS[reason]}`;
  return next === undefined ? REASON_WORDS[reason] : `${momentOf(next.at)}: ${REASON_WORDS[next.reason]}`;
}

const lastUnknownOf = ({ lastUnknownAt }: EndpointView, now: number): string =>
  lastUnknownAt === undefined ? 'never' : `${momentOf(lastUnknownAt)}, ${agoOf(lastUnknownAt, now)} ago`;

const agoOf = (iso: string, now: number): string => durationOf(Math.max(0, now - Date.parse(iso)));

function gateCell(endpoint: EndpointView, state: PortalState): Cell {
  const gate = gateOf(endpoint, state);
  if (gate.isOn)
    return { text: gate.isSeen ? 'on, seen now' : 'on when it was last looked at', style: 'green' };
  const who = gate.by === undefined ? 'OFF or changed' : `switched OFF by ${gate.by}`;
  const since = gate.since === undefined ? '' : ` since ${momentOf(gate.since)}`;
  return { text: `${who}${since}: only the list keeps leavers out`, style: 'red' };
}

/** Alarms come at these shares of the quota too. */
const entriesCell = (entries: number): Cell => {
  const share = entries / CLIENT_VPN_CRL_QUOTA;
  const text = `${entries} of ${CLIENT_VPN_CRL_QUOTA}`;
  return share < 0.7 ? text : { text, style: share < 0.95 ? 'yellow' : 'red' };
};

function endsCell(nextUpdate: string, now: number): Cell {
  const days = daysLeftOf(nextUpdate, now);
  const text = `${momentOf(nextUpdate)}, in ${counted(days, 'day')}`;
  if (days > 14) return text;
  return days >= 0
    ? { text, style: 'yellow' }
    : { text: `${momentOf(nextUpdate)}: IT HAS ENDED, and nobody can connect`, style: 'red' };
}

function printOpen(screen: Screen, { incidents, openOffboardings }: PortalState, now: number): void {
  screen.line('');
  screen.title('Open');
  const oldest = openOffboardings[0]?.timeline.find(({ step }) => step === 'received')?.at;
  screen.fields([
    [
      'incidents',
      incidents.length === 0 ? 'none' : { text: kindsOf(incidents.map(({ kind }) => kind)), style: 'red' },
    ],
    [
      'offboardings',
      openOffboardings.length === 0
        ? 'none unfinished'
        : `${counted(openOffboardings.length, 'unfinished one')}${oldest ? `, the oldest for ${agoOf(oldest, now)}` : ''}`,
    ],
  ]);
}

/** `2 unknownPerson, 1 gateOff`. */
function kindsOf(kinds: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}
