import type { PersonId } from '../identity.ts';
import type { CaFacts } from './ca-facts.ts';
import {
  END_ENTITY_CONSTRAINTS,
  END_ENTITY_KEY_USAGE,
  EXT_KEY_USAGE_CLIENT,
  subjectAltName,
  type GeneralName,
} from './extensions.ts';
import { assembleSigned } from './signed.ts';
import { keyIdentifiers, tbsCertificateDer, type CertificateSubject } from './tbs-certificate.ts';
import { VerbatimName } from './verbatim.ts';

export { leafValidity } from './validity.ts';

export interface CertificateProfile extends CertificateSubject {
  readonly issuer: CaFacts;
  /** Left out, the certificate does not tell whose it is beyond its common name. */
  readonly personId?: PersonId;
  /** Not written where it is not ASCII, which an rfc822Name must be. */
  readonly email?: string;
}

/** How a certificate names its person; the gate and our records do not depend on it. */
export const personUri = (personId: PersonId): string => `urn:vpn-portal:person:${personId}`;

/** ASCII, with one `@`. */
const isRfc822Name = (email: string): boolean => /^[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9.-]+$/.test(email);

/**
 * A person's certificate, to be linted, reserved and signed.
 *
 * @param profile all of it is ours to decide; the caller gave no more than the public key
 * @returns DER TBSCertificate (RFC 5280 section 4.1)
 */
export function buildTbsCertificate(profile: CertificateProfile): Uint8Array {
  const { personId, email, issuer } = profile;
  const names: GeneralName[] = [];
  if (personId !== undefined) names.push({ kind: 'uniformResourceIdentifier', text: personUri(personId) });
  if (email !== undefined && isRfc822Name(email)) names.push({ kind: 'rfc822Name', text: email });
  return tbsCertificateDer(profile, new VerbatimName(issuer.subjectNameDer), [
    END_ENTITY_CONSTRAINTS,
    END_ENTITY_KEY_USAGE,
    EXT_KEY_USAGE_CLIENT,
    ...keyIdentifiers(profile, issuer.subjectKeyIdentifierHex),
    ...(names.length > 0 ? [subjectAltName(names)] : []),
  ]);
}

/** @param signature PKCS #1 v1.5 with SHA-256, 256 octets. @returns DER Certificate */
export const assembleCertificate = (tbs: Uint8Array, signature: Uint8Array): Uint8Array =>
  assembleSigned(tbs, signature);
