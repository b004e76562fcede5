import type { PortalFacts, Seen } from '../../domain/doctor/facts.ts';
import type { Endpoint } from '../../domain/endpoint.ts';
import type { Attempts } from './attempts.ts';
import { gatherEndpoint, type GatherDeps } from './gather-endpoint.ts';
import type { PortalParts } from './parts.ts';
import { READS } from './reads.ts';

/**
 * Looks at everything that a portal is made of, side by side, and changes nothing. What cannot be read is noted; the
 * rest is read all the same.
 */
export async function gatherFacts(
  deps: GatherDeps,
  attempts: Attempts,
  parts: PortalParts,
): Promise<PortalFacts> {
  const { inspection, stores, clock } = deps;
  // Alone, so that missing credentials are looked for once.
  const caller = await attempts.attempt(READS.caller, () => inspection.caller());
  const registered = await registeredEndpoints(deps, attempts);
  const endpointIds = endpointIdsOf(parts, registered?.value ?? []);
  const [endpoints, table, beside, incidents, offboardings] = await Promise.all([
    Promise.all(endpointIds.map((endpointId) => gatherEndpoint(deps, attempts, endpointId, registered))),
    tableOf(deps, attempts),
    besideOf(deps, attempts, parts),
    stores && attempts.attempt(READS.incidents, () => stores.offboardings.listOpenIncidents()),
    stores && attempts.attempt(READS.offboardings, () => stores.offboardings.listOpen()),
  ]);
  return {
    now: clock.now(),
    place: parts.place,
    caller,
    endpoints,
    ...table,
    ...beside,
    incidents,
    offboardings,
    alarmNames: parts.alarmNames,
    topicArn: parts.topicArn,
    clockAheadMilliseconds: inspection.clockAheadMilliseconds(),
    unread: attempts.unread,
  };
}

async function registeredEndpoints(
  { stores }: GatherDeps,
  { attempt, note }: Attempts,
): Promise<Seen<readonly Endpoint[]>> {
  if (stores === undefined)
    return note(READS.endpoints, "the table's name is not known; give it with --table");
  return attempt(READS.endpoints, () => stores.endpoints.list());
}

/** The one that was asked for, else the stack's and all that are registered. */
const endpointIdsOf = (
  { onlyEndpointId, endpointIds }: PortalParts,
  registered: readonly Endpoint[],
): readonly string[] =>
  onlyEndpointId === undefined
    ? [...new Set([...endpointIds, ...registered.map(({ endpointId }) => endpointId)])]
    : [onlyEndpointId];

async function tableOf(
  { inspection, stores }: GatherDeps,
  { attempt }: Attempts,
): Promise<Pick<PortalFacts, 'table' | 'hasPointInTimeRecovery'>> {
  if (stores === undefined) return { table: undefined, hasPointInTimeRecovery: undefined };
  const { tableName } = stores;
  const [table, hasPointInTimeRecovery] = await Promise.all([
    attempt(READS.table, () => inspection.table(tableName)),
    attempt(READS.recovery, () => inspection.hasPointInTimeRecovery(tableName)),
  ]);
  return { table, hasPointInTimeRecovery };
}

async function besideOf(
  { inspection }: GatherDeps,
  { attempt }: Attempts,
  { stackName, secretIds, alarmNames, topicArn }: PortalParts,
): Promise<
  Pick<PortalFacts, 'stack' | 'secrets' | 'alarms' | 'confirmedSubscriptions' | 'concurrencyLimit'>
> {
  const [stack, concurrencyLimit, alarms, confirmedSubscriptions, secrets] = await Promise.all([
    stackName === undefined ? undefined : attempt(READS.stack, () => inspection.stack(stackName)),
    attempt(READS.limit, () => inspection.concurrencyLimit()),
    alarmNames.length === 0 ? undefined : attempt(READS.alarms, () => inspection.alarms(alarmNames)),
    topicArn === undefined
      ? undefined
      : attempt(READS.subscriptions, () => inspection.subscriptions(topicArn)),
    Promise.all(
      secretIds.map(async (name) => ({
        name,
        facts: await attempt(READS.secret, () => inspection.secret(name)),
      })),
    ),
  ]);
  return { stack, concurrencyLimit, alarms, confirmedSubscriptions, secrets };
}
