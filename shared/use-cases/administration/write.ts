import { createHash } from 'node:crypto';
import type { LastDay } from '../../domain/calendar.ts';
import { assertMayWrite, type AccessPolicy, type Caller } from '../../domain/caller.ts';
import type { CertificateRecord } from '../../domain/certificate-record.ts';
import { parseCertificateId } from '../../domain/certificate-id.ts';
import { datedIdFrom, DATED_ID_RANDOM_OCTETS } from '../../domain/dated-id.ts';
import { DomainError } from '../../domain/errors.ts';
import { ADMINISTRATOR, parsePersonId, type Alias, type PersonId } from '../../domain/identity.ts';
import type { Incident } from '../../domain/incident.ts';
import type { OffboardingEvent } from '../../domain/offboarding.ts';
import { secondsFrom, type EpochMilliseconds } from '../../domain/time.ts';
import type { CertificateStore } from '../../ports/certificate-store.ts';
import type { EndpointStore } from '../../ports/endpoint-store.ts';
import { receiveEvent, type EventResult, type ReceiveEventDeps } from '../receive-event.ts';
import { candidatesOf, liftReview } from '../hold-candidates.ts';
import { revokeRecord } from '../revoke-record.ts';
import { assertCallerInGoodStanding } from './standing.ts';

export interface AdministrationWriteDeps extends ReceiveEventDeps {
  readonly certificates: Pick<CertificateStore, 'find' | 'revoke'>;
  readonly endpoints: EndpointStore;
  readonly access: AccessPolicy;
}

export interface PersonOrder {
  readonly caller: Caller;
  readonly whom: { readonly personId: string } | { readonly alias: Alias };
  readonly kind: OffboardingEvent['kind'];
  readonly comment?: string;
  /** With `left`: the day that lies ahead. */
  readonly lastDay?: LastDay;
  /** When it happened; now when absent. */
  readonly eventTime?: EpochMilliseconds;
  /** The same key is the same order. */
  readonly idempotencyKey?: string;
}

/** How far the clock of whoever asks may be ahead of ours. */
const AHEAD_MILLISECONDS = 5 * 60_000;

async function assertWriter(deps: AdministrationWriteDeps, caller: Caller): Promise<void> {
  assertMayWrite(caller, deps.access, secondsFrom(deps.clock.now()));
  await assertCallerInGoodStanding(deps.people, caller);
}

/**
 * Offboards, holds or reinstates a person by hand: the same path as any event, with the administrator as source.
 *
 * @throws DomainError notAllowed, signInTooOld, personNotFound, malformedRequest, webhookIdReused, tryAgain
 */
export async function orderForPerson(
  deps: AdministrationWriteDeps,
  order: PersonOrder,
): Promise<EventResult> {
  await assertWriter(deps, order.caller);
  const whom = 'alias' in order.whom ? order.whom : { personId: personIdOf(order.whom.personId) };
  if (order.kind === 'returned') await assertNotSelf(deps, order.caller, whom);
  const receivedAt = deps.clock.now();
  const { caller, kind, comment, idempotencyKey, lastDay, eventTime = receivedAt } = order;
  if (eventTime > receivedAt + AHEAD_MILLISECONDS) {
    throw new DomainError('malformedRequest', 'the event lies ahead; a day that does is a lastDay');
  }
  return receiveEvent(deps, {
    source: ADMINISTRATOR,
    eventId: `${caller.personId}/${idempotencyKey ?? datedIdFrom(receivedAt, deps.random(DATED_ID_RANDOM_OCTETS))}`,
    kind,
    eventTime,
    whom,
    bodySha256Hex: createHash('sha256')
      .update(JSON.stringify([whom, kind, comment ?? null, ...(lastDay ? [lastDay] : [])]))
      .digest('hex'),
    receivedAt,
    actor: caller.personId,
    ...lastDay,
    ...(comment === undefined ? {} : { comment }),
  });
}

