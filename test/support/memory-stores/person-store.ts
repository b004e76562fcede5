import type { Alias } from '../../../shared/domain/identity.ts';
import type { Person } from '../../../shared/domain/person.ts';
import type { AliasOwner, PersonStore } from '../../../shared/ports/person-store.ts';
import { aliasText, type MemoryState } from './state.ts';

/** People and their aliases in memory. */
export function memoryPersonStore(state: MemoryState): PersonStore {
  const findAliasOwner = (alias: Alias): AliasOwner | undefined => {
    const found = state.aliases.get(aliasText(alias));
    if (found === undefined) return undefined;
    const heldByIncidentId = [...found.held].sort()[0];
    const deniedBy = [...(found.denied ?? [])].sort()[0];
    if ([found.personId, heldByIncidentId, deniedBy].every((one) => one === undefined)) return undefined;
    return {
      ...(found.personId === undefined ? {} : { personId: found.personId }),
      ...(heldByIncidentId === undefined ? {} : { heldByIncidentId }),
      ...(deniedBy === undefined ? {} : { deniedBy }),
    };
  };
  return {
    find: async (personId) => state.people.get(personId)?.person,
    findAliasOwner: async (alias) => findAliasOwner(alias),
    register: async ({ personId, issuer, subject, login, email, aliases, at }) => {
      const refused: { alias: Alias; owner: AliasOwner }[] = [];
      const known = state.people.get(personId);
      const owned = new Map((known?.person.aliases ?? []).map((alias) => [aliasText(alias), alias]));
      for (const alias of aliases) {
        const owner = findAliasOwner(alias);
        if (owner !== undefined && (owner.personId !== personId || owner.deniedBy !== undefined)) {
          refused.push({ alias, owner });
          continue;
        }
        if (owner === undefined) state.aliases.set(aliasText(alias), { personId, held: new Set() });
        owned.set(aliasText(alias), alias);
      }
      const person: Person = {
        personId,
        issuer: known?.person.issuer ?? issuer,
        subject: known?.person.subject ?? subject,
        login,
        ...(email === undefined ? {} : { email }),
        aliases: sortedAliases(owned),
        denials: known?.person.denials ?? [],
        enrolments: known?.person.enrolments ?? 0,
        createdAt: known?.person.createdAt ?? at,
      };
      state.people.set(personId, { person, takenBack: known?.takenBack ?? new Map<string, number>() });
      return { person, refused };
    },
  };
}

export const sortedAliases = (aliases: ReadonlyMap<string, Alias>): Alias[] =>
  [...aliases.keys()].sort().flatMap((name) => aliases.get(name) ?? []);
