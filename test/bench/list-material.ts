import { createHash } from 'node:crypto';
import type { SerialNumber } from '../../shared/domain/certificate-id.ts';
import type { RevocationRow } from '../../shared/domain/crl-facts.ts';
import { isRevocationReason, type RevocationReason } from '../../shared/domain/revocation-reason.ts';
import { NOW, DAY } from '../unit/x509/fixtures.ts';

/** Each with a reason code in its entry, and those that OpenSSL's database knows, so that both lists say the same. */
const REASONS = [
  'cessationOfOperation',
  'keyCompromise',
  'superseded',
  'affiliationChanged',
] as const satisfies readonly RevocationReason[];

/**
 * What 20,000 leavers and lost laptops of a year look like: serial numbers of 79 bits without order, dates of 400 days.
 * Always the same ones.
 */
export function revocationRows(count: number): RevocationRow[] {
  return Array.from({ length: count }, (_, index) => {
    const digest = createHash('sha256').update(`certificate ${index}`).digest();
    digest[0] = (digest[0] ?? 0) & 0x7f;
    const revocationDate = NOW - (digest.readUInt32BE(16) % (400 * DAY));
    return {
      serialNumber: digest.toString('hex', 0, 10) as SerialNumber,
      revocationDate,
      reason: REASONS[index % REASONS.length] ?? 'superseded',
      notAfter: NOW + DAY + (digest.readUInt32BE(20) % (180 * DAY)),
    };
  });
}

const opensslTime = (at: number): string =>
  `${new Date(at * 1000).toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`;

/** The same rows as OpenSSL's database has them: `openssl ca -gencrl` and easy-rsa read it, with the reasons' own names. */
export const opensslIndex = (rows: readonly RevocationRow[]): string =>
  rows
    .map(({ serialNumber, revocationDate, reason, notAfter }) =>
      [
        'R',
        opensslTime(notAfter),
        `${opensslTime(revocationDate)},${reason}`,
        serialNumber.toUpperCase(),
        'unknown',
        `/CN=${serialNumber}`,
      ].join('\t'),
    )
    .join('\n')
    .concat('\n');

/** The rows in an index that OpenSSL wrote. */
export function rowsOfIndex(index: string): RevocationRow[] {
  return index
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, notAfter = '', revoked = '', serialNumber = ''] = line.split('\t');
      const [date = '', reason = ''] = revoked.split(',');
      return {
        serialNumber: serialNumber.toLowerCase() as SerialNumber,
        revocationDate: secondsOf(date),
        reason: isRevocationReason(reason) ? reason : 'unspecified',
        notAfter: secondsOf(notAfter),
      };
    });
}

function secondsOf(text: string): number {
  const part = (start: number): number => Number(text.slice(start, start + 2));
  return Date.UTC(2000 + part(0), part(2) - 1, part(4), part(6), part(8), part(10)) / 1000;
}
