import { ALIAS_KINDS, aliasFrom, parsePersonId, type Alias } from '../shared/domain/identity.ts';
import { personDetailsView } from '../shared/http/api/administration.ts';
import type * as z from 'zod';
import { Failure, usageFailure } from './failure.ts';
import { apiPath, type PortalApi } from './portal/api.ts';

export const WHO_WORDS = 'an e-mail address, login:NAME, employeeNumber:NUMBER or a person id';

/** A person as an administrator names one. */
export type Who =
  | { readonly personId: string }
  /** A bare word is a login, unless it names somebody whom nobody knows: then it may be a slip. */
  | { readonly alias: Alias; readonly isBareWord: boolean };

/** @throws Failure for what names nobody */
export function parseWho(text: string): Who {
  const personId = parsePersonId(text);
  if (personId !== undefined) return { personId };
  for (const kind of ALIAS_KINDS) {
    if (text.startsWith(`${kind}:`)) return named(kind, text.slice(kind.length + 1), false);
  }
  return text.includes('@') ? named('email', text, false) : named('login', text, true);
}

function named(kind: Alias['kind'], text: string, isBareWord: boolean): Who {
  const alias = aliasFrom(kind, text);
  if (alias === undefined) throw usageFailure(`"${text}" is no ${kind}`, `WHO is ${WHO_WORDS}`);
  return { alias, isBareWord };
}

export type PersonDetails = z.infer<typeof personDetailsView>;

/** @throws Failure, personNotFound among its codes */
export const findPerson = (api: PortalApi, who: Who): Promise<PersonDetails> =>
  'personId' in who
    ? api.get(apiPath`/v1/admin/people/${who.personId}`, personDetailsView)
    : api.get('/v1/admin/people', personDetailsView, { [who.alias.kind]: who.alias.value });

/** @returns undefined where nobody is known by that */
export async function findPersonIfKnown(api: PortalApi, who: Who): Promise<PersonDetails | undefined> {
  try {
    return await findPerson(api, who);
  } catch (error) {
    if (error instanceof Failure && error.facts.code === 'personNotFound') return undefined;
    throw error;
  }
}
