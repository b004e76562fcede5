import type { CaFacts } from './ca-facts.ts';
import { nameDer } from './distinguished-name.ts';
import {
  CA_CONSTRAINTS_DER,
  END_ENTITY_CONSTRAINTS_DER,
  SERVER_AUTH_DER,
  END_ENTITY_KEY_USAGE_DER,
  CA_KEY_USAGE_DER,
  subjectAltNameDer,
} from './extensions.ts';
import { keyIdentifierOf } from './rsa-public-key.ts';
import { keyIdentifiersDer, tbsCertificateDer, type CertificateSubject } from './tbs-certificate.ts';

/** A self-signed CA that signs leaves and lists, and no other CA. @returns DER TBSCertificate */
export function buildTbsCaCertificate(subject: CertificateSubject): Uint8Array {
  const keyIdentifierHex = Buffer.from(keyIdentifierOf(subject.subjectPublicKeyInfoDer)).toString('hex');
  return tbsCertificateDer(subject, nameDer(subject), [
    CA_CONSTRAINTS_DER,
    CA_KEY_USAGE_DER,
    ...keyIdentifiersDer(subject, keyIdentifierHex),
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
  return tbsCertificateDer(subject, issuer.subjectNameDer, [
    END_ENTITY_CONSTRAINTS_DER,
    END_ENTITY_KEY_USAGE_DER,
    SERVER_AUTH_DER,
    ...keyIdentifiersDer(subject, issuer.subjectKeyIdentifierHex),
    subjectAltNameDer([{ kind: 'dNSName', text: serverName }]),
  ]);
}
