import { ALIAS_KINDS, parsePersonId, parseSourceId } from '../../domain/identity.ts';
import type { Alias } from '../../domain/identity.ts';
import { DENIAL_KINDS } from '../../domain/person.ts';
import type { Denial, Person } from '../../domain/person.ts';
import type { SourceId } from '../../domain/identity.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import type { AliasOwner, PersonRegistration } from '../../ports/person-store.ts';
import type { AuditHead } from '../../domain/audit-entry.ts';
import { readAuditHead } from './audit-chain.ts';
import { ItemReader } from './item.ts';
import type { Item } from './item.ts';
import { personKey } from './keys.ts';

/** The name of an alias inside the person's map of aliases. */
export const aliasName = (alias: Alias): string => `${alias.kind}#${alias.value}`;

export const aliasEntry = (alias: Alias): Item => ({ kind: alias.kind, value: alias.value });

export const readAlias = (reader: ItemReader): Alias => ({
  kind: reader.oneOf('kind', ALIAS_KINDS),
  value: reader.text('value'),
});

/** A denial inside the person's map of denials, where the id of its record is the name. */
export const denialEntry = (denial: Denial): Item => ({
  source: denial.source,
  kind: denial.kind,
  eventTime: denial.eventTime,
});

const readDenial = ([offboardingId, reader]: [string, ItemReader]): Denial => ({
  source: reader.parsed('source', parseSourceId),
  kind: reader.oneOf('kind', DENIAL_KINDS),
  eventTime: reader.whole('eventTime'),
  offboardingId,
});

/** A new person's item. `takenBack` and `denialChanges` are the store's own: see docs/item-layout.md. */
export const newPersonItem = (registration: PersonRegistration, aliases: readonly Alias[]): Item => ({
  ...personKey(registration.personId),
  ...newPersonEntry(registration, aliases),
});

/** The same without its key. */
export const newPersonEntry = (registration: PersonRegistration, aliases: readonly Alias[]): Item => ({
  personId: registration.personId,
  issuer: registration.issuer,
  subject: registration.subject,
  login: registration.login,
  email: registration.email,
  aliases: Object.fromEntries(aliases.map((alias) => [aliasName(alias), aliasEntry(alias)])),
  denials: {},
  denialChanges: 0,
  takenBack: {},
  enrolments: 0,
  createdAt: registration.at,
});

/** The person, with what only the store looks at. */
export interface StoredPerson {
  readonly person: Person;
  /** Counts every change of the denials and plans: equal means unchanged. */
  readonly denialChanges: number;
  /** Until when each source's words against her are taken back, by itself or by an administrator. */
  readonly takenBack: ReadonlyMap<SourceId, EpochMilliseconds>;
  /** Where her chain of audit entries ends. */
  readonly auditHead: AuditHead;
}

export function readPerson(item: Item): StoredPerson {
  const reader = new ItemReader(item);
  const person: Person = {
    personId: reader.parsed('personId', parsePersonId),
    issuer: reader.text('issuer'),
    subject: reader.text('subject'),
    login: reader.text('login'),
    ...reader.optional('email', (name) => reader.text(name)),
    aliases: reader.entries('aliases').map(([, entry]) => readAlias(entry)),
    denials: reader.entries('denials').map(readDenial),
    enrolments: reader.whole('enrolments'),
    createdAt: reader.whole('createdAt'),
  };
  const takenBack = reader.map('takenBack');
  return {
    person,
    denialChanges: reader.whole('denialChanges'),
    auditHead: readAuditHead(item),
    takenBack: new Map(
      Object.keys(takenBack.item).map((name) => [
        parseSourceId(name) ?? takenBack.broken(name),
        takenBack.whole(name),
      ]),
    ),
  };
}

export function readAliasOwner(item: Item): AliasOwner {
  const reader = new ItemReader(item);
  const [heldByIncidentId] = reader.textSet('heldByIncidentIds');
  const [denier] = reader.textSet('deniedBySources');
  const deniedBy = denier === undefined ? undefined : parseSourceId(denier);
  return {
    ...reader.optional('personId', (name) => reader.parsed(name, parsePersonId)),
    ...(heldByIncidentId === undefined ? {} : { heldByIncidentId }),
    ...(deniedBy === undefined ? {} : { deniedBy }),
    ...reader.optional('lookalikeOwner', (name) => reader.parsed(name, parsePersonId)),
  };
}
