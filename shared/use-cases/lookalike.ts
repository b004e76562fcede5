import { lookOf } from '../domain/confusable.ts';
import type { Alias, PersonId } from '../domain/identity.ts';
import type { PersonStore } from '../ports/person-store.ts';

/** Who owns a name that this one, which is nobody's, can be taken for: somebody may have meant her. */
export async function findLookalikeOwner(
  people: Pick<PersonStore, 'findAliasOwner'>,
  alias: Alias,
): Promise<PersonId | undefined> {
  const reserved = (await people.findAliasOwner(alias))?.lookalikeOwner;
  const look = lookOf(alias);
  if (reserved !== undefined || look.value === alias.value) return reserved;
  const owner = await people.findAliasOwner(look);
  return owner?.personId ?? owner?.lookalikeOwner;
}
