import { aliasFrom, SCIM } from '../../../shared/domain/identity.ts';
import type { ScimUserStore } from '../../../shared/ports/scim-user-store.ts';
import { aliasText, sortedValues, type MemoryState } from './state.ts';

const folded = (text: string): string => aliasFrom('login', text)?.value ?? '';

/** Users that directories provisioned, in memory. */
export function memoryScimUserStore({ scimUsers, aliasUses, aliases }: MemoryState): ScimUserStore {
  const named = (userName: string) =>
    [...scimUsers.values()].find(({ attributes }) => folded(attributes.userName) === folded(userName));
  return {
    find: async (scimUserId) => scimUsers.get(scimUserId),
    findByUserName: async (userName) => named(userName),
    findBy: async (lookup, value) =>
      sortedValues(scimUsers).filter(({ attributes: { externalId, employeeNumber, emails } }) => {
        const has = {
          externalId: [externalId],
          employeeNumber: [employeeNumber],
          email: emails.map((one) => one.value),
        };
        return has[lookup].some((one) => one !== undefined && folded(one) === folded(value));
      }),
    findAliasUse: async (alias) => aliasUses.get(aliasText(alias)),
    list: async (from, limit) => sortedValues(scimUsers).slice(from, from + limit),
    count: async () => scimUsers.size,
    write: async ({ before, after, at }, waits) => {
      const user = after ?? before;
      if (user === undefined) throw new Error('nobody is written');
      const { scimUserId, alias, attributes } = user;
      if (scimUsers.get(scimUserId)?.version !== before?.version) return 'changed';
      const other = named(attributes.userName);
      if (after !== undefined && other !== undefined && other.scimUserId !== scimUserId)
        return 'userNameTaken';
      const use = aliasUses.get(aliasText(alias));
      const isTaken = use !== undefined && use.scimUserId !== scimUserId && use.deletedAt === undefined;
      if (after !== undefined && isTaken) return 'aliasTaken';
      const owned = aliases.get(aliasText(alias)) ?? { held: new Set<string>() };
      if (waits && owned.personId !== undefined) return 'aliasOwned';

      if (before !== undefined && aliasText(before.alias) !== aliasText(alias)) {
        aliasUses.delete(aliasText(before.alias));
        aliases.get(aliasText(before.alias))?.denied?.delete(SCIM);
      }
      if (waits)
        aliases.set(aliasText(alias), { ...owned, denied: new Set([...(owned.denied ?? []), SCIM]) });
      else if (after !== undefined) owned.denied?.delete(SCIM);
      const { externalId } = attributes;
      aliasUses.set(aliasText(alias), {
        scimUserId,
        ...(externalId === undefined ? {} : { externalId }),
        ...(after === undefined ? { deletedAt: at } : {}),
      });
      if (after === undefined) scimUsers.delete(scimUserId);
      else scimUsers.set(scimUserId, after);
      return 'written';
    },
  };
}
