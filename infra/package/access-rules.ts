/** Who may reach a network: everybody, or a group of the directory or SAML provider. */
export interface AccessRule {
  readonly network: string;
  /** As the provider names it: a SID of Active Directory, or whatever a SAML assertion says in memberOf. */
  readonly groupId?: string;
}

/**
 * One rule as a parameter says it: `10.0.0.0/16` for everybody, `10.1.0.0/16=<group>` for a group. In a group's name
 * `%20` stands for a space, and other octets likewise, since rules have spaces between.
 *
 * @throws URIError where a percent sign begins nothing
 */
export function parseAccessRule(word: string): AccessRule {
  const equals = word.indexOf('=');
  if (equals < 0) return { network: word };
  return { network: word.slice(0, equals), groupId: decodeURIComponent(word.slice(equals + 1)) };
}