function personIdOf(text: string): PersonId {
  const personId = parsePersonId(text);
  if (personId === undefined) throw new DomainError('personNotFound', 'no person has this id');
  return personId;
}

/** Nobody reinstates themselves, by id or by a name of theirs. */
async function assertNotSelf(
  { people }: AdministrationWriteDeps,
  caller: Caller,
  whom: OffboardingEvent['whom'],
): Promise<void> {
  const personId = 'alias' in whom ? (await people.findAliasOwner(whom.alias))?.personId : whom.personId;
  if (personId === caller.personId) {
    throw new DomainError('notAllowed', 'nobody reinstates themselves; ask another administrator');
  }
}

/**
 * Revokes one certificate of anybody, for good.
 *
 * @throws DomainError notAllowed, signInTooOld, certificateNotFound, badRevocationReason, alreadyRevoked,
 *   certificateNotActive
 */
export async function revokeAnyCertificate(
  deps: AdministrationWriteDeps,
  request: { readonly caller: Caller; readonly certificateId: string; readonly reason: string },
): Promise<CertificateRecord> {
  await assertWriter(deps, request.caller);
  const id = parseCertificateId(request.certificateId);
  const record = id === undefined ? undefined : await deps.certificates.find(id);
  if (record === undefined) throw new DomainError('certificateNotFound', 'no certificate has this id');
  const { reason, caller } = request;
  return revokeRecord(deps, record, { reason, by: 'administrator', actor: caller.personId });
}

/**
 * Asks for a list at every endpoint (or one) now. The publisher answers; it imports nothing where nothing changed.
 *
 * @returns the endpoints that were asked for
 * @throws DomainError notAllowed, signInTooOld, endpointNotFound
 */
export async function requestPublication(
  deps: AdministrationWriteDeps,
  request: { readonly caller: Caller; readonly endpointId?: string },
): Promise<string[]> {
  await assertWriter(deps, request.caller);
  const all = (await deps.endpoints.list()).map(({ endpointId }) => endpointId);
  const asked = request.endpointId === undefined ? all : all.filter((id) => id === request.endpointId);
  if (asked.length === 0) throw new DomainError('endpointNotFound', 'no such endpoint is set up');
  for (const endpointId of asked) {
    const by = request.caller.personId;
    await deps.endpoints.requestPublication(endpointId, { requestedAt: deps.clock.now(), by });
    deps.audit.publicationRequested({ actor: by, endpointId });
    await deps.wake.publication(endpointId);
  }
  return asked;
}

export interface IncidentDecision {
  readonly caller: Caller;
  readonly incidentId: string;
  readonly decision: { readonly kind: 'bind'; readonly personId: string } | { readonly kind: 'dismiss' };
  readonly comment?: string;
}

/**
 * Ends an incident: by saying whom it means, which makes the alias that person's and applies the event to her, or
 * by dismissing it. The event is applied first: dying in between leaves the incident open, and the event, which is
 * the same event the second time, does nothing twice.
 *
 * @returns what became of the event, where there was one
 * @throws DomainError notAllowed, signInTooOld, personDenied, incidentNotFound, incidentAlreadyResolved,
 *   personNotFound, malformedRequest
 */
