import type { Alias, PersonId, SourceId } from '../domain/identity.ts';
import type { Person } from '../domain/person.ts';
import type { EpochMilliseconds } from '../domain/time.ts';

export interface PersonRegistration {
  readonly personId: PersonId;
  readonly issuer: string;
  readonly subject: string;
  readonly login: string;
  readonly email?: string;
  /** The names this person's sources may use. */
  readonly aliases: readonly Alias[];
  readonly at: EpochMilliseconds;
}

/** Who owns an alias; one owner at a time. */
export interface AliasOwner {
  readonly personId?: PersonId;
  /** The open incident that keeps anybody from claiming it. */
  readonly heldByIncidentId?: string;
  /** The source that denies whoever may come with it: nobody owned it when the source said so. */
  readonly deniedBy?: SourceId;
  /** Who owns a name that this one can be taken for (`lookOf`): nobody else claims it before somebody decided. */
  readonly lookalikeOwner?: PersonId;
}

/** People and their aliases. Every read sees every earlier write. */
export interface PersonStore {
  find(personId: PersonId): Promise<Person | undefined>;
  /** Those of them that there are, in any order; a hundred to a request. */
  findMany(personIds: readonly PersonId[]): Promise<Person[]>;
  findAliasOwner(alias: Alias): Promise<AliasOwner | undefined>;
  /**
   * Adds a person or brings login, e-mail and aliases up to date; denials and counts stay as they are. Each
   * alias is claimed only while nobody else owns it or one that looks like it, no incident holds it and no source denies
   * it; one that she owns already stays hers, held or not. Changes nothing when nothing changed.
   *
   * @returns the person with the aliases she owns now, and those she could not have or has under a source's denial
   */
  register(registration: PersonRegistration): Promise<{
    person: Person;
    refused: readonly { readonly alias: Alias; readonly owner: AliasOwner }[];
  }>;
}
