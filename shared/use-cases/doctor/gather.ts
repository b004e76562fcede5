import type { PortalFacts, Seen, SubscriptionFacts } from '../../domain/doctor/facts.ts';
import type { Endpoint } from '../../domain/endpoint.ts';
import type { Attempts } from './attempts.ts';
import { entriesOf } from '../keep-journal.ts';
import { gatherCoverage } from './gather-coverage.ts';
import { gatherEndpoint, type DoctorStores, type GatherDeps } from './gather-endpoint.ts';
import type { PortalParts, SecretPart } from './parts.ts';
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
  const [endpoints, table, beside, aliasCoverage, incidents, offboardings, journal] = await Promise.all([
    Promise.all(endpointIds.map((endpointId) => gatherEndpoint(deps, attempts, endpointId, registered))),
    tableOf(deps, attempts),
    besideOf(deps, attempts, parts),
    gatherCoverage(deps, attempts, parts),
    stores && attempts.attempt(READS.incidents, () => stores.offboardings.listOpenIncidents()),
    stores && attempts.attempt(READS.offboardings, () => stores.offboardings.listOpen()),
    stores && deps.archive && journalOf(stores.journal, deps.archive, attempts),
  ]);
  return {
    now: clock.now(),
    place: parts.place,
    caller,
    endpoints,
    ...table,
    ...beside,
    aliasCoverage,
    incidents,
    offboardings,
    journal,
    alarmNames: parts.alarmNames,
    topicArn: parts.topicArn,
    holdersTopicArn: parts.holdersTopicArn,
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
  {
    stackName,
    secrets: secretParts,
    alarmNames,
    topicArn,
    holdersTopicArn,
    deadLetterQueueUrls,
  }: PortalParts,
): Promise<
  Pick<
    PortalFacts,
    | 'stack'
    | 'secrets'
    | 'alarms'
    | 'confirmedSubscriptions'
    | 'holdersSubscriptions'
    | 'deadLetters'
    | 'concurrencyLimit'
  >
> {
  const subscriptionsOf = (arn: string | undefined): Promise<Seen<SubscriptionFacts>> | undefined =>
    arn === undefined ? undefined : attempt(READS.subscriptions, () => inspection.subscriptions(arn));
  const [
    stack,
    concurrencyLimit,
    alarms,
    confirmedSubscriptions,
    holdersSubscriptions,
    deadLetters,
    secrets,
  ] = await Promise.all([
    stackName === undefined ? undefined : attempt(READS.stack, () => inspection.stack(stackName)),
    attempt(READS.limit, () => inspection.concurrencyLimit()),
    alarmNames.length === 0 ? undefined : attempt(READS.alarms, () => inspection.alarms(alarmNames)),
    subscriptionsOf(topicArn),
    subscriptionsOf(holdersTopicArn),
    Promise.all(
      deadLetterQueueUrls.map((queueUrl) =>
        attempt(READS.deadLetters, () => inspection.deadLetters(queueUrl)),
      ),
    ),
    Promise.all(secretParts.map((part) => secretOf(inspection, attempt, part))),
  ]);
  return {
    stack,
    concurrencyLimit,
    alarms,
    confirmedSubscriptions,
    holdersSubscriptions,
    deadLetters,
    secrets: secrets.flat(),
  };
}

/** Nothing where its function shows it to nobody. */
async function secretOf(
  inspection: GatherDeps['inspection'],
  attempt: Attempts['attempt'],
  { name, use, shownBy }: SecretPart,
): Promise<PortalFacts['secrets']> {
  if (shownBy !== undefined) {
    const { functionName, to } = shownBy;
    const asks = await attempt(READS.asksDirectories, () => inspection.asksDirectories(functionName, to));
    if (asks?.value !== true) return [];
  }
  return [{ name, use, facts: await attempt(READS.secret, () => inspection.secret(name)) }];
}

/** Enough to see how long the oldest waits, since they come in no order. */
const UNJOURNALLED_SEEN = 500;

/**
 * Where an object of the journal follows on what the table knows, either somebody died right after writing it, and its
 * entries are in the table, or the table is of an earlier time.
 */
async function journalOf(
  journal: DoctorStores['journal'],
  archive: NonNullable<GatherDeps['archive']>,
  { attempt }: Attempts,
): Promise<PortalFacts['journal']> {
  const waiting = await attempt(READS.journalEntries, () => journal.listUnjournalled(UNJOURNALLED_SEEN));
  const head = await attempt(READS.journalHead, () => journal.head());
  if (waiting === undefined || head === undefined) return undefined;
  const tableSequence = head.value.sequence;
  const next = await attempt(READS.journal, () => archive.get(tableSequence + 1));
  if (next === undefined) return undefined;
  let isTableBehind = false;
  for (const entry of next.value === undefined ? [] : entriesOf(next.value.object)) {
    const known = await attempt(READS.journalHead, () => journal.findEntry(entry));
    if (known === undefined) return undefined;
    if (known.value?.sha256Hex !== entry.sha256Hex) isTableBehind = true;
  }
  const times = waiting.value.map(({ at }) => at);
  return {
    value: {
      tableSequence,
      isTableBehind,
      ...(times.length === 0 ? {} : { waitingSince: Math.min(...times) }),
    },
  };
}
