import { parseCertificateId, type CertificateId } from './certificate-id.ts';

/** X.520's upper bound for a common name is 64 characters; the id and its dot take 17. */
const LOGIN_LETTERS = 47;

/**
 * The common name of a certificate: `<certificate id>.<login>`.
 *
 * The connect handler of AWS Client VPN is told the common name and nothing else of a certificate, so the name
 * must lead to exactly one. The login is there for people who read lists of connections.
 *
 * @param login reduced to letters, digits and `._@-`, cut to 47
 */
export function commonNameFor(certificateId: CertificateId, login: string): string {
  const reduced = login.normalize('NFKD').replaceAll(/[^A-Za-z0-9._@-]/g, '');
  return `${certificateId}.${reduced.slice(0, LOGIN_LETTERS)}`;
}

/** The certificate that a common name claims to be of, or undefined. The caller compares the whole name. */
export function certificateIdOfCommonName(commonName: string): CertificateId | undefined {
  if (commonName.length > 64 || commonName[16] !== '.') return undefined;
  const id = parseCertificateId(commonName.slice(0, 16));
  return id === commonName.slice(0, 16) ? id : undefined;
}
