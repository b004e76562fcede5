import type { Alias } from '../domain/identity.ts';
import type { AliasUse, ScimUser } from '../domain/scim/user.ts';
import type { EpochMilliseconds } from '../domain/time.ts';

/** The attributes by which users are found without looking at all of them. */
export const SCIM_LOOKUPS = ['externalId', 'email', 'employeeNumber'] as const;
export type ScimLookup = (typeof SCIM_LOOKUPS)[number];

/** One change of one user. Without `before` she is new, without `after` she goes. */
export interface ScimChange {
  readonly at: EpochMilliseconds;
  readonly before?: ScimUser | undefined;
  readonly after?: ScimUser | undefined;
}

export type ScimWriteOutcome =
  | 'written'
  /** Somebody else wrote her since `before` was read, or she is gone. */
  | 'changed'
  | 'userNameTaken'
  | 'aliasTaken'
  /** Somebody owns the alias that was to be denied: look again whom it means. */
  | 'aliasOwned';

/** Users as directories provisioned them. Every read sees every earlier write. */
export interface ScimUserStore {
  find(scimUserId: string): Promise<ScimUser | undefined>;
  /** Without regard to case. */
  findByUserName(userName: string): Promise<ScimUser | undefined>;
  /** Without regard to case. */
  findBy(lookup: ScimLookup, value: string): Promise<ScimUser[]>;
  /** Who has the alias as the name by which she is known, or had it last. */
  findAliasUse(alias: Alias): Promise<AliasUse | undefined>;
  /** In the order in which they came. @param from the first is 0 */
  list(from: number, limit: number): Promise<ScimUser[]>;
  count(): Promise<number>;

  /**
   * Writes a user with her names, in one transaction, only over the version that was read. A user who is not active and
   * stands for nobody (`waits`) denies her alias, only while nobody owns it: whoever comes with it cannot claim it. Any
   * other write takes that denial back, but not the going of a user whose alias is denied.
   */
  write(change: ScimChange, waits: boolean): Promise<ScimWriteOutcome>;
}
