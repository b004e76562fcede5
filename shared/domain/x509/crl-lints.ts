import { CLIENT_VPN_CRL_QUOTA } from '../crl-facts.ts';
import type { CaFacts } from './ca-facts.ts';
import { readTbsCertList, walkEntries, type CertListFacts } from './crl-reader.ts';
import { assertLints, type Lint } from './lint.ts';

/** A list to be signed, and what its entries have in common. */
export interface CrlLintFacts extends CertListFacts, EntryFacts {
  readonly issuer: Pick<CaFacts, 'subjectNameDer' | 'subjectKeyIdentifierHex' | 'notAfter'>;
}

export interface EntryFacts {
  readonly entryCount: number;
  /** Each serial number above the one before it. */
  readonly areSerialNumbersRising: boolean;
  readonly areSerialNumbersPositive: boolean;
  readonly longestSerialNumberOctets: number;
  readonly latestRevocationDate: number;
  /** The codes that are written. */
  readonly reasonCodes: ReadonlySet<number>;
}

const SHA256_WITH_RSA_DER_HEX = '300d06092a864886f70d01010b0500';
const LIST_EXTENSIONS = ['2.5.29.20', '2.5.29.35'];
const ISSUING_DISTRIBUTION_POINT = '2.5.29.28';
const DELTA_CRL_INDICATOR = '2.5.29.27';
/** What revokes an end entity's certificate for good, and certificateHold (RFC 5280 section 5.3.1). */
const REASON_CODES = new Set([1, 3, 4, 5, 6, 9]);

const hexFrom = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');
const unless = (isRight: boolean, fault: string): string | undefined => (isRight ? undefined : fault);

export const crlLints: readonly Lint<CrlLintFacts>[] = [
  {
    name: 'crlVersion',
    source: 'RFC 5280 section 5.1.2.1',
    check: ({ version }) => unless(version === 2, `version ${version}`),
  },
  {
    name: 'crlSignatureAlgorithm',
    source: 'RFC 4055 section 5',
    check: ({ signatureAlgorithmDer }) =>
      unless(
        hexFrom(signatureAlgorithmDer) === SHA256_WITH_RSA_DER_HEX,
        'not sha256WithRSAEncryption with NULL',
      ),
  },
  {
    name: 'crlIssuerIsCaSubject',
    source: 'RFC 5280 section 5.1.2.3; OpenVPN accepts the revoked when it differs',
    check: ({ issuerNameDer, issuer }) =>
      unless(hexFrom(issuerNameDer) === hexFrom(issuer.subjectNameDer), 'other octets than the CA’s subject'),
  },
  {
    name: 'crlHasNextUpdate',
    source: 'RFC 5280 section 5.1.2.5',
    check: ({ thisUpdate, nextUpdate }) =>
      unless(nextUpdate !== undefined && nextUpdate > thisUpdate, 'absent or not after thisUpdate'),
  },
  {
    name: 'crlWithinCa',
    source: 'RFC 5280 section 6.3.3: a list is checked with a valid certificate of its issuer',
    check: ({ nextUpdate = 0, issuer }) => unless(nextUpdate <= issuer.notAfter, 'outlives its CA'),
  },
  {
    name: 'crlHasNumber',
    source: 'RFC 5280 section 5.2.3: at most 20 octets; ours are exact in JavaScript',
    check: ({ crlNumber }) =>
      unless(
        crlNumber !== undefined && crlNumber > 0 && Number.isSafeInteger(crlNumber),
        'absent or not above 0',
      ),
  },
  {
    name: 'crlAuthorityKeyIdentifier',
    source: 'RFC 5280 section 5.2.1; OpenVPN accepts the revoked when it differs',
    check: ({ authorityKeyIdentifierHex, issuer }) =>
      unless(authorityKeyIdentifierHex === issuer.subjectKeyIdentifierHex, 'absent or not that of the CA'),
  },
  {
    name: 'crlIsComplete',
    source: 'RFC 5280 sections 5.2.4 and 5.2.5: no delta, no issuingDistributionPoint',
    check: ({ extensions }) =>
      unless(
        !extensions.some(({ oid }) => oid === DELTA_CRL_INDICATOR || oid === ISSUING_DISTRIBUTION_POINT),
        'says that it is a part of a list',
      ),
  },
  {
    name: 'crlExtensionsKnownOnce',
    source: 'RFC 5280 section 5.2: cRLNumber and authorityKeyIdentifier, neither critical',
    check: ({ extensions }) =>
      unless(
        extensions.length === LIST_EXTENSIONS.length &&
          LIST_EXTENSIONS.every((oid) => extensions.some((extension) => extension.oid === oid)) &&
          extensions.every(({ critical }) => !critical),
        'others, one twice, or one critical',
      ),
  },
  {
    name: 'crlEntriesAbsentWhenNone',
    source: 'RFC 5280 section 5.1.2.6',
    check: ({ entriesDer }) => unless(entriesDer === undefined || entriesDer.length > 0, 'an empty sequence'),
  },
  {
    name: 'crlEntriesSortedUnique',
    source: 'docs/architecture.md: no revoked serial number is ever absent, so that lists must be comparable',
    check: ({ areSerialNumbersRising }) =>
      unless(areSerialNumbersRising, 'not in rising order, or one twice'),
  },
  {
    name: 'crlSerialNumbers',
    source: 'RFC 5280 section 4.1.2.2',
    check: ({ areSerialNumbersPositive, longestSerialNumberOctets }) =>
      unless(areSerialNumbersPositive && longestSerialNumberOctets <= 20, 'not positive, or above 20 octets'),
  },
  {
    name: 'crlReasonCodes',
    source:
      'RFC 5280 section 5.3.1: unspecified is absent, removeFromCRL is for delta lists, 7 is unassigned',
    check: ({ reasonCodes }) => {
      const wrong = [...reasonCodes].find((reasonCode) => !REASON_CODES.has(reasonCode));
      return unless(wrong === undefined, `reason code ${wrong}`);
    },
  },
  {
    name: 'crlRevocationDates',
    source: 'RFC 5280 section 5.1.2.6: revoked on or before the issue of the list, within clock margins',
    check: ({ latestRevocationDate, nextUpdate = 0 }) =>
      unless(latestRevocationDate < nextUpdate, 'revoked after the end of the list'),
  },
];

