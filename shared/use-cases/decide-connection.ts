import { decideAccess, type Access, type AskedAccess, type JudgedCertificate } from '../domain/access.ts';
import { certificateIdOfCommonName } from '../domain/common-name.ts';
import { ENFORCE, type GatePolicy } from '../domain/gate-policy.ts';
import { secondsFrom } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { GateStore } from '../ports/gate-store.ts';

export interface DecideConnectionDeps {
  readonly gateStore: GateStore;
  readonly clock: Pick<Clock, 'now'>;
}

export interface JudgedConnection {
  readonly access: Access;
  /** What the common name led to, whether or not it may connect. */
  readonly certificate: JudgedCertificate | undefined;
}

/**
 * Whether a certificate may be connected with now: two strongly consistent reads and the one pure rule. The gate
 * asks before the tunnel comes up; the sweep asks of tunnels that are up.
 */
export async function decideConnection(
  { gateStore, clock }: DecideConnectionDeps,
  asked: Omit<AskedAccess, 'at'>,
  policy: GatePolicy = ENFORCE,
): Promise<JudgedConnection> {
  const certificateId = certificateIdOfCommonName(asked.commonName);
  const found = certificateId === undefined ? undefined : await gateStore.findForGate(certificateId);
  const at = secondsFrom(clock.now());
  const access = decideAccess({ ...asked, at }, found?.certificate, found?.person, policy);
  return { access, certificate: found?.certificate };
}
