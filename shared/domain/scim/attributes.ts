/** One address of a user (RFC 7643 section 4.1.2). */
export interface ScimEmail {
  readonly value: string;
  readonly type?: string;
  readonly primary?: boolean;
}

export interface ScimName {
  readonly formatted?: string;
  readonly familyName?: string;
  readonly givenName?: string;
  readonly middleName?: string;
}
export const NAME_PARTS = ['formatted', 'familyName', 'givenName', 'middleName'] as const;

/**
 * What the portal keeps of a SCIM user (RFC 7643 sections 4.1 and 4.3). A closed list: whatever else a directory sends,
 * addresses and passwords among it, is heard, answered with success, and not kept.
 */
export interface ScimAttributes {
  readonly userName: string;
  readonly externalId?: string;
  readonly displayName?: string;
  readonly name: ScimName;
  readonly emails: readonly ScimEmail[];
  /** Of the enterprise extension. */
  readonly employeeNumber?: string;
  readonly active: boolean;
}

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ENTERPRISE_SCHEMA = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** The attributes that hold one text. */
export const TEXT_ATTRIBUTES = ['userName', 'externalId', 'displayName', 'employeeNumber'] as const;
export type TextAttribute = (typeof TEXT_ATTRIBUTES)[number];

/** Entra sends "False" where it means false. @returns undefined for what says neither */
export function flagFrom(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  const lower = value.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}
