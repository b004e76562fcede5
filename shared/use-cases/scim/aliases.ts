import { datedIdFrom, DATED_ID_RANDOM_OCTETS } from '../../domain/dated-id.ts';
import { SCIM, type Alias, type PersonId } from '../../domain/identity.ts';
import { isSameAlias } from '../../domain/scim/user.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OffboardingStore } from '../../ports/offboarding-store.ts';
import type { PersonStore } from '../../ports/person-store.ts';
import type { RandomOctets } from '../../ports/random.ts';

export interface ReviewDeps {
  readonly offboardings: Pick<OffboardingStore, 'openIncident'>;
  readonly clock: Clock;
  readonly random: RandomOctets;
  readonly audit: Audit;
}

/** Gives a person the names that the directory has for her; never one that is another's. */
export async function addAliases(
  deps: ReviewDeps & { readonly people: PersonStore },
  personId: PersonId,
  names: readonly Alias[],
): Promise<void> {
  const person = await deps.people.find(personId);
  if (person === undefined) throw new Error('the person of a SCIM user is gone');
  const missing = names.filter((name) => !person.aliases.some((one) => isSameAlias(one, name)));
  if (missing.length === 0) return;
  const { issuer, subject, login, email } = person;
  const { refused } = await deps.people.register({
    personId,
    issuer,
    subject,
    login,
    ...(email === undefined ? {} : { email }),
    aliases: missing,
    at: deps.clock.now(),
  });
  for (const { alias, owner } of refused) {
    if ((owner.personId ?? owner.lookalikeOwner) !== undefined) await reviewAlias(deps, alias, [personId]);
  }
}

/** Somebody has to say whose a name is; until then nobody can claim it, and no event that names it denies anybody. */
export async function reviewAlias(
  { offboardings, clock, random, audit }: ReviewDeps,
  alias: Alias,
  personIds: readonly PersonId[],
): Promise<void> {
  const openedAt = clock.now();
  for (const personId of personIds) {
    const words = `Source ${SCIM} has a user whose ${alias.kind} is not surely person ${personId}'s: decide whose it is, and reinstate her if she is back.`;
    const incident = {
      incidentId: datedIdFrom(openedAt, random(DATED_ID_RANDOM_OCTETS)),
      kind: 'aliasContested' as const,
      openedAt,
      source: SCIM,
      alias,
      personId,
      words,
    };
    const key = `aliasContested#${alias.kind}#${alias.value}#${personId}`;
    const { incidentId, opened } = await offboardings.openIncident(incident, key);
    if (opened) audit.incidentOpened({ incidentId, kind: 'aliasContested', words });
  }
}
