import * as z from 'zod';
import { endpointView } from '../../shared/http/api/administration.ts';
import { defineCommand, type Context } from '../command.ts';
import { localFailure, usageFailure } from '../failure.ts';
import type { PortalApi } from '../portal/api.ts';
import { counted, momentOf } from '../terminal/words.ts';
import { showPlans } from './publication-plan.ts';
import { PROGRAM } from '../world.ts';

type EndpointView = z.infer<typeof endpointView>;

const POLL_MILLISECONDS = 500;
const DEFAULT_TIMEOUT_SECONDS = 900;

const listEndpoints = async (api: PortalApi): Promise<EndpointView[]> =>
  (await api.get('/v1/admin/endpoints', z.object({ endpoints: z.array(endpointView) }))).endpoints;

const momentIfAny = (iso: string | undefined): string | undefined =>
  iso === undefined ? undefined : momentOf(iso);

export const endpoints = defineCommand({
  name: 'endpoints',
  audience: 'administrator',
  summary: 'show each endpoint, the list it holds, and what waits for the next one',
  arguments: {},
  options: {},
  examples: ['endpoints'],
  async run({ screen, portal }) {
    const list = await listEndpoints(portal());
    if (list.length === 0) screen.line('No endpoint is set up.');
    for (const { crl, ...endpoint } of list) {
      screen.title(endpoint.endpointId);
      screen.fields([
        ['CA', endpoint.caId],
        ['Region', endpoint.region],
        ['gate', endpoint.gateArn],
        ['list', crl ? `${crl.crlNumber}, with ${counted(crl.entries, 'certificate')}` : 'none yet'],
        ['ends', momentIfAny(crl?.nextUpdate)],
        ['imported', momentIfAny(crl?.importedAt)],
        ['confirmed', momentIfAny(crl?.confirmedAt)],
        ['SHA-256', crl?.sha256],
        ['waiting', counted(endpoint.pendingRevocations, 'revocation')],
        ['since', momentIfAny(endpoint.oldestPendingSince)],
        ['asked for', momentIfAny(endpoint.publicationRequestedAt)],
      ]);
    }
    return { endpoints: list };
  },
});

export const publish = defineCommand({
  name: 'publish',
  audience: 'administrator',
  summary: 'publish the revocation list now, where something changed',
  notes: ['Importing a list resets every connection of the endpoint; people come back by themselves.'],
  arguments: {},
  options: {
    endpoint: { value: 'ID', words: 'one endpoint; every one when absent' },
    wait: { words: 'until the endpoint is seen to hold the answer' },
    timeout: { value: 'SECONDS', words: `how long to wait; ${DEFAULT_TIMEOUT_SECONDS} when absent` },
    'dry-run': { words: 'only say what would be done, and when the next list is due' },
  },
  examples: ['publish --wait', 'publish --dry-run'],
  async run(context, { endpoint, wait, timeout, 'dry-run': dryRun }) {
    const { screen } = context;
    if (dryRun) return showPlans(screen, context.portal(), endpoint);
    const timeoutSeconds = timeout === undefined ? DEFAULT_TIMEOUT_SECONDS : Number(timeout);
    if (!(timeoutSeconds > 0)) throw usageFailure('--timeout takes a number of seconds');
    const api = context.portal();
    const before = new Map((await listEndpoints(api)).map((one) => [one.endpointId, one.crl?.crlNumber]));
    const { endpointIds } = await api.post(
      '/v1/admin/crl/publication',
      endpoint === undefined ? {} : { endpointId: endpoint },
      z.object({ endpointIds: z.array(z.string()) }),
    );
    if (!wait) {
      screen.done(`Asked for at ${endpointIds.join(', ')}`);
      screen.command(`${PROGRAM} endpoints`, 'what became of it');
      return { endpointIds, isPublished: false };
    }
    const after = await untilAnswered(context, api, endpointIds, timeoutSeconds);
    for (const { endpointId, crl } of after) {
      if (crl === undefined) screen.warn(`${endpointId} holds no list`);
      else if (crl.crlNumber === before.get(endpointId)) {
        screen.done(`${endpointId} holds list ${crl.crlNumber} already: nothing had changed`);
      } else screen.done(`${endpointId} holds list ${crl.crlNumber}: ${counted(crl.entries, 'certificate')}`);
    }
    return { endpointIds, isPublished: true, endpoints: after };
  },
});

/** The request stays with the endpoint until the publisher has answered it. */
async function untilAnswered(
  { world }: Context,
  api: PortalApi,
  endpointIds: readonly string[],
  timeoutSeconds: number,
): Promise<EndpointView[]> {
  const until = world.now() + timeoutSeconds * 1000;
  for (;;) {
    const asked = (await listEndpoints(api)).filter(({ endpointId }) => endpointIds.includes(endpointId));
    if (asked.every(({ publicationRequestedAt }) => publicationRequestedAt === undefined)) return asked;
    if (world.now() >= until) {
      throw localFailure(
        'notAnsweredYet',
        `Not answered within ${timeoutSeconds} s`,
        'it goes on without you',
        [{ words: 'what became of it', command: `${PROGRAM} endpoints` }],
      );
    }
    await world.sleep(POLL_MILLISECONDS);
  }
}
