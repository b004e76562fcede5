import { datedIdFrom, DATED_ID_RANDOM_OCTETS } from '../domain/dated-id.ts';
import { DomainError } from '../domain/errors.ts';
import type { Alias, PersonId } from '../domain/identity.ts';
import { ADMINISTRATOR } from '../domain/identity.ts';
import type { OffboardingEvent, OffboardingRecord } from '../domain/offboarding.ts';
import { isPlanned, planIdFrom, type PlannedOffboarding } from '../domain/planned-offboarding.ts';
import type { EpochMilliseconds } from '../domain/time.ts';
import type { Audit } from '../ports/audit.ts';
import type { Clock } from '../ports/clock.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';
import type { EventOutcome, OffboardingStore } from '../ports/offboarding-store.ts';
import type { CancelledPlan } from '../ports/plan-store.ts';
import type { PersonStore } from '../ports/person-store.ts';
import type { RandomOctets } from '../ports/random.ts';
import type { Wake } from '../ports/wake.ts';
import { findLookalikeOwner } from './lookalike.ts';
import { weighDenial, type WeighDenialDeps } from './weigh-denial.ts';

export interface ReceiveEventDeps extends WeighDenialDeps {
  readonly people: PersonStore;
  readonly offboardings: OffboardingStore;
  readonly endpoints: Pick<EndpointStore, 'list'>;
  readonly clock: Clock;
  readonly random: RandomOctets;
  readonly wake: Wake;
  readonly audit: Audit;
}

export type EventResult =
  | { readonly outcome: 'denied'; readonly offboardingId: string }
  /** Beyond what the source may say in an hour: refused and cut, but not revoked until an administrator confirms. */
  | { readonly outcome: 'held'; readonly offboardingId: string }
  /** On the break-glass list: nothing was done, and an incident is open. */
  | { readonly outcome: 'protected'; readonly incidentId: string }
  /** Older than what the source said last: on record, without effect. */
  | { readonly outcome: 'stale'; readonly offboardingId?: string }
  /** The last day lies ahead: nothing happens before it is over. */
  | { readonly outcome: 'planned'; readonly planId: string; readonly effectiveAt: EpochMilliseconds }
  | { readonly outcome: 'reinstated'; readonly lifted: number }
  /** Nothing was held against the person yet, and what was planned is taken back. */
  | { readonly outcome: 'planCancelled'; readonly planIds: readonly string[] }
  | { readonly outcome: 'nothingToLift' }
  /** Nobody has that alias: an incident is open until somebody decides. */
  | { readonly outcome: 'unknownPerson'; readonly incidentId?: string }
  | ({ readonly outcome: 'duplicate' } & Pick<EventOutcome, 'offboardingId' | 'incidentId' | 'planId'>);

/** Between reading and writing somebody else may have written; then everything is looked at again. */
const ATTEMPTS = 5;

/**
 * Acts on what any source says of a person. When it returns, the denial (or the incident) is written; every later
 * step follows from it, whoever dies. Where the last day lies ahead, it is the plan that is written.
 *
 * @param due the plan that the event carries out, which ends with it
 * @throws DomainError webhookIdReused, personNotFound (an administrator named an id that is nobody's), tryAgain,
 *   malformedRequest (a last day that is ten years off)
 */
export async function receiveEvent(
  deps: ReceiveEventDeps,
  event: OffboardingEvent,
  due?: PlannedOffboarding,
): Promise<EventResult> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const result = await tryOnce(deps, event, due);
    if (result === undefined) continue;
    deps.audit.eventReceived({
      source: event.source,
      eventId: event.eventId,
      kind: event.kind,
      outcome: result.outcome,
    });
    // A repetition wakes too: whoever wrote the denial may have died before waking anybody.
    if (['denied', 'held', 'reinstated', 'duplicate'].includes(result.outcome)) await wakeAll(deps);
    return result;
  }
  throw new DomainError('tryAgain', 'the event met too many others; send it again', { retryAfterSeconds: 2 });
}

async function wakeAll({ endpoints, wake }: ReceiveEventDeps): Promise<void> {
  for (const { endpointId } of await endpoints.list()) await wake.connections(endpointId);
}

