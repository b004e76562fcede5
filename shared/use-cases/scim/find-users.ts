import { DomainError } from '../../domain/errors.ts';
import { filterMatches, type ScimComparison, type ScimFilter } from '../../domain/scim/filter.ts';
import { MOST_RESULTS, type ScimPage, type ScimPaging } from '../../domain/scim/paging.ts';
import type { ScimUser } from '../../domain/scim/user.ts';
import type { ScimUserStore } from '../../ports/scim-user-store.ts';

export interface ScimReadDeps {
  readonly scimUsers: ScimUserStore;
}

/** A filter by what no user is found by is answered by looking at all, as long as these are not more. */
const MOST_LOOKED_AT = 2_000;

/** @throws DomainError notFound */
export async function getScimUser({ scimUsers }: ScimReadDeps, scimUserId: string): Promise<ScimUser> {
  const user = await scimUsers.find(scimUserId);
  if (user === undefined) throw new DomainError('notFound', 'no such user');
  return user;
}

/** @throws DomainError scimTooMany */
export async function listScimUsers(
  { scimUsers }: ScimReadDeps,
  filter: ScimFilter | undefined,
  { startIndex, count }: ScimPaging,
): Promise<ScimPage> {
  const from = Math.max(1, startIndex) - 1;
  const limit = Math.min(Math.max(0, count), MOST_RESULTS);
  if (filter === undefined) {
    const totalResults = await scimUsers.count();
    const users = limit === 0 || from >= totalResults ? [] : await scimUsers.list(from, limit);
    return { users, totalResults, startIndex: from + 1 };
  }
  const matching = (await candidates(scimUsers, filter)).filter(({ scimUserId, attributes }) =>
    filterMatches(filter, scimUserId, attributes),
  );
  return {
    users: matching.slice(from, from + limit),
    totalResults: matching.length,
    startIndex: from + 1,
  };
}

/** Everybody whom the filter may mean: found by one of its names where it has one. */
async function candidates(scimUsers: ScimUserStore, { all, sameEmail }: ScimFilter): Promise<ScimUser[]> {
  for (const comparison of [...all, ...sameEmail.flat()]) {
    const found = lookUp(scimUsers, comparison);
    if (found !== undefined) return (await found).filter((user) => user !== undefined);
  }
  if ((await scimUsers.count()) > MOST_LOOKED_AT) {
    throw new DomainError(
      'scimTooMany',
      'filter by id, userName, externalId, emails.value or employeeNumber',
    );
  }
  return scimUsers.list(0, MOST_LOOKED_AT);
}

/** @returns undefined for what no user is found by */
function lookUp(
  scimUsers: ScimUserStore,
  { target, value }: ScimComparison,
): Promise<readonly (ScimUser | undefined)[]> | undefined {
  if (typeof value !== 'string') return undefined;
  if (target.kind === 'id') return scimUsers.find(value).then((user) => [user]);
  if (target.kind === 'emails' && (target.part ?? 'value') === 'value')
    return scimUsers.findBy('email', value);
  if (target.kind !== 'text') return undefined;
  switch (target.attribute) {
    case 'userName':
      return scimUsers.findByUserName(value).then((user) => [user]);
    case 'externalId':
    case 'employeeNumber':
      return scimUsers.findBy(target.attribute, value);
    case 'displayName':
      return undefined;
  }
}
