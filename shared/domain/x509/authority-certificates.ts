import type { CaFacts } from './ca-facts.ts';
import { DistinguishedName } from './distinguished-name.ts';
import {
  CA_CONSTRAINTS,
  CA_KEY_USAGE,
  END_ENTITY_CONSTRAINTS,
  END_ENTITY_KEY_USAGE,
  EXT_KEY_USAGE_SERVER,
  subjectAltName,
} from './extensions.ts';
import { keyIdentifierOf } from './rsa-public-key.ts';
import { keyIdentifiers, tbsCertificateDer, type CertificateSubject } from './tbs-certificate.ts';
import { VerbatimName } from './verbatim.ts';

/** A self-signed CA that signs leaves and lists, and no other CA. @returns DER TBSCertificate */
export function buildTbsCaCertificate(subject: CertificateSubject): Uint8Array {
  const keyIdentifierHex = Buffer.from(keyIdentifierOf(subject.subjectPublicKeyInfoDer)).toString('hex');
  return tbsCertificateDer(subject, new DistinguishedName(subject), [
    CA_CONSTRAINTS,
    CA_KEY_USAGE,
    ...keyIdentifiers(subject, keyIdentifierHex),
  ]);
}

/**
 * The endpoint's own certificate.
 *
 * @param profile `serverName` with a dot: AWS refuses a server certificate that "does not have a domain"
 * @returns DER TBSCertificate
 */
export function buildTbsServerCertificate(
  profile: Omit<CertificateSubject, 'commonName'> & { readonly issuer: CaFacts; readonly serverName: string },
): Uint8Array {
  const { issuer, serverName } = profile;
  if (!/^([a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}$/i.test(serverName))
    throw new Error('a server name has a domain');
  const subject = { ...profile, commonName: serverName };
  return tbsCertificateDer(subject, new VerbatimName(issuer.subjectNameDer), [
    END_ENTITY_CONSTRAINTS,
    END_ENTITY_KEY_USAGE,
    EXT_KEY_USAGE_SERVER,
    ...keyIdentifiers(subject, issuer.subjectKeyIdentifierHex),
    subjectAltName([{ kind: 'dNSName', text: serverName }]),
  ]);
}
