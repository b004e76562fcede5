import type { SerialNumber } from './certificate-id.ts';
import { isQuietHour, type PublicationPolicy } from './publication.ts';
import type { EpochMilliseconds, EpochSeconds } from './time.ts';
import type { CaFacts } from './x509/ca-facts.ts';
import { readCertificate } from './x509/certificate-reader.ts';
import { isSignatureOf } from './x509/signed.ts';

/** A server certificate that was signed, or is about to be. Its private key is in ACM and nowhere else. */
export interface ServerCertificateRecord {
  readonly caId: string;
  readonly serialNumber: SerialNumber;
  readonly notBefore: EpochSeconds;
  readonly notAfter: EpochSeconds;
  readonly reservedAt: EpochSeconds;
  /** Exactly what is signed. */
  readonly tbsCertificateDer: Uint8Array;
  readonly certificateDer?: Uint8Array;
  /** When it was seen where endpoints find it. */
  readonly importedAt?: EpochSeconds;
}

/** When the certificate is renewed that an endpoint shows. Every change of it resets every user's connection. */
export interface ServerRenewalPolicy {
  /** Renewed when less than this is left: in quiet hours, from two thirds of it on at any hour. */
  readonly renewBeforeSeconds: number;
  readonly quietHours: PublicationPolicy['quietHours'];
}

export interface ServerRenewalDecision {
  readonly renew: boolean;
  readonly reason: 'due' | 'overdue' | 'fresh' | 'endsWithAuthority' | 'waitsForQuietHours';
}

/** Whether a server certificate is to be renewed now, and why or why not. */
export function decideServerRenewal(
  situation: {
    readonly now: EpochMilliseconds;
    readonly notAfter: EpochSeconds;
    readonly caNotAfter: EpochSeconds;
  },
  { renewBeforeSeconds, quietHours }: ServerRenewalPolicy,
): ServerRenewalDecision {
  const { now, notAfter, caNotAfter } = situation;
  const leftSeconds = notAfter - now / 1000;
  if (leftSeconds >= renewBeforeSeconds) return { renew: false, reason: 'fresh' };
  // Another would end no later, and would be renewed again and again.
  if (notAfter >= caNotAfter) return { renew: false, reason: 'endsWithAuthority' };
  if (leftSeconds < (renewBeforeSeconds * 2) / 3) return { renew: true, reason: 'overdue' };
  return isQuietHour(now, quietHours)
    ? { renew: true, reason: 'due' }
    : { renew: false, reason: 'waitsForQuietHours' };
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';

/** What a renewal takes over from the certificate that is there: clients look for that very name. */
export interface ServerCertificateFacts {
  readonly serialNumber: SerialNumber;
  readonly serverName: string;
  readonly organization: string;
  readonly notAfter: EpochSeconds;
}

/**
 * Reads a server certificate of ours.
 *
 * @returns undefined for one that this CA did not sign
 * @throws Error when it is none that can be read
 */
export function readServerCertificate(
  certificateDer: Uint8Array,
  issuer: CaFacts,
): ServerCertificateFacts | undefined {
  const { facts, tbsCertificateDer, signature } = readCertificate(certificateDer);
  const isOurs =
    Buffer.from(facts.issuerDer).equals(issuer.subjectNameDer) &&
    isSignatureOf(issuer.subjectPublicKeyInfoDer, tbsCertificateDer, signature);
  const subjectOf = (type: string): string | undefined =>
    facts.subject.find((attribute) => attribute.type === type)?.text;
  const serverName = subjectOf(COMMON_NAME);
  if (!isOurs || serverName === undefined) return undefined;
  return {
    serialNumber: BigInt(`0x${facts.serialNumberHex}`).toString(16).padStart(20, '0') as SerialNumber,
    serverName,
    organization: subjectOf(ORGANIZATION) ?? '',
    notAfter: facts.notAfter,
  };
}
