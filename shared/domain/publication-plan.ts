import type { QuotaForecast } from './crl-quota.ts';
import type { NextPublication } from './next-publication.ts';
import type { PublicationDecision } from './publication.ts';
import type { EpochSeconds } from './time.ts';

/** What the publisher would do at an endpoint now, and what the next list would be. */
export interface PublicationPlan extends PublicationDecision {
  readonly endpointId: string;
  readonly next?: NextPublication;
  readonly isGateOn: boolean;
  readonly pendingRevocations: number;
  /** The next list, whether or not it is due now. */
  readonly list: {
    readonly crlNumber: number;
    readonly nextUpdate: EpochSeconds;
    readonly entries: number;
    readonly holds: number;
    /** Against what the endpoint holds; everything where that is no list of ours. */
    readonly added: number;
    readonly removed: number;
    /** Revoked, and beyond what the endpoint takes. */
    readonly leftOff: number;
    /** Of the PEM text that EC2 would be sent. */
    readonly sizeOctets: number;
  };
  readonly quota: QuotaForecast;
}