/** @returns undefined when the world moved and it must be looked at again */
async function tryOnce(
  deps: ReceiveEventDeps,
  event: OffboardingEvent,
  due: PlannedOffboarding | undefined,
): Promise<EventResult | undefined> {
  const seen = await deps.offboardings.findEvent(event.source, event.eventId);
  if (seen !== undefined) {
    if (seen.bodySha256Hex !== event.bodySha256Hex) {
      throw new DomainError('webhookIdReused', 'an event with this id and another body was received before');
    }
    const { offboardingId, incidentId, planId } = seen;
    return {
      outcome: 'duplicate',
      ...(offboardingId === undefined ? {} : { offboardingId }),
      ...(incidentId === undefined ? {} : { incidentId }),
      ...(planId === undefined ? {} : { planId }),
    };
  }
  const personId = await resolve(deps, event);
  if (isPlanned(event)) return planAhead(deps, event, personId);
  if (personId === undefined) return 'alias' in event.whom ? park(deps, event, event.whom.alias) : undefined;
  if (event.kind === 'returned') return lift(deps, event, personId);
  const denying = { said: event.kind, personId, due };
  const isLate =
    (await wasBackSince(deps, event)) || (due === undefined && (await wasPutOff(deps, event, personId)));
  return isLate ? recordLate(deps, event, denying) : deny(deps, event, denying);
}

/**
 * Writes down that somebody leaves on a day to come: with the person, or with a name that is not exactly one person's
 * yet. Nobody is let in by it who is denied already.
 */
async function planAhead(
  deps: ReceiveEventDeps,
  event: OffboardingEvent & Required<Pick<OffboardingEvent, 'lastDay' | 'effectiveAt'>>,
  personId: PersonId | undefined,
): Promise<EventResult | undefined> {
  const { offboardings, random, audit } = deps;
  if (await wasBackSince(deps, event)) return { outcome: 'stale' };
  const { source, eventId, eventTime, receivedAt, lastDay, effectiveAt, actor, comment } = event;
  const plan: PlannedOffboarding = {
    planId: planIdFrom(effectiveAt, random(DATED_ID_RANDOM_OCTETS)),
    source,
    eventId,
    eventTime,
    receivedAt,
    whom: personId === undefined ? event.whom : { personId },
    lastDay,
    effectiveAt,
    ...(actor === undefined ? {} : { actor }),
    ...(comment === undefined ? {} : { comment }),
  };
  const outcome = await offboardings.plan(plan, event);
  if (outcome === 'stale') return { outcome };
  if (outcome !== 'planned') return undefined;
  const { planId } = plan;
  audit.offboardingPlanned({ actor: actor ?? source, source, planId, effectiveAt });
  return { outcome, planId, effectiveAt };
}

async function resolve(
  { people }: ReceiveEventDeps,
  { whom }: OffboardingEvent,
): Promise<PersonId | undefined> {
  if ('alias' in whom) {
    const owner = await people.findAliasOwner(whom.alias);
    // A name that an open incident holds is not exactly one person's, even if somebody owns it.
    return owner?.heldByIncidentId === undefined ? owner?.personId : undefined;
  }
  if ((await people.find(whom.personId)) === undefined) {
    throw new DomainError('personNotFound', 'no person has this id');
  }
  return whom.personId;
}

/** Whether the source said before, when nobody knew her, that she came back later than this. */
async function wasBackSince(
  { offboardings }: ReceiveEventDeps,
  { whom, source, eventTime }: OffboardingEvent,
): Promise<boolean> {
  if (!('alias' in whom)) return false;
  const returnedAt = await offboardings.findNotedReturn(whom.alias, source);
  return returnedAt !== undefined && returnedAt > eventTime;
}

/** Whether her source has named a later day since: then a day that came late, and is over, is not her last. */
async function wasPutOff(
  { people, offboardings }: ReceiveEventDeps,
  { source, eventTime, lastDay }: OffboardingEvent,
  personId: PersonId,
): Promise<boolean> {
  const person = lastDay === undefined ? undefined : await people.find(personId);
  if (person === undefined) return false;
  const plans = await offboardings.listPlansOf(person);
  return plans.some((plan) => plan.source === source && plan.eventTime > eventTime);
}

interface Denying {
  readonly said: 'left' | 'suspended';
  readonly personId: PersonId;
  readonly due: PlannedOffboarding | undefined;
}

async function deny(
  deps: ReceiveEventDeps,
  event: OffboardingEvent,
  { said, personId, due }: Denying,
): Promise<EventResult | undefined> {
  const { offboardings, clock, audit } = deps;
  const weight = await weighDenial(deps, event, said, personId);
  if (weight.kind === 'none') return { outcome: 'protected', incidentId: weight.incidentId };
  const { source, actor } = event;
  const record = { ...recordOf(deps, event, { personId, due }), ...weight, deniedAt: clock.now() };
  const outcome = await offboardings.deny(record, event, due);
  if (outcome === 'duplicate') return undefined;
  if (outcome === 'planGone') return { outcome: 'stale' };
  const { offboardingId } = record;
  if (outcome === 'stale') return { outcome, offboardingId };
  audit.personDenied({ actor: actor ?? source, personId, kind: weight.kind, offboardingId });
  return { outcome: weight.kind === 'surge' ? 'held' : 'denied', offboardingId };
}

