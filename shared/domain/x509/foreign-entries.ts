import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { SERIAL_NUMBER_OCTETS, type SerialNumber } from '../certificate-id.ts';
import type { RevokedCertificate } from '../crl-facts.ts';
import { REVOCATION_REASONS } from '../revocation-reason.ts';
import { REASON_CODE } from './object-identifiers.ts';
import { x509Time } from './x509-time.ts';

/** RFC 5280 section 4.1.2.2: at most 20 octets, of which the first has no sign bit. */
const LONGEST_OCTETS = 20;

/** Whether a serial number that another tool gave may stand on our list: positive, and not too long. */
export const isListable = (serialNumber: SerialNumber): boolean => {
  const isTooLong =
    serialNumber.length > 2 * LONGEST_OCTETS ||
    (serialNumber.length === 2 * LONGEST_OCTETS && serialNumber >= '8');
  return !isTooLong && /^[0-9a-f]{20,}$/.test(serialNumber) && /[1-9a-f]/.test(serialNumber);
};

/** Whether a serial number is longer than ours are, as easy-rsa's are. */
export const isForeign = ({ serialNumber }: Pick<RevokedCertificate, 'serialNumber'>): boolean =>
  serialNumber.length > 2 * SERIAL_NUMBER_OCTETS;

/**
 * Entries that `entriesDer` does not write: of certificates that another tool issued with the same CA. There are few,
 * and all their serial numbers are above ours, so that they follow them (RFC 5280 section 5.1).
 */
export function foreignEntriesDer(revoked: readonly RevokedCertificate[]): Uint8Array {
  const inOrder = revoked
    .map((entry) => ({ ...entry, number: BigInt(`0x${entry.serialNumber}`) }))
    .sort((one, other) => (one.number < other.number ? -1 : 1));
  return Buffer.concat(
    inOrder.map(({ number, revocationDate, reason }) => {
      const { reasonCode } = REVOCATION_REASONS[reason];
      const entry = new pkijs.RevokedCertificate({
        userCertificate: asn1js.Integer.fromBigInt(number),
        revocationDate: x509Time(revocationDate),
      });
      if (reasonCode !== 0) {
        const extnValue = new asn1js.Enumerated({ value: reasonCode }).toBER();
        entry.crlEntryExtensions = new pkijs.Extensions({
          extensions: [new pkijs.Extension({ extnID: REASON_CODE, extnValue })],
        });
      }
      return new Uint8Array(entry.toSchema().toBER());
    }),
  );
}
