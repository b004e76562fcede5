import type { Caller } from '../domain/caller.ts';
import { datedIdFrom, DATED_ID_RANDOM_OCTETS } from '../domain/dated-id.ts';
import { DomainError } from '../domain/errors.ts';
import type { AliasKind, PersonId, SourceId } from '../domain/identity.ts';
import type { Incident } from '../domain/incident.ts';
import type { Person } from '../domain/person.ts';
import type { Audit } from '../ports/audit.ts';
import type { Clock } from '../ports/clock.ts';
import type { OffboardingStore } from '../ports/offboarding-store.ts';
import type { PersonStore } from '../ports/person-store.ts';
import type { RandomOctets } from '../ports/random.ts';

export interface RegisterPersonDeps {
  readonly people: PersonStore;
  readonly incidents: Pick<OffboardingStore, 'openIncident'>;
  readonly clock: Clock;
  readonly random: RandomOctets;
  readonly audit: Audit;
  /** The kinds of alias that the enabled sources use: who has none of a kind could not be offboarded by it. */
  readonly requiredAliasKinds: readonly AliasKind[];
}

/**
 * Makes the caller known with the aliases that her token proves, so that every source can name her.
 *
 * @returns the person, and why she may not enrol if her aliases forbid it
 */
export async function registerPerson(
  deps: RegisterPersonDeps,
  caller: Caller,
): Promise<{ person: Person; refusal: DomainError | undefined }> {
  const { personId, issuer, subject, login, email, aliases } = caller;
  const { person, refused } = await deps.people.register({
    personId,
    issuer,
    subject,
    login,
    ...(email === undefined ? {} : { email }),
    // Only what a source needs: a name that people can choose themselves must not be taken from a colleague.
    aliases: aliases.filter(({ kind }) => deps.requiredAliasKinds.includes(kind)),
    at: deps.clock.now(),
  });
  for (const { alias, owner } of refused) {
    const other = owner.personId ?? owner.lookalikeOwner;
    if (other !== undefined && other !== personId) {
      await openContest(deps, person, alias, { ownerId: other, isSame: owner.personId !== undefined });
    }
    if (owner.deniedBy !== undefined) await openDenied(deps, person, alias, owner.deniedBy);
  }
  if (refused.length > 0) {
    const refusal = new DomainError(
      'aliasUnderReview',
      'one of your names is under review by an administrator; you can enrol when that is settled',
    );
    return { person, refusal };
  }
  const missing = deps.requiredAliasKinds.filter(
    (kind) => !person.aliases.some((alias) => alias.kind === kind),
  );
  if (missing.length > 0) {
    const refusal = new DomainError(
      'aliasMissing',
      `your account has no verified ${missing.join(', ')}; ask your administrator to add it and sign in again`,
    );
    return { person, refusal };
  }
  return { person, refusal: undefined };
}

/** Two people with one name, or with two that look alike: an event may mean the other, so somebody has to decide. */
async function openContest(
  { incidents, clock, random, audit }: RegisterPersonDeps,
  person: Person,
  alias: Person['aliases'][number],
  { ownerId, isSame }: { readonly ownerId: PersonId; readonly isSame: boolean },
): Promise<void> {
  const openedAt = clock.now();
  const how = isSame ? `belongs to ${ownerId}` : `can be taken for one of ${ownerId}'s`;
  const words = `Person ${person.personId} signs in with a ${alias.kind} that ${how}: decide whose it is.`;
  const incident = {
    incidentId: datedIdFrom(openedAt, random(DATED_ID_RANDOM_OCTETS)),
    kind: 'aliasContested' as const,
    openedAt,
    alias,
    personId: person.personId,
    words,
  };
  const { incidentId, opened } = await incidents.openIncident(
    incident,
    `aliasContested#${alias.kind}#${alias.value}#${person.personId}`,
  );
  if (opened) audit.incidentOpened({ incidentId, kind: 'aliasContested', words });
}

const WAITING = 'waiting for ';

/** Whether an incident asks about a denial that a source had said long before, of a name that was nobody's then. */
export const isOfWaitingDenial = ({ event }: Incident): boolean =>
  event?.eventId.startsWith(WAITING) ?? false;

/** Somebody comes with a name that a source denied while nobody had it: it is hers only if somebody says so. */
async function openDenied(
  { incidents, clock, random, audit }: RegisterPersonDeps,
  { personId }: Person,
  alias: Person['aliases'][number],
  source: SourceId,
): Promise<void> {
  const openedAt = clock.now();
  const incidentId = datedIdFrom(openedAt, random(DATED_ID_RANDOM_OCTETS));
  const words = `Person ${personId} signs in with a ${alias.kind} that source ${source} says is no longer active: bind it to offboard her, or dismiss it if she is somebody else.`;
  const incident = {
    incidentId,
    kind: 'unknownPerson' as const,
    openedAt,
    source,
    alias,
    personId,
    event: { eventId: `${WAITING}${personId}`, kind: 'left' as const, eventTime: openedAt },
    words,
  };
  const opening = await incidents.openIncident(
    incident,
    `deniedAlias#${alias.kind}#${alias.value}#${personId}`,
  );
  if (opening.opened) audit.incidentOpened({ incidentId, kind: 'unknownPerson', words });
}