/** What its source has taken back, or put off, before the portal heard of it: on record, without effect. */
async function recordLate(
  deps: ReceiveEventDeps,
  event: OffboardingEvent,
  { said, personId, due }: Denying,
): Promise<EventResult | undefined> {
  const record = { ...recordOf(deps, event, { personId, due }), kind: said };
  const outcome = await deps.offboardings.recordLate(record, event);
  return outcome === 'stale' ? { outcome, offboardingId: record.offboardingId } : undefined;
}

function recordOf(
  { random }: ReceiveEventDeps,
  { source, eventId, eventTime, receivedAt, actor, comment }: OffboardingEvent,
  { personId, due }: Pick<Denying, 'personId' | 'due'>,
): Omit<OffboardingRecord, 'kind'> {
  return {
    offboardingId: datedIdFrom(receivedAt, random(DATED_ID_RANDOM_OCTETS)),
    personId,
    source,
    eventId,
    eventTime,
    receivedAt,
    cutAt: {},
    terminated: [],
    publishedAt: {},
    ...(actor === undefined ? {} : { actor }),
    ...(comment === undefined ? {} : { comment }),
    ...(due === undefined ? {} : { lastDay: due.lastDay, announcedAt: due.receivedAt }),
  };
}

async function lift(
  { offboardings, clock, audit }: ReceiveEventDeps,
  event: OffboardingEvent,
  personId: PersonId,
): Promise<EventResult | undefined> {
  // An administrator lifts any denial; a source only its own.
  const sources = event.source === ADMINISTRATOR ? 'all' : event.source;
  const lift = await offboardings.lift(personId, sources, { ...event, at: clock.now() });
  switch (lift.outcome) {
    case 'lifted': {
      const actor = event.actor ?? event.source;
      for (const plan of lift.cancelled) audit.planCancelled({ actor, ...plan });
      if (lift.lifted.length === 0) return planCancelled(lift.cancelled);
      audit.personReinstated({ actor, personId, lifted: lift.lifted.length });
      return { outcome: 'reinstated', lifted: lift.lifted.length };
    }
    case 'duplicate':
      return undefined;
    case 'stale':
    case 'nothingToLift':
      return { outcome: lift.outcome };
  }
}

const planCancelled = (plans: readonly CancelledPlan[]): EventResult => ({
  outcome: 'planCancelled',
  planIds: plans.map(({ planId }) => planId),
});

const SAID = { left: 'left', suspended: 'is suspended', returned: 'is back' } as const;

/** The alias is not exactly one person's: whoever comes with it later cannot enrol until somebody decided. */
async function park(
  deps: ReceiveEventDeps,
  event: OffboardingEvent,
  alias: Alias,
): Promise<EventResult | undefined> {
  const { people, offboardings, random, clock, audit } = deps;
  if (event.kind === 'returned') return noteReturn(deps, event, alias);
  const openedAt = clock.now();
  const incidentId = datedIdFrom(openedAt, random(DATED_ID_RANDOM_OCTETS));
  const { source, eventId, kind, eventTime } = event;
  const lookalikeOwner = await findLookalikeOwner(people, alias);
  const looks = lookalikeOwner === undefined ? '' : ` It can be taken for one of person ${lookalikeOwner}'s.`;
  const words = `Source ${source} says that somebody ${SAID[kind]}, and that ${alias.kind} is not exactly one person's here: say who it is, or dismiss it.${looks}`;
  const incident = {
    incidentId,
    kind: 'unknownPerson' as const,
    openedAt,
    source,
    alias,
    ...(lookalikeOwner === undefined ? {} : { personId: lookalikeOwner }),
    event: { eventId, kind, eventTime },
    words,
  };
  const outcome = await offboardings.openIncidentForEvent(incident, event);
  if (outcome !== 'opened') return undefined;
  audit.incidentOpened({ incidentId, kind: 'unknownPerson', words });
  return { outcome: 'unknownPerson', incidentId };
}

/**
 * Somebody unknown who returns has nothing to lift, and must not be kept from enrolling. Where an incident is open about
 * the name, whoever decides it sees the return, and it counts for the person who is meant.
 */
async function noteReturn(
  { offboardings, audit }: ReceiveEventDeps,
  event: OffboardingEvent,
  alias: Alias,
): Promise<EventResult | undefined> {
  const noted = await offboardings.noteReturn(alias, event);
  if (noted.outcome === 'aliasOwned') return undefined;
  for (const plan of noted.cancelled) audit.planCancelled({ actor: event.source, ...plan });
  if (noted.cancelled.length > 0) return planCancelled(noted.cancelled);
  const { heldByIncidentId: incidentId } = noted;
  return incidentId === undefined ? { outcome: 'nothingToLift' } : { outcome: 'unknownPerson', incidentId };
}
