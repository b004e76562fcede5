import { datedIdFrom, DATED_ID_RANDOM_OCTETS } from '../domain/dated-id.ts';
import { isOwnSource, type PersonId, type SourceId } from '../domain/identity.ts';
import type { OffboardingEvent } from '../domain/offboarding.ts';
import type { DenialKind } from '../domain/person.ts';
import { surgeLimit, surgeWords, type SurgePolicy } from '../domain/surge.ts';
import type { Audit } from '../ports/audit.ts';
import type { Clock } from '../ports/clock.ts';
import type { OffboardingStore } from '../ports/offboarding-store.ts';
import type { PersonStore } from '../ports/person-store.ts';
import type { RandomOctets } from '../ports/random.ts';
import type { SurgeStore } from '../ports/surge-store.ts';

export interface WeighDenialDeps {
  readonly people: Pick<PersonStore, 'find'>;
  readonly offboardings: Pick<OffboardingStore, 'openIncident'>;
  readonly surges: Pick<SurgeStore, 'count' | 'context'>;
  readonly surgePolicy: SurgePolicy;
  /** People whom only an administrator may deny: whoever has to mend things must be able to get in. */
  readonly breakGlass: ReadonlySet<PersonId>;
  readonly clock: Clock;
  readonly random: RandomOctets;
  readonly audit: Audit;
}

/** How a source's word against a person counts. */
export type Weight =
  | { readonly kind: DenialKind; readonly meant?: 'left' | 'suspended' }
  /** Not at all: the person is on the break-glass list, and an incident is open. */
  | { readonly kind: 'none'; readonly incidentId: string };

/**
 * Weighs what a source says against a person before it is written. Administrators' words always count in full; a
 * source's do while it denies no more people in an hour than it may, and then only hold. Whom it denies already is
 * not counted: sources repeat themselves.
 */
export async function weighDenial(
  deps: WeighDenialDeps,
  { source, actor }: Pick<OffboardingEvent, 'source' | 'actor'>,
  kind: 'left' | 'suspended',
  personId: PersonId,
): Promise<Weight> {
  if (isOwnSource(source) || actor !== undefined) return { kind };
  if (deps.breakGlass.has(personId)) {
    const words = `Source ${source} says that ${personId} ${kind === 'left' ? 'left' : 'is suspended'}, who is on the break-glass list: nothing was done. Offboard by hand if it is true.`;
    return { kind: 'none', incidentId: await open(deps, 'breakGlass', words, { source, personId }) };
  }
  const person = await deps.people.find(personId);
  const standing = person?.denials.find((denial) => denial.source === source);
  if (standing !== undefined) {
    // A surge that nobody has decided yet stays one, whatever the source repeats.
    return standing.kind === 'surge' ? { kind: 'surge', meant: kind } : { kind };
  }
  const now = deps.clock.now();
  const people = await deps.surges.count(source, now);
  if (people <= deps.surgePolicy.leastPeople) return { kind };
  const limit = surgeLimit(deps.surgePolicy, await deps.surges.context(source), now);
  if (people <= limit) return { kind };
  await openSurge(deps, source);
  return { kind: 'surge', meant: kind };
}

type OpenDeps = Pick<WeighDenialDeps, 'offboardings' | 'clock' | 'random' | 'audit'>;

/** Opens the one incident of a source's surge, where none is open. */
export const openSurge = (deps: OpenDeps, source: SourceId): Promise<string> =>
  open(deps, 'surge', surgeWords(source), { source });

async function open(
  { offboardings, clock, random, audit }: OpenDeps,
  kind: 'surge' | 'breakGlass',
  words: string,
  about: Pick<OffboardingEvent, 'source'> & { readonly personId?: PersonId },
): Promise<string> {
  const openedAt = clock.now();
  const wanted = {
    incidentId: datedIdFrom(openedAt, random(DATED_ID_RANDOM_OCTETS)),
    kind,
    openedAt,
    words,
    ...about,
  };
  const dedupeKey = [kind, about.source, about.personId ?? ''].join('#');
  const { incidentId, opened } = await offboardings.openIncident(wanted, dedupeKey);
  if (opened) audit.incidentOpened({ incidentId, kind, words });
  return incidentId;
}
