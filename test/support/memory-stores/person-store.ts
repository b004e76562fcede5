import { lookOf } from '../../../shared/domain/confusable.ts';
import type { Alias, PersonId } from '../../../shared/domain/identity.ts';
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
    const { lookalikeOwner } = found;
    if ([found.personId, heldByIncidentId, deniedBy, lookalikeOwner].every((one) => one === undefined))
      return undefined;
    return {
      ...(found.personId === undefined ? {} : { personId: found.personId }),
      ...(heldByIncidentId === undefined ? {} : { heldByIncidentId }),
      ...(deniedBy === undefined ? {} : { deniedBy }),
      ...(lookalikeOwner === undefined ? {} : { lookalikeOwner }),
    };
  };
  const findClaimant = (alias: Alias): AliasOwner | undefined => {
    const look = lookOf(alias);
    const owner = findAliasOwner(alias);
    const other = look.value === alias.value ? undefined : findAliasOwner(look);
    const lookalikeOwner = other?.personId ?? other?.lookalikeOwner ?? owner?.lookalikeOwner;
    return lookalikeOwner === undefined ? owner : { ...owner, lookalikeOwner };
  };
  return {
    find: async (personId) => state.people.get(personId)?.person,
    findMany: async (personIds) =>
      personIds.map((personId) => state.people.get(personId)?.person).filter((one) => one !== undefined),
    findAliasOwner: async (alias) => findAliasOwner(alias),
    register: async ({ personId, issuer, subject, login, email, aliases, at }) => {
      const refused: { alias: Alias; owner: AliasOwner }[] = [];
      const known = state.people.get(personId);
      const owned = new Map((known?.person.aliases ?? []).map((alias) => [aliasText(alias), alias]));
      for (const alias of aliases) {
        const owner = findClaimant(alias);
        const isFree =
          owner === undefined || (Object.keys(owner).length === 1 && owner.lookalikeOwner === personId);
        if (!isFree && (owner.personId !== personId || owner.deniedBy !== undefined)) {
          refused.push({ alias, owner });
          continue;
        }
        if (isFree) {
          const stored = state.aliases.get(aliasText(alias)) ?? { held: new Set<string>() };
          state.aliases.set(aliasText(alias), { ...stored, personId });
          const look = lookOf(alias);
          if (look.value !== alias.value && !aliases.some((one) => aliasText(one) === aliasText(look))) {
            reserveLook(state, look, personId);
          }
        }
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

/** Nobody but her claims the name that hers looks like. */
export function reserveLook(state: MemoryState, look: Alias, lookalikeOwner: PersonId): void {
  const stored = state.aliases.get(aliasText(look)) ?? { held: new Set<string>() };
  state.aliases.set(aliasText(look), { ...stored, lookalikeOwner });
}
