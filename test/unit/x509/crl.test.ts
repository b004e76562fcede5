import * as fc from 'fast-check';
import type { SerialNumber } from '../../../shared/domain/certificate-id.ts';
import type { RevokedCertificate } from '../../../shared/domain/crl-facts.ts';
import { assembleCertList, buildTbsCertList } from '../../../shared/domain/x509/crl.ts';
import { readCrl, readTbsCertList } from '../../../shared/domain/x509/crl-reader.ts';
import { verifyCrl, type CrlExpectations } from '../../../shared/domain/x509/crl-verify.ts';
import {
  contextDer,
  elementDer,
  objectIdentifierDer,
  sequenceDer,
} from '../../../shared/domain/x509/der-writer.ts';
import { authorityKeyIdentifier } from '../../../shared/domain/x509/extensions.ts';
import {
  DAY,
  listRequest,
  NOW,
  revokedCertificates,
  serialNumberFrom,
  testCa,
  testCrlDer,
  testKey,
  timeDer,
} from './fixtures.ts';

/** sha256WithRSAEncryption with NULL (RFC 4055 section 5). */
const SIGNATURE_ALGORITHM_DER = Buffer.from('300d06092a864886f70d01010b0500', 'hex');
const octetStringDer = (octets: Uint8Array): Uint8Array => elementDer(0x04, octets);

const ca = testCa();
const authorityDer = new Uint8Array(
  authorityKeyIdentifier(ca.facts.subjectKeyIdentifierHex).toSchema().toBER(),
);
const revoked = revokedCertificates(25);

const revokedCertificate: fc.Arbitrary<RevokedCertificate> = fc.record({
  serialNumber: fc.bigInt({ min: 1n, max: (1n << 79n) - 1n }).map(serialNumberFrom),
  revocationDate: fc.integer({ min: 0, max: NOW * 2 }),
  reason: fc.constantFrom(
    'unspecified',
    'keyCompromise',
    'superseded',
    'certificateHold',
    'privilegeWithdrawn',
  ),
});

