import { createHash } from 'node:crypto';
import type { CaFacts } from '../x509/ca-facts.ts';
import { readCrl, type ReadCrl } from '../x509/crl-reader.ts';
import { derFromPem } from '../x509/pem.ts';
import { isSignatureOf } from '../x509/signed.ts';
import type { SerialNumber } from '../certificate-id.ts';
import type { HeldListFacts } from './facts.ts';

/**
 * Reads the list that an endpoint exports, whoever made it.
 *
 * @param issuer our CA; undefined where it is not known
 */
export function heldListFactsFrom(
  { crlPem, status }: { readonly crlPem: string; readonly status: 'pending' | 'active' },
  issuer: CaFacts | undefined,
): HeldListFacts {
  const read = readIfPossible(crlPem);
  if (read === undefined) return { status, sha256Hex: sha256Hex(Buffer.from(crlPem)) };
  const { crl, der } = read;
  const fault = issuer === undefined ? undefined : faultOf(crl, issuer);
  return {
    status,
    sha256Hex: sha256Hex(der),
    content: {
      crlNumber: crl.crlNumber ?? 0,
      thisUpdate: crl.thisUpdate,
      nextUpdate: crl.nextUpdate ?? crl.thisUpdate,
      serialNumbers: new Set<SerialNumber>(crl.entries.keys()),
      ...(fault === undefined ? {} : { fault }),
    },
  };
}

function readIfPossible(crlPem: string): { crl: ReadCrl; der: Uint8Array } | undefined {
  try {
    const der = derFromPem('X509 CRL', crlPem);
    return { crl: readCrl(der), der };
  } catch {
    return undefined;
  }
}

function faultOf(crl: ReadCrl, issuer: CaFacts): 'issuer' | 'keyIdentifier' | 'signature' | undefined {
  if (Buffer.compare(crl.issuerNameDer, issuer.subjectNameDer) !== 0) return 'issuer';
  if (crl.authorityKeyIdentifierHex !== issuer.subjectKeyIdentifierHex) return 'keyIdentifier';
  return isSignatureOf(issuer.subjectPublicKeyInfoDer, crl.tbsCertListDer, crl.signature)
    ? undefined
    : 'signature';
}

const sha256Hex = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');
