import { lookOf } from '../../domain/confusable.ts';
import type { Alias, PersonId } from '../../domain/identity.ts';
import type { Person } from '../../domain/person.ts';
import type { AliasOwner, PersonRegistration, PersonStore } from '../../ports/person-store.ts';
import { aliasKey, personKey } from './keys.ts';
import { aliasEntry, aliasName, newPersonItem, readAliasOwner, readPerson } from './person-items.ts';
import type { StoredPerson } from './person-items.ts';
import { backOff, getItem, getItems } from './table.ts';
import type { DynamoTable } from './table.ts';
import { THERE, transact } from './writes.ts';
import type { Action } from './writes.ts';

type Registered = Awaited<ReturnType<PersonStore['register']>>;

/** People and their aliases in DynamoDB. */
export const dynamoPersonStore = (table: DynamoTable): PersonStore => ({
  find: async (personId) => (await findStoredPerson(table, personId))?.person,
  findMany: async (personIds) =>
    (await getItems(table, personIds.map(personKey))).map((item) => readPerson(item).person),
  findAliasOwner: (alias) => findAliasOwner(table, alias),
  register: (registration) => register(table, registration),
});

export async function findStoredPerson(
  table: DynamoTable,
  personId: PersonId,
): Promise<StoredPerson | undefined> {
  const item = await getItem(table, personKey(personId));
  return item === undefined ? undefined : readPerson(item);
}

/** Whose an alias is, and what keeps others from it; undefined while it is free. */
export async function findAliasOwner(table: DynamoTable, alias: Alias): Promise<AliasOwner | undefined> {
  const item = await getItem(table, aliasKey(alias));
  if (item === undefined) return undefined;
  const owner = readAliasOwner(item);
  return Object.keys(owner).length === 0 ? undefined : owner;
}

async function register(table: DynamoTable, registration: PersonRegistration): Promise<Registered> {
  for (let attempt = 1; ; attempt += 1) {
    const registered = await tryRegister(table, registration);
    if (registered !== undefined) return registered;
    // Somebody claimed one of the aliases, or made the person, after we looked: look again.
    if (!(await backOff(table, attempt)))
      throw new Error('a person cannot be registered: others keep changing it');
  }
}

/** @returns undefined when what was read is no longer so */
async function tryRegister(
  table: DynamoTable,
  registration: PersonRegistration,
): Promise<Registered | undefined> {
  const { personId } = registration;
  const aliases = distinct(registration.aliases);
  const [known, ...owners] = await Promise.all([
    findStoredPerson(table, personId),
    ...aliases.map((alias) => findClaimant(table, alias)),
  ]);
  const claimed: Alias[] = [];
  const refused: Registered['refused'][number][] = [];
  for (const [index, alias] of aliases.entries()) {
    const owner = owners[index];
    if (isFree(owner, personId)) claimed.push(alias);
    else if (owner?.personId !== personId || owner.deniedBy !== undefined) {
      refused.push({ alias, owner: owner ?? {} });
    }
  }
  if (known !== undefined && claimed.length === 0 && isUpToDate(known.person, registration)) {
    return { person: known.person, refused };
  }
  const failed = await transact<string>(table, {
    person: known === undefined ? add(registration, claimed) : update(registration, claimed),
    ...Object.fromEntries(claimed.map((alias) => [aliasName(alias), claim(alias, personId)])),
    ...reserveLooks(claimed, personId),
  });
  if (failed !== undefined) return undefined;
  const person = (await findStoredPerson(table, personId))?.person;
  if (person === undefined) throw new Error('a person that was just registered is not there');
  return { person, refused };
}

/** The owner of an alias, or of one that it can be taken for. */
async function findClaimant(table: DynamoTable, alias: Alias): Promise<AliasOwner | undefined> {
  const look = lookOf(alias);
  const [owner, other] = await Promise.all([
    findAliasOwner(table, alias),
    look.value === alias.value ? undefined : findAliasOwner(table, look),
  ]);
  const lookalikeOwner = other?.personId ?? other?.lookalikeOwner ?? owner?.lookalikeOwner;
  return lookalikeOwner === undefined ? owner : { ...owner, lookalikeOwner };
}

const isFree = (owner: AliasOwner | undefined, personId: PersonId): boolean =>
  owner === undefined || (Object.keys(owner).length === 1 && owner.lookalikeOwner === personId);

/** A name that is not plain keeps everybody else from the one that it looks like. */
function reserveLooks(claimed: readonly Alias[], personId: PersonId): Record<string, Action> {
  const names = new Set(claimed.map(aliasName));
  const looks = claimed.map(lookOf).filter((look) => !names.has(aliasName(look)));
  return Object.fromEntries(looks.map((look) => [`look ${aliasName(look)}`, reserveLook(look, personId)]));
}

const reserveLook = (look: Alias, personId: PersonId): Action => ({
  update: aliasKey(look),
  change: {
    set: 'SET #lookalike = :personId',
    if: '(attribute_not_exists(#personId) OR #personId = :personId) AND (attribute_not_exists(#lookalike) OR #lookalike = :personId)',
    names: { personId: 'personId', lookalike: 'lookalikeOwner' },
    values: { personId },
  },
});

const distinct = (aliases: readonly Alias[]): Alias[] => [
  ...new Map(aliases.map((alias) => [aliasName(alias), alias])).values(),
];

const isUpToDate = (person: Person, { login, email }: PersonRegistration): boolean =>
  person.login === login && person.email === email;

const add = (registration: PersonRegistration, claimed: readonly Alias[]): Action => ({
  put: newPersonItem(registration, claimed),
  condition: { if: 'attribute_not_exists(pk)' },
});

function update(registration: PersonRegistration, claimed: readonly Alias[]): Action {
  const { personId, login, email } = registration;
  const sets = ['#login = :login', ...claimed.map((_, index) => `#aliases.#a${index} = :a${index}`)];
  if (email !== undefined) sets.push('#email = :email');
  return {
    update: personKey(personId),
    change: {
      set: `SET ${sets.join(', ')}${email === undefined ? ' REMOVE #email' : ''}`,
      ...THERE,
      names: {
        login: 'login',
        email: 'email',
        ...(claimed.length > 0 ? { aliases: 'aliases' } : {}),
        ...Object.fromEntries(claimed.map((alias, index) => [`a${index}`, aliasName(alias)])),
      },
      values: {
        login,
        ...(email === undefined ? {} : { email }),
        ...Object.fromEntries(claimed.map((alias, index) => [`a${index}`, aliasEntry(alias)])),
      },
    },
  };
}

/**
 * An alias has one owner: whoever comes first, while no incident holds it, no source denies it, and nobody else owns
 * one that looks like it.
 */
const claim = (alias: Alias, personId: PersonId): Action => ({
  update: aliasKey(alias),
  change: {
    set: 'SET #personId = :personId',
    if: '(attribute_not_exists(#personId) OR #personId = :personId) AND attribute_not_exists(#held) AND attribute_not_exists(#denied) AND (attribute_not_exists(#lookalike) OR #lookalike = :personId)',
    names: {
      personId: 'personId',
      held: 'heldByIncidentIds',
      denied: 'deniedBySources',
      lookalike: 'lookalikeOwner',
    },
    values: { personId },
  },
});