describe('a list', () => {
  it('is read back as it was built, whatever is on it and in whatever order', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(revokedCertificate, { selector: ({ serialNumber }) => serialNumber, maxLength: 40 }),
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        (rows, crlNumber) => {
          const read = readCrl(testCrlDer(ca, rows, { crlNumber }));
          expect(read.crlNumber).toBe(crlNumber);
          expect(read.entries).toEqual(new Map(rows.map((row) => [row.serialNumber, row])));
          const serialNumbers = [...read.entries.keys()];
          expect(serialNumbers).toEqual([...serialNumbers].sort());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('has no revokedCertificates when nothing is revoked', () => {
    const facts = readTbsCertList(buildTbsCertList(listRequest(ca, [])));
    expect(facts.entriesDer).toBeUndefined();
    expect(readCrl(testCrlDer(ca, [])).entries.size).toBe(0);
  });

  it('says "unspecified" by saying nothing', () => {
    const [row] = revokedCertificates(1);
    const lengthWith = (reason: RevokedCertificate['reason']): number =>
      buildTbsCertList(listRequest(ca, row === undefined ? [] : [{ ...row, reason }])).length;
    expect(lengthWith('keyCompromise') - lengthWith('unspecified')).toBe(14);
  });

  it('has its times, number, issuer and authority key, and neither delta nor distribution point', () => {
    const read = readCrl(testCrlDer(ca, revoked));
    expect([read.thisUpdate, read.nextUpdate, read.crlNumber]).toEqual([NOW - 300, NOW + 60 * DAY, 7]);
    expect(Buffer.from(read.issuerNameDer).equals(ca.facts.subjectNameDer)).toBe(true);
    expect(read.authorityKeyIdentifierHex).toBe(ca.facts.subjectKeyIdentifierHex);
    expect(read.extensions.map(({ oid }) => oid)).toEqual(['2.5.29.35', '2.5.29.20']);
  });

  it('writes dates from 2050 on as GeneralizedTime', () => {
    const far = 2_600_000_000;
    const row = { serialNumber: serialNumberFrom(5), revocationDate: far, reason: 'superseded' } as const;
    const read = readCrl(testCrlDer(ca, [row], { thisUpdate: far, nextUpdate: far + DAY }));
    expect(read.entries.get(row.serialNumber)).toEqual(row);
  });

  it.each([
    ['a serial number twice', [...revoked, ...revoked.slice(3, 4)]],
    [
      'a short serial number',
      [{ serialNumber: 'ab' as SerialNumber, revocationDate: NOW, reason: 'superseded' as const }],
    ],
    [
      'no hex',
      [{ serialNumber: 'zz'.repeat(10) as SerialNumber, revocationDate: NOW, reason: 'superseded' as const }],
    ],
    [
      'upper case',
      [
        {
          serialNumber: ('0'.repeat(15) + 'ABCDE') as SerialNumber,
          revocationDate: NOW,
          reason: 'superseded' as const,
        },
      ],
    ],
    [
      'a digit beyond ASCII',
      [
        {
          serialNumber: `${'0'.repeat(19)}é` as SerialNumber,
          revocationDate: NOW,
          reason: 'superseded' as const,
        },
      ],
    ],
  ])('is not built with %s', (_, rows) => {
    expect(() => buildTbsCertList(listRequest(ca, rows))).toThrow();
  });

  it.each([
    ['truncated', -1],
    ['without its signature', -262],
  ])('that is %s is not read', (_, end) => {
    expect(() => readCrl(testCrlDer(ca, revoked).subarray(0, end))).toThrow();
  });

  it('with any bit flipped is not read, or does not verify', () => {
    const der = testCrlDer(ca, revoked);
    fc.assert(
      fc.property(fc.nat({ max: der.length * 8 - 1 }), (bit) => {
        const flipped = Uint8Array.from(der);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => verifyCrl(flipped, expectations())).toThrow();
      }),
      { numRuns: 300 },
    );
  });

  it('of 200,000 entries is read', () => {
    const many = revokedCertificates(200_000, 1_700_000_000);
    const read = readCrl(testCrlDer(ca, many));
    expect(read.entries.size).toBe(200_000);
    const last = many.at(-1);
    expect(last && read.entries.get(last.serialNumber)).toEqual(last);
  });
});

const expectations = (changes: Partial<CrlExpectations> = {}): CrlExpectations => ({
  issuer: ca.facts,
  now: NOW,
  mustContain: revoked,
  numberAbove: 6,
  ...changes,
});

/** A list put together by hand, for what the builder does not do. */
function handMade(parts: {
  entriesDer?: Uint8Array;
  extensions: readonly Uint8Array[];
  version?: boolean;
}): Uint8Array {
  const tbs = sequenceDer(
    ...(parts.version === false ? [] : [Uint8Array.of(2, 1, 1)]),
    SIGNATURE_ALGORITHM_DER,
    ca.facts.subjectNameDer,
    timeDer(NOW),
    timeDer(NOW + DAY),
    ...(parts.entriesDer === undefined ? [] : [sequenceDer(parts.entriesDer)]),
    ...(parts.extensions.length > 0 ? [contextDer(0, sequenceDer(...parts.extensions))] : []),
  );
  return assembleCertList(tbs, ca.key.sign(tbs));
}

const entry = (serialNumber: string, time = timeDer(NOW), ...extensions: Uint8Array[]): Uint8Array =>
  sequenceDer(Buffer.from(serialNumber, 'hex'), time, ...extensions);

describe('the verifier of lists', () => {
  it('passes a list that is right, and gives what is on it', () => {
    expect(verifyCrl(testCrlDer(ca, revoked), expectations()).entries.size).toBe(revoked.length);
    expect(verifyCrl(testCrlDer(ca, []), expectations({ mustContain: [] })).entries.size).toBe(0);
  });

  const otherCa = testCa('other-ca');
  const [first, ...others] = revoked;
  it.each<[fault: string, der: () => Uint8Array, changes: Partial<CrlExpectations>]>([
    ['its signature is not of the CA', () => testCrlDer({ ...ca, key: testKey('other-ca') }, revoked), {}],
    ['its authority key identifier', () => testCrlDer({ ...otherCa, key: ca.key }, revoked), {}],
    [
      'its issuer is not the CA',
      () => testCrlDer({ ...ca, facts: { ...ca.facts, subjectNameDer: sequenceDer() } }, revoked),
      {},
    ],
    ['not valid yet', () => testCrlDer(ca, revoked, { thisUpdate: NOW + 1 }), {}],
    ['expired', () => testCrlDer(ca, revoked, { nextUpdate: NOW }), {}],
    ['outlives its CA', () => testCrlDer(ca, revoked, { nextUpdate: ca.facts.notAfter + 1 }), {}],
    ['number 7 is not above 7', () => testCrlDer(ca, revoked), { numberAbove: 7 }],
    ['number -1 is not above 6', () => handMade({ extensions: [authorityDer] }), { mustContain: [] }],
    ['version 2', () => handMade({ extensions: [], version: false }), { mustContain: [] }],
    ['1 missing', () => testCrlDer(ca, others), {}],
    ['1 not expected', () => testCrlDer(ca, revoked), { mustContain: others }],
    [
      '1 with another date',
      () => testCrlDer(ca, revoked),
      { mustContain: [...others, ...(first ? [{ ...first, revocationDate: 1 }] : [])] },
    ],
    [
      '1 with another date or reason',
      () => testCrlDer(ca, revoked),
      { mustContain: [...others, ...(first ? [{ ...first, reason: 'superseded' as const }] : [])] },
    ],
    [
      '1 listed twice: 00000000000000000005',
      () => handMade({ extensions: [], entriesDer: Buffer.concat([entry('020105'), entry('020105')]) }),
      { mustContain: [] },
    ],
    [
      'above the quota',
      () => testCrlDer(ca, revokedCertificates(20_001, 1_700_000_000)),
      { mustContain: revokedCertificates(20_001, 1_700_000_000) },
    ],
  ])('names the fault: %s', (fault, der, changes) => {
    expect(() => verifyCrl(der(), expectations(changes))).toThrow(fault);
  });

  it('names every fault at once', () => {
    const act = (): unknown => verifyCrl(testCrlDer(otherCa, []), expectations({ now: NOW + 61 * DAY }));
    expect(act).toThrow(/authority key identifier.*signature is not of the CA.*expired.*25 missing: .*…/);
  });

  it('refuses a signature algorithm outside that differs from the one inside', () => {
    const der = Buffer.from(testCrlDer(ca, revoked));
    const outer = der.lastIndexOf(Buffer.from('2a864886f70d01010b', 'hex'));
    der[outer + 8] = 12;
    expect(() => verifyCrl(der, expectations())).toThrow('signature algorithm');
  });

  const superseded = Buffer.from('300c300a0603551d1504030a0104', 'hex');
  const unassigned = Buffer.from('300c300a0603551d1504030a0107', 'hex');
  const critical = Buffer.from('300f300d0603551d180101ff040305000a', 'hex');
  it.each([
    ['an unassigned reason', entry('020105', timeDer(NOW), unassigned)],
    ['a critical entry extension', entry('020105', timeDer(NOW), critical)],
    ['a negative serial number', entry('0201ff')],
    ['a padded serial number', entry('02020005')],
    ['a date with a fraction', entry('020105', Buffer.from('181132303530303130313030303030302e355a', 'hex'))],
    ['something behind its extensions', entry('020105', timeDer(NOW), superseded, Uint8Array.of(5, 0))],
    ['another entry inside', entry('020105', timeDer(NOW), superseded, entry('020106'))],
  ])('cannot read an entry with %s', (_, entriesDer) => {
    expect(() => readCrl(handMade({ entriesDer, extensions: [] }))).toThrow();
  });

  it('reads a list of another issuer that has extensions of its own and no number', () => {
    const invalidityDate = Buffer.from(
      '301a30180603551d18041118 0f32303236303130313030303030305a'.replaceAll(' ', ''),
      'hex',
    );
    const crl = readCrl(
      handMade({ entriesDer: entry('02020100', timeDer(NOW), invalidityDate), extensions: [] }),
    );
    expect([...crl.entries.keys()]).toEqual(['00000000000000000100']);
    expect(crl.crlNumber).toBeUndefined();
  });

  it('refuses a critical extension, which others would have to refuse', () => {
    const distributionPoint = Buffer.from('300f0603551d1c0101ff040530030101ff', 'hex');
    const der = handMade({ extensions: [distributionPoint] });
    expect(() => verifyCrl(der, expectations({ mustContain: [] }))).toThrow('it has a critical extension');
  });

  it('cannot read what follows the extensions, or the value of one', () => {
    const authority = octetStringDer(Buffer.from('3003800101' + '0500', 'hex'));
    const padded = sequenceDer(objectIdentifierDer('2.5.29.35'), authority);
    expect(() => readCrl(handMade({ extensions: [padded] }))).toThrow('unexpected element');
    const tbs = sequenceDer(
      SIGNATURE_ALGORITHM_DER,
      ca.facts.subjectNameDer,
      timeDer(NOW),
      contextDer(0, sequenceDer(), Uint8Array.of(5, 0)),
    );
    expect(() => readTbsCertList(tbs)).toThrow('follows the extensions');
  });
});
