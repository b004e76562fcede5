/**
 * CRLReason, RFC 5280 section 5.3.1: its number, and who may ask for it here. 7 is unassigned. `cACompromise`
 * and `aACompromise` concern authorities, `removeFromCRL` delta lists, `certificateHold` our own suspensions.
 */
export const REVOCATION_REASONS = {
  unspecified: { reasonCode: 0, owner: true, administrator: true },
  keyCompromise: { reasonCode: 1, owner: true, administrator: true },
  cACompromise: { reasonCode: 2, owner: false, administrator: false },
  affiliationChanged: { reasonCode: 3, owner: false, administrator: true },
  superseded: { reasonCode: 4, owner: true, administrator: true },
  cessationOfOperation: { reasonCode: 5, owner: true, administrator: true },
  certificateHold: { reasonCode: 6, owner: false, administrator: false },
  removeFromCRL: { reasonCode: 8, owner: false, administrator: false },
  privilegeWithdrawn: { reasonCode: 9, owner: false, administrator: true },
  aACompromise: { reasonCode: 10, owner: false, administrator: false },
} as const satisfies Record<string, { reasonCode: number; owner: boolean; administrator: boolean }>;

export type RevocationReason = keyof typeof REVOCATION_REASONS;

export const isRevocationReason = (text: string): text is RevocationReason =>
  Object.hasOwn(REVOCATION_REASONS, text);

/** The reasons an owner may give for her own certificate. */
export const OWNER_REASONS = (Object.keys(REVOCATION_REASONS) as RevocationReason[]).filter(
  (reason) => REVOCATION_REASONS[reason].owner,
);
