import { decideAccess, type Access, type JudgedCertificate } from '../domain/access.ts';
import { certificateIdOfCommonName } from '../domain/common-name.ts';
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
  asked: { readonly commonName: string; readonly endpointId: string },
): Promise<JudgedConnection> {
  const certificateId = certificateIdOfCommonName(asked.commonName);
  const found = certificateId === undefined ? undefined : await gateStore.findForGate(certificateId);
  const access = decideAccess({ ...asked, at: secondsFrom(clock.now()) }, found?.certificate, found?.person);
  return { access, certificate: found?.certificate };
}