export async function resolveIncident(
  deps: AdministrationWriteDeps,
  { caller, incidentId, decision, comment }: IncidentDecision,
): Promise<EventResult | undefined> {
  await assertWriter(deps, caller);
  const incident = await deps.offboardings.findIncident(incidentId);
  if (incident === undefined) throw new DomainError('incidentNotFound', 'no incident has this id');
  if (incident.resolution !== undefined) throw alreadyResolved();
  if (incident.kind === 'surge') {
    throw new DomainError(
      'malformedRequest',
      'people are held by it: confirm or release what its source said',
    );
  }
  const bindTo = decision.kind === 'bind' ? personIdOf(decision.personId) : undefined;
  await assertNotAboutSelf(deps, caller, incident, bindTo);
  const result = bindTo === undefined ? undefined : await bind(deps, caller, incident, bindTo);
  const candidates = await candidatesOf(deps, incident, await deps.offboardings.listOpenIncidents());
  const resolution = {
    at: deps.clock.now(),
    actor: caller.personId,
    decision: decision.kind,
    ...(comment === undefined ? {} : { comment }),
  };
  const outcome = await deps.offboardings.resolveIncident(incidentId, resolution, bindTo);
  if (outcome !== 'resolved') throw alreadyResolved();
  deps.audit.incidentResolved({ actor: caller.personId, incidentId, decision: decision.kind });
  for (const personId of candidates) await liftReview(deps, incidentId, personId);
  // Her return may have come while the event was applied.
  return (bindTo && (await applyReturn(deps, caller, incident, bindTo))) ?? result;
}

/** Nobody decides about themselves, neither as the one who is meant nor as one who might be. */
async function assertNotAboutSelf(
  { people }: AdministrationWriteDeps,
  caller: Caller,
  incident: Incident,
  bindTo: PersonId | undefined,
): Promise<void> {
  const owner = incident.alias && (await people.findAliasOwner(incident.alias));
  const isOwnAlias = caller.aliases.some(
    ({ kind, value }) => kind === incident.alias?.kind && value === incident.alias.value,
  );
  if (isOwnAlias || [bindTo, incident.personId, owner?.personId].includes(caller.personId)) {
    throw new DomainError('notAllowed', 'nobody decides about themselves; ask another administrator');
  }
}

const alreadyResolved = (): DomainError =>
  new DomainError('incidentAlreadyResolved', 'somebody has decided this incident already');

async function bind(
  deps: AdministrationWriteDeps,
  caller: Caller,
  incident: Incident,
  personId: PersonId,
): Promise<EventResult | undefined> {
  const { incidentId, alias, event, source } = incident;
  if (alias === undefined) {
    throw new DomainError(
      'malformedRequest',
      'this incident concerns no name that could be bound to a person',
    );
  }
  if ((await deps.people.find(personId)) === undefined) {
    throw new DomainError('personNotFound', 'no person has this id');
  }
  if (event === undefined || source === undefined) return undefined;
  const returned = await applyReturn(deps, caller, incident, personId);
  if (returned !== undefined) return returned;
  // The same for each try to bind it to her. A source's own ids have no spaces, so none can take it.
  const eventId = `${incidentId} bound to ${personId}`;
  return receiveEvent(deps, boundEvent(deps, caller, { source, ...event, eventId }, personId));
}

/**
 * Applies in the event's place what its source has said of the name since: that she is back.
 *
 * @returns undefined where it said no such thing, or has been applied already
 */
async function applyReturn(
  deps: AdministrationWriteDeps,
  caller: Caller,
  { incidentId, alias, event, source }: Incident,
  personId: PersonId,
): Promise<EventResult | undefined> {
  if (alias === undefined || event === undefined || source === undefined) return undefined;
  const eventTime = await deps.offboardings.findNotedReturn(alias, source);
  if (eventTime === undefined || eventTime <= event.eventTime) return undefined;
  const returned = {
    source,
    kind: 'returned' as const,
    eventTime,
    eventId: `${incidentId} back as ${personId}`,
  };
  const result = await receiveEvent(deps, boundEvent(deps, caller, returned, personId));
  return result.outcome === 'duplicate' ? undefined : result;
}

const boundEvent = (
  { clock }: AdministrationWriteDeps,
  caller: Caller,
  said: Pick<OffboardingEvent, 'source' | 'eventId' | 'kind' | 'eventTime'>,
  personId: PersonId,
): OffboardingEvent => ({
  ...said,
  whom: { personId },
  bodySha256Hex: createHash('sha256').update(personId).digest('hex'),
  receivedAt: clock.now(),
  actor: caller.personId,
});
