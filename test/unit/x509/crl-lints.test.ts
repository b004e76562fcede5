import {
  assertCrlLints,
  clientVpnCrlLints,
  crlLints,
  readEntryFacts,
  type CrlLintFacts,
} from '../../../shared/domain/x509/crl-lints.ts';
import { readTbsCertList } from '../../../shared/domain/x509/crl-reader.ts';
import { buildTbsCertList } from '../../../shared/domain/x509/crl.ts';
import { DAY, listRequest, NOW, revokedCertificates, testCa } from './fixtures.ts';

const ca = testCa();
const tbs = buildTbsCertList(listRequest(ca, revokedCertificates(25)));
const list = readTbsCertList(tbs);
const facts: CrlLintFacts = {
  ...list,
  ...readEntryFacts(list.entriesDer ?? new Uint8Array()),
  issuer: ca.facts,
};
const other = Uint8Array.of(0x30, 0);
const extension = (oid: string, critical = false): CrlLintFacts['extensions'][number] => ({
  oid,
  critical,
  valueDer: other,
});
const entryFactsOf = (hex: string): Partial<CrlLintFacts> => readEntryFacts(Buffer.from(hex, 'hex'));
/** An entry of a one-octet serial number, in 2026. */
const entryHex = (serialNumber: string): string =>
  `3012020${serialNumber.length / 2}${serialNumber}170d3236303931383132303030305a`;

const cases: [name: string, change: Partial<CrlLintFacts>][] = [
  ['crlVersion', { version: 1 }],
  ['crlSignatureAlgorithm', { signatureAlgorithmDer: Buffer.from('300b06092a864886f70d01010b', 'hex') }],
  ['crlIssuerIsCaSubject', { issuerNameDer: other }],
  ['crlHasNextUpdate', { nextUpdate: NOW - 300 }],
  ['crlWithinCa', { nextUpdate: ca.facts.notAfter + 1 }],
  ['crlHasNumber', { crlNumber: 0 }],
  ['crlHasNumber', { crlNumber: 2 ** 53 }],
  ['crlAuthorityKeyIdentifier', { authorityKeyIdentifierHex: '00' }],
  ['crlIsComplete', { extensions: [...list.extensions, extension('2.5.29.27', true)] }],
  ['crlIsComplete', { extensions: [...list.extensions, extension('2.5.29.28', true)] }],
  ['crlExtensionsKnownOnce', { extensions: list.extensions.slice(1) }],
  ['crlExtensionsKnownOnce', { extensions: [...list.extensions, ...list.extensions.slice(1)] }],
  ['crlExtensionsKnownOnce', { extensions: [extension('2.5.29.20', true), extension('2.5.29.35')] }],
  ['crlEntriesAbsentWhenNone', { entriesDer: new Uint8Array() }],
  ['crlEntriesSortedUnique', entryFactsOf(entryHex('05') + entryHex('04'))],
  ['crlEntriesSortedUnique', entryFactsOf(entryHex('05') + entryHex('05'))],
  ['crlSerialNumbers', entryFactsOf(entryHex('00'))],
  ['crlSerialNumbers', entryFactsOf(entryHex('ff'))],
  ['crlSerialNumbers', { longestSerialNumberOctets: 21 }],
  ['crlReasonCodes', { reasonCodes: new Set([1, 0]) }],
  ['crlReasonCodes', { reasonCodes: new Set([8]) }],
  ['crlReasonCodes', { reasonCodes: new Set([7]) }],
  ['crlRevocationDates', { latestRevocationDate: NOW + 60 * DAY }],
  ['crlQuota', { entryCount: 20_001 }],
];

describe('list lints', () => {
  it.each([[0], [1], [25], [20_000]])('pass a list of %d entries that we build', (count) => {
    assertCrlLints(buildTbsCertList(listRequest(ca, revokedCertificates(count))), ca.facts);
  });

  it.each(cases)('%s refuses what breaks it (%#)', (name, change) => {
    const lint = [...crlLints, ...clientVpnCrlLints].find((candidate) => candidate.name === name);
    expect(lint?.check(facts)).toBeUndefined();
    expect(lint?.check({ ...facts, ...change })).toEqual(expect.any(String));
  });

  it('have each a case here and a source', () => {
    const named = new Set(cases.map(([name]) => name));
    expect(
      [...crlLints, ...clientVpnCrlLints].filter(({ name, source }) => !named.has(name) || source === ''),
    ).toEqual([]);
  });

  it('refuse a list of another CA, of an older end, and beyond the quota', () => {
    expect(() => assertCrlLints(tbs, testCa('other-ca').facts)).toThrow('crlAuthorityKeyIdentifier');
    expect(() =>
      assertCrlLints(buildTbsCertList(listRequest(ca, [], { nextUpdate: NOW - 301 })), ca.facts),
    ).toThrow('crlHasNextUpdate');
    const tooMany = buildTbsCertList(listRequest(ca, revokedCertificates(20_001)));
    expect(() => assertCrlLints(tooMany, ca.facts)).toThrow('crlQuota');
  });
});