/** What the endpoint takes beyond RFC 5280; a list for elsewhere need not keep it. */
export const clientVpnCrlLints: readonly Lint<CrlLintFacts>[] = [
  {
    name: 'crlQuota',
    source: 'AWS Client VPN Administrator Guide, quotas: 20,000 entries, not adjustable',
    check: ({ entryCount }) => unless(entryCount <= CLIENT_VPN_CRL_QUOTA, `${entryCount} entries`),
  },
];

/** Compares two serial numbers of the same octets; DER integers are shortest, so that the longer is the greater. */
function isBelow(
  octets: Uint8Array,
  start: number,
  end: number,
  nextStart: number,
  nextEnd: number,
): boolean {
  if (end - start !== nextEnd - nextStart) return end - start < nextEnd - nextStart;
  for (let index = 0; index < end - start; index += 1) {
    const difference = (octets[start + index] ?? 0) - (octets[nextStart + index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** Walks the entries once. @param entriesDer the content of `revokedCertificates` */
export function readEntryFacts(entriesDer: Uint8Array): EntryFacts {
  const reasonCodes = new Set<number>();
  let entryCount = 0;
  let areSerialNumbersRising = true;
  let areSerialNumbersPositive = true;
  let longestSerialNumberOctets = 0;
  let latestRevocationDate = 0;
  let [previousStart, previousEnd] = [0, 0];
  walkEntries(entriesDer, (start, end, revocationDate, reasonCode) => {
    areSerialNumbersRising &&= isBelow(entriesDer, previousStart, previousEnd, start, end);
    const first = entriesDer[start] ?? 0;
    areSerialNumbersPositive &&= first < 0x80 && (first !== 0 || end - start > 1);
    longestSerialNumberOctets = Math.max(longestSerialNumberOctets, end - start);
    latestRevocationDate = Math.max(latestRevocationDate, revocationDate);
    if (reasonCode !== undefined) reasonCodes.add(reasonCode);
    entryCount += 1;
    [previousStart, previousEnd] = [start, end];
  });
  return {
    entryCount,
    areSerialNumbersRising,
    areSerialNumbersPositive,
    longestSerialNumberOctets,
    latestRevocationDate,
    reasonCodes,
  };
}

/**
 * Demands that a list keeps every rule, before it is signed.
 *
 * @throws Error naming each broken rule, which is our bug
 */
export function assertCrlLints(tbsCertListDer: Uint8Array, issuer: CaFacts): void {
  const facts = readTbsCertList(tbsCertListDer);
  const entryFacts = readEntryFacts(facts.entriesDer ?? new Uint8Array());
  assertLints([...crlLints, ...clientVpnCrlLints], { ...facts, ...entryFacts, issuer });
}
