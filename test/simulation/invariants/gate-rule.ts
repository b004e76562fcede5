import type { Attributes } from '../../support/simulated-dynamodb/expressions.ts';
import type { Oracle } from '../oracle.ts';

export const lacksIssue = (oracle: Oracle, commonName: string): boolean =>
  oracle.storedCertificate(commonName)?.['issued'] === undefined;

/** Clocks of hosts differ by this. */
const CLOCK_MILLISECONDS = 5_000;

/** Why a certificate may not be used at an endpoint now, by the table as it is; undefined where it may. */
export function refusalByTable(oracle: Oracle, commonName: string, endpointId: string): string | undefined {
  const certificate = oracle.storedCertificate(commonName);
  if (certificate === undefined || certificate['commonName'] !== commonName) return 'it is nobody’s';
  if (certificate['issued'] === undefined) return 'it is only reserved';
  if (certificate['revocation'] !== undefined) return 'it is revoked';
  if (Number(certificate['notAfter']) * 1000 + CLOCK_MILLISECONDS < oracle.machine.now)
    return 'it has expired';
  if (!(certificate['endpointIds'] as string[]).includes(endpointId)) return 'it is for another endpoint';
  const person = oracle.portal.table.find(`PERSON#${String(certificate['personId'])}`, 'PERSON');
  if (person === undefined) return 'nobody owns it';
  return Object.keys(person['denials'] as Attributes).length > 0 ? 'its owner is denied' : undefined;
}

/** The last step at which the table changed what the gate's answer depends on. */
export function lastChangeOf(oracle: Oracle, commonName: string): number {
  const certificate = oracle.storedCertificate(commonName);
  const { lastChange } = oracle;
  return Math.max(
    lastChange.get(`CERT#${commonName.split('.')[0] ?? ''}`) ?? 0,
    lastChange.get(`PERSON#${String(certificate?.['personId'])}`) ?? 0,
  );
}
