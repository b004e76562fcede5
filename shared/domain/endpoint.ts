import type { GatePolicy, Observation } from './gate-policy.ts';
import type { EpochMilliseconds, EpochSeconds } from './time.ts';

/** A certification authority: one self-signed certificate and the key that signs leaves and lists. */
export interface CertificationAuthority {
  readonly caId: string;
  readonly certificateDer: Uint8Array;
  /** Subject key identifier, hex: what the AKI of everything it signs must say. */
  readonly subjectKeyIdentifierHex: string;
  readonly keyId: string;
  readonly notAfter: EpochSeconds;
}

/** What an endpoint holds, as far as we confirmed it by reading it back. */
export interface ConfirmedCrl {
  readonly crlNumber: number;
  readonly thisUpdate: EpochSeconds;
  readonly nextUpdate: EpochSeconds;
  /** SHA-256 of the DER, hex. */
  readonly sha256Hex: string;
  readonly entries: number;
  readonly importedAt: EpochMilliseconds;
  readonly confirmedAt: EpochMilliseconds;
}

export interface PublicationRequest {
  readonly requestedAt: EpochMilliseconds;
  readonly by: string;
}

/** Who switched the gate last, and to what: written down before it is done. */
export interface GateOrder {
  readonly isOn: boolean;
  /** Whose credentials it was: an ARN. */
  readonly by: string;
  readonly at: EpochMilliseconds;
  /** While the gate is off every list lives for this long, since nobody may be there to sign the next. */
  readonly crlLifeSeconds?: number;
}

/** The name of a CA in the configuration and in URLs. */
export const isCaId = (text: string): boolean => /^[a-z][a-z0-9-]{0,14}$/.test(text);

/** A list that was sent to an endpoint, written down before it was: EC2 may take hours until it shows it. */
export interface ImportAttempt {
  readonly crlNumber: number;
  /** SHA-256 of the DER, hex. */
  readonly sha256Hex: string;
  readonly at: EpochMilliseconds;
}

/** Where an endpoint is, as far as that is not where the portal is. It never moves. */
export interface EndpointPlace {
  readonly region?: string;
  /** The role in the endpoint's account through which the portal reaches it. */
  readonly accessRoleArn?: string;
}

/** One AWS Client VPN endpoint that trusts one of our CAs. */
export interface Endpoint extends EndpointPlace {
  readonly endpointId: string;
  readonly caId: string;
  readonly serverCertificateArn: string;
  /** The connect handler that the endpoint must ask. */
  readonly gateArn: string;
  /** What its gate was deployed with; absent: it enforces, and certificates alone decide. */
  readonly gatePolicy?: GatePolicy;
  /** Only while its gate observes. */
  readonly observation?: Observation;
  /** As AWS exports it; the profile is made of it. */
  readonly clientConfiguration?: string;
  readonly crl?: ConfirmedCrl;
  /** The last list that was sent; while it is not confirmed it is only read back, not sent again. */
  readonly importAttempt?: ImportAttempt;
  /** When a list was last imported for another reason than its age. */
  readonly lastUnplannedImportAt?: EpochMilliseconds;
  /** An administrator's word that means "now". */
  readonly publicationRequest?: PublicationRequest;
  /** Absent where nobody ever switched it. */
  readonly gateOrder?: GateOrder;
  /** Since when it is no longer looked after: its place in the deployment was taken away. */
  readonly retiredAt?: EpochMilliseconds;
}

/** `arn:…:function:name` of an ARN with or without a version or an alias. */
const functionArnOf = (arn: string): string => arn.split(':').slice(0, 7).join(':');

/**
 * Whether an endpoint asks our gate. CloudFormation changes an endpoint before it tells us, so for a moment one of the
 * two may name the function and the other its alias; a version that somebody chose is not ours.
 */
export function asksGate(
  { connectHandlerArn }: { readonly connectHandlerArn?: string },
  gateArn: string,
): boolean {
  if (connectHandlerArn === undefined) return false;
  if (connectHandlerArn === gateArn) return true;
  const [ofEndpoint, ours] = [functionArnOf(connectHandlerArn), functionArnOf(gateArn)];
  return ofEndpoint === ours && (ofEndpoint === connectHandlerArn || ours === gateArn);
}
