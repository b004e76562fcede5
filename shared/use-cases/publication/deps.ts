import type { PublicationPolicy } from '../../domain/publication.ts';
import type { Audit } from '../../ports/audit.ts';
import type { CertificateStore } from '../../ports/certificate-store.ts';
import type { VpnCrl, VpnEndpoints } from '../../ports/client-vpn.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CrlStore } from '../../ports/crl-store.ts';
import type { EndpointStore } from '../../ports/endpoint-store.ts';
import type { OffboardingStore } from '../../ports/offboarding-store.ts';
import type { RandomOctets } from '../../ports/random.ts';
import type { RevocationStore } from '../../ports/revocation-store.ts';
import type { Signer } from '../../ports/signer.ts';

export interface PublishDeps {
  readonly endpoints: EndpointStore;
  readonly crls: CrlStore;
  readonly revocations: RevocationStore;
  readonly certificates: Pick<CertificateStore, 'countByEnd' | 'find' | 'listByPerson' | 'revoke'>;
  readonly offboardings: Pick<OffboardingStore, 'listHolds'>;
  readonly incidents: Pick<OffboardingStore, 'openIncident' | 'listOpenIncidents' | 'resolveIncident'>;
  readonly vpnCrl: VpnCrl;
  readonly vpnEndpoints: Pick<VpnEndpoints, 'describe'>;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly random: RandomOctets;
  readonly audit: Audit;
  readonly policy: PublicationPolicy;
}

/** What a look at an endpoint needs; nothing is written with it. */
export interface ReadingDeps {
  readonly endpoints: Pick<EndpointStore, 'find' | 'findAuthority' | 'list'>;
  readonly revocations: Pick<RevocationStore, 'list' | 'listPending'>;
  readonly certificates: Pick<CertificateStore, 'listByPerson'>;
  readonly offboardings: Pick<OffboardingStore, 'listHolds'>;
  readonly vpnCrl: Pick<VpnCrl, 'export'>;
  readonly vpnEndpoints: Pick<VpnEndpoints, 'describe'>;
  readonly clock: Clock;
  readonly policy: PublicationPolicy;
}

/** How a publication differs from those that the schedule makes. */
export interface PublicationOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Somebody is about to switch the gate off: everybody who is revoked or held goes on the list at once, and the list
   * lives for this long, since nobody may be there to sign the next.
   */
  readonly gateGoesOff?: { readonly crlLifeSeconds: number };
}
