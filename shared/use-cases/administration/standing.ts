import type { Caller } from '../../domain/caller.ts';
import { DomainError } from '../../domain/errors.ts';
import { isDenied } from '../../domain/person.ts';
import type { PersonStore } from '../../ports/person-store.ts';

/**
 * An administrator who left is no administrator, however long her token lives: neither while she is denied, nor while
 * an event for a name of hers waits for somebody to say whom it means.
 *
 * @throws DomainError personDenied, aliasUnderReview
 */
export async function assertCallerInGoodStanding(
  people: Pick<PersonStore, 'find' | 'findAliasOwner'>,
  caller: Caller,
): Promise<void> {
  const person = await people.find(caller.personId);
  if (person !== undefined && isDenied(person)) {
    throw new DomainError('personDenied', 'your access has ended or is held');
  }
  for (const alias of caller.aliases) {
    const owner = await people.findAliasOwner(alias);
    if (owner?.heldByIncidentId !== undefined && owner.personId !== caller.personId) {
      throw new DomainError('aliasUnderReview', 'one of your names is under review by another administrator');
    }
  }
}
