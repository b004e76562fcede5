import * as asn1js from 'asn1js';
import * as fc from 'fast-check';
import * as pkijs from 'pkijs';
import type { RevokedCertificate } from '../../../shared/domain/crl-facts.ts';
import { REVOCATION_REASONS, type RevocationReason } from '../../../shared/domain/revocation-reason.ts';
import { entriesDer } from '../../../shared/domain/x509/crl-entries.ts';
import { x509Time } from '../../../shared/domain/x509/x509-time.ts';
import { NOW, revokedCertificates, serialNumberFrom } from './fixtures.ts';

const hexFrom = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');
const numberOf = ({ serialNumber }: RevokedCertificate): bigint => BigInt(`0x${serialNumber}`);

/** The same entries by pkijs: an object for each, and slow. */
function entriesByPkijs(revoked: readonly RevokedCertificate[]): string {
  const inOrder = [...revoked].sort((a, b) => (numberOf(a) < numberOf(b) ? -1 : 1));
  return inOrder
    .map((row) => {
      const { reasonCode } = REVOCATION_REASONS[row.reason];
      const entry = new pkijs.RevokedCertificate({
        userCertificate: asn1js.Integer.fromBigInt(numberOf(row)),
        revocationDate: x509Time(row.revocationDate),
      });
      if (reasonCode !== 0) {
        const extnValue = new asn1js.Enumerated({ value: reasonCode }).toBER();
        entry.crlEntryExtensions = new pkijs.Extensions({
          extensions: [new pkijs.Extension({ extnID: '2.5.29.21', extnValue })],
        });
      }
      return hexFrom(new Uint8Array(entry.toSchema().toBER()));
    })
    .join('');
}

/** Few different beginnings and ends, so that many begin alike; leading zeros and sign octets among them. */
const serialNumber = fc
  .tuple(
    fc.constantFrom(0n, 1n, 0x80n, 0x0080_0000n, 0x7fff_ffffn, 0x3a0b_1c2dn),
    fc.oneof(fc.bigInt({ min: 1n, max: 40n }), fc.bigInt({ min: 1n, max: (1n << 48n) - 1n })),
  )
  .map(([high, low]) => serialNumberFrom((high << 48n) | low));

const rows = fc.uniqueArray(
  fc.record({
    serialNumber,
    revocationDate: fc.integer({ min: 0, max: 253_402_300_799 }),
    reason: fc.constantFrom(...(Object.keys(REVOCATION_REASONS) as RevocationReason[])),
  }),
  { selector: (row) => row.serialNumber, maxLength: 30 },
);

describe('the entries of a list', () => {
  it('are to the octet what pkijs writes for them, in the order of their serial numbers', () => {
    fc.assert(
      fc.property(rows, (revoked) => {
        expect(hexFrom(entriesDer(revoked))).toBe(entriesByPkijs(revoked));
      }),
      { numRuns: 150 },
    );
  });

  it('are the same in whatever order they come', () => {
    const revoked = revokedCertificates(500);
    expect(hexFrom(entriesDer(revoked.toReversed()))).toBe(hexFrom(entriesDer(revoked)));
  });

  it.each([
    ['beginning and end of the list', 0, 99],
    ['neighbours', 40, 41],
  ])('are refused with a serial number twice, at %s', (_, first, second) => {
    // All begin alike, so that only their ends tell them apart.
    const revoked = Array.from({ length: 100 }, (_, index) => ({
      serialNumber: serialNumberFrom((7n << 48n) + BigInt(index === second ? first : index)),
      revocationDate: NOW,
      reason: 'superseded' as const,
    }));
    expect(() => entriesDer(revoked)).toThrow('twice');
  });

  it.each([[-1], [1.5], [253_402_300_800], [Number.NaN]])(
    'are refused with the date %d',
    (revocationDate) => {
      const revoked = [{ serialNumber: serialNumberFrom(1), revocationDate, reason: 'superseded' as const }];
      expect(() => entriesDer(revoked)).toThrow('no X.509 time');
    },
  );
});
