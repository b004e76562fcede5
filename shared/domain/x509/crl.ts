import * as pkijs from 'pkijs';
import type { RevokedCertificate } from '../crl-facts.ts';
import type { EpochSeconds } from '../time.ts';
import type { CaFacts } from './ca-facts.ts';
import { entriesDer } from './crl-entries.ts';
import { headerDer, sequenceDer, TAG } from './der-writer.ts';
import { authorityKeyIdentifier, crlNumberExtension } from './extensions.ts';
import { assembleSigned, SIGNATURE_ALGORITHM } from './signed.ts';
import { VerbatimName } from './verbatim.ts';
import { x509Time } from './x509-time.ts';

export { crlValidity } from './validity.ts';

export interface CertListRequest {
  readonly issuer: CaFacts;
  readonly crlNumber: number;
  readonly thisUpdate: EpochSeconds;
  readonly nextUpdate: EpochSeconds;
  /** In any order, each serial number once. */
  readonly revoked: readonly RevokedCertificate[];
}

/** Version 2 is written as 1 (RFC 5280 section 5.1.2.1). */
const VERSION_2 = 1;

/** pkijs keeps the step between filling in a list and signing it to itself; our key is elsewhere. */
class CertificateList extends pkijs.CertificateRevocationList {
  /** The elements of the TBSCertList, in their order. */
  elementsDer(): Uint8Array[] {
    return this.encodeTBS().valueBlock.value.map((element) => new Uint8Array(element.toBER()));
  }
}

/**
 * A complete list: no delta, no issuingDistributionPoint, which OpenSSL would not take for one of the whole CA.
 *
 * @returns DER TBSCertList (RFC 5280 section 5.1)
 */
export function buildTbsCertList(request: CertListRequest): Uint8Array {
  const { issuer, crlNumber, thisUpdate, nextUpdate, revoked } = request;
  const list = new CertificateList({
    version: VERSION_2,
    signature: SIGNATURE_ALGORITHM,
    issuer: new VerbatimName(issuer.subjectNameDer),
    thisUpdate: x509Time(thisUpdate),
    nextUpdate: x509Time(nextUpdate),
    crlExtensions: new pkijs.Extensions({
      extensions: [authorityKeyIdentifier(issuer.subjectKeyIdentifierHex), crlNumberExtension(crlNumber)],
    }),
  });
  const elements = list.elementsDer();
  // Absent when nothing is revoked: RFC 5280 section 5.1.2.6.
  if (revoked.length === 0) return sequenceDer(...elements);
  // revokedCertificates stands before crlExtensions, which are last. Put in here, entries are copied once, not thrice.
  const [entries, extensions] = [entriesDer(revoked), elements.splice(-1)];
  return sequenceDer(...elements, headerDer(TAG.sequence, entries.length), entries, ...extensions);
}

/** @param signature PKCS #1 v1.5 with SHA-256, 256 octets. @returns DER CertificateList */
export const assembleCertList = (tbsCertListDer: Uint8Array, signature: Uint8Array): Uint8Array =>
  assembleSigned(tbsCertListDer, signature);
