import type * as z from 'zod';
import type { certificateView } from '../../shared/http/api/certificates.ts';
import type { Screen } from '../terminal/screen.ts';
import { dayOf, momentOf, stateCell } from '../terminal/words.ts';

export type CertificateView = z.infer<typeof certificateView>;

/** Certificates as a table, with their ids to copy. */
export function printCertificates(screen: Screen, certificates: readonly CertificateView[]): void {
  screen.table(
    ['CERTIFICATE', 'DEVICE', 'STATE', 'ISSUED', 'RENEWABLE', 'ENDS', 'LAST USED'],
    certificates.map((certificate) => [
      certificate.certificateId,
      certificate.deviceName,
      stateCell(certificate.state),
      certificate.issuedAt === undefined ? '' : dayOf(certificate.issuedAt),
      certificate.renewableFrom === undefined ? '' : dayOf(certificate.renewableFrom),
      dayOf(certificate.notAfter),
      certificate.lastUsedAt === undefined ? 'never' : momentOf(certificate.lastUsedAt),
    ]),
  );
}

/** Everything about one certificate. */
export function printCertificate(screen: Screen, certificate: CertificateView): void {
  const { revocation } = certificate;
  screen.title(certificate.certificateId);
  screen.fields([
    ['state', stateCell(certificate.state)],
    ['device', certificate.deviceName],
    ['common name', certificate.commonName],
    ['serial', certificate.serialNumber],
    ['SHA-256', certificate.fingerprintSha256],
    ['CA', certificate.caId],
    ['endpoints', certificate.endpointIds.join(', ')],
    ['valid', `${momentOf(certificate.notBefore)} to ${momentOf(certificate.notAfter)}`],
    ['renewable from', certificate.renewableFrom && momentOf(certificate.renewableFrom)],
    ['renews', certificate.predecessorId],
    ['renewed by', certificate.successorId],
    ['issued', certificate.issuedAt === undefined ? undefined : momentOf(certificate.issuedAt)],
    ['last used', certificate.lastUsedAt === undefined ? 'never' : momentOf(certificate.lastUsedAt)],
    [
      'revoked',
      revocation && `${momentOf(revocation.revocationDate)}, ${revocation.reason}, by ${revocation.by}`,
    ],
  ]);
}
