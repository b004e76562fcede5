import { datedIdFrom, DATED_ID_RANDOM_OCTETS } from '../domain/dated-id.ts';
import { reviewSourceOf, type PersonId } from '../domain/identity.ts';
import type { Incident } from '../domain/incident.ts';
import { SECONDS_PER_MINUTE } from '../domain/time.ts';
import type { Audit } from '../ports/audit.ts';
import type { Clock } from '../ports/clock.ts';
import type { OffboardingStore } from '../ports/offboarding-store.ts';
import type { PersonStore } from '../ports/person-store.ts';
import type { RandomOctets } from '../ports/random.ts';
import { eachAtOnce } from './each-at-once.ts';

export interface HoldCandidatesDeps {
  readonly offboardings: OffboardingStore;
  readonly people: Pick<PersonStore, 'findAliasOwner' | 'find'>;
  readonly breakGlass: ReadonlySet<PersonId>;
  readonly clock: Clock;
  readonly random: RandomOctets;
  readonly audit: Audit;
}

/** A file of strangers, or a bad scope, opens thousands. */
const INCIDENTS_AT_ONCE = 10;

/** For how long operators may decide before everybody whom an event may mean is held. */
const DECISION_SECONDS = 60 * SECONDS_PER_MINUTE;

/**
 * Holds everybody whom an undecided event may mean, once it has waited for an hour: the owner of its alias, and
 * whoever else claims it. Held is not revoked: the decision lifts it again.
 *
 * @returns how many people were held now
 */
export async function holdCandidates(deps: HoldCandidatesDeps): Promise<number> {
  const open = await deps.offboardings.listOpenIncidents();
  const overdue = deps.clock.now() - DECISION_SECONDS * 1000;
  let held = 0;
  const undecided = open.filter(({ event, openedAt }) => event !== undefined && openedAt <= overdue);
  await eachAtOnce(undecided, INCIDENTS_AT_ONCE, async (incident) => {
    if (await isTakenBack(deps, incident)) return;
    for (const personId of await candidatesOf(deps, incident, open)) {
      if (!deps.breakGlass.has(personId) && (await hold(deps, incident, personId))) held += 1;
    }
  });
  return held;
}

/** Who was held because she might have been meant is held no longer on that account. */
export async function liftReview(
  { offboardings, clock }: Pick<HoldCandidatesDeps, 'offboardings' | 'clock'>,
  incidentId: string,
  personId: PersonId,
): Promise<void> {
  const source = reviewSourceOf(incidentId);
  const at = clock.now();
  await offboardings.lift(personId, source, {
    source,
    eventId: `decided ${personId}`,
    bodySha256Hex: '',
    eventTime: at,
    at,
  });
}

/**
 * Lifts what a decision has left: whoever decided died before it was lifted, or she was a candidate no longer, since the
 * name had become another's. Where an incident is not there, as after a restore, somebody has to look.
 */
export async function endDecidedReviews(
  deps: Pick<HoldCandidatesDeps, 'offboardings' | 'clock'>,
): Promise<void> {
  const holds = await deps.offboardings.listHolds();
  const open = new Set((await deps.offboardings.listOpenIncidents()).map((one) => one.incidentId));
  await eachAtOnce(holds, INCIDENTS_AT_ONCE, async ({ personId, incidentId }) => {
    if (incidentId === undefined || open.has(incidentId)) return;
    const incident = await deps.offboardings.findIncident(incidentId);
    if (incident?.resolution !== undefined) await liftReview(deps, incidentId, personId);
  });
}

/** Whether the source has said since that whoever has the name is back: then nobody is held on that account any more. */
async function isTakenBack(
  { offboardings }: HoldCandidatesDeps,
  { alias, source, event }: Incident,
): Promise<boolean> {
  if (alias === undefined || source === undefined || event === undefined) return false;
  const returnedAt = await offboardings.findNotedReturn(alias, source);
  return returnedAt !== undefined && returnedAt > event.eventTime;
}

/** Everybody who may be meant by an incident's alias. */
export async function candidatesOf(
  { people }: Pick<HoldCandidatesDeps, 'people'>,
  { alias }: Incident,
  open: readonly Incident[],
): Promise<Set<PersonId>> {
  const candidates = new Set<PersonId>();
  if (alias === undefined) return candidates;
  const owner = await people.findAliasOwner(alias);
  if (owner?.personId !== undefined) candidates.add(owner.personId);
  for (const other of open) {
    const isSame = other.alias?.kind === alias.kind && other.alias.value === alias.value;
    if (isSame && other.personId !== undefined) candidates.add(other.personId);
  }
  return candidates;
}

async function hold(
  { offboardings, clock, random, audit, people }: HoldCandidatesDeps,
  incident: Incident,
  personId: PersonId,
): Promise<boolean> {
  const source = reviewSourceOf(incident.incidentId);
  const person = await people.find(personId);
  if (person === undefined || person.denials.some((denial) => denial.source === source)) return false;
  const now = clock.now();
  const record = {
    offboardingId: datedIdFrom(now, random(DATED_ID_RANDOM_OCTETS)),
    personId,
    source,
    kind: 'review' as const,
    eventId: personId,
    eventTime: incident.openedAt,
    receivedAt: now,
    deniedAt: now,
    cutAt: {},
    terminated: [],
    publishedAt: {},
  };
  const outcome = await offboardings.deny(record, { source, eventId: personId, bodySha256Hex: '' });
  if (outcome !== 'denied') return false;
  audit.personDenied({ actor: 'portal', personId, kind: 'review', offboardingId: record.offboardingId });
  return true;
}
