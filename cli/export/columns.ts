import type * as z from 'zod';
import type { exportedCertificateView, offboardingView } from '../../shared/http/api/administration.ts';
import type { CellValue } from './csv.ts';

/*
 * The columns of the exports. Their names and order are promised (docs/cli.md): new ones go to the end.
 */

export type ExportedCertificate = z.infer<typeof exportedCertificateView>;
export type ExportedOffboarding = z.infer<typeof offboardingView>;

/** A column: its name and what it says of a record. */
export type Columns<Value> = Readonly<Record<string, (record: Value) => CellValue>>;

export const CERTIFICATE_COLUMNS: Columns<ExportedCertificate> = {
  certificateId: (one) => one.certificateId,
  serialNumber: (one) => one.serialNumber,
  personId: (one) => one.personId,
  commonName: (one) => one.commonName,
  deviceName: (one) => one.deviceName,
  caId: (one) => one.caId,
  state: (one) => one.state,
  issuedAt: (one) => one.issuedAt,
  notBefore: (one) => one.notBefore,
  notAfter: (one) => one.notAfter,
  revocationDate: (one) => one.revocation?.revocationDate,
  revocationReason: (one) => one.revocation?.reason,
  revokedBy: (one) => one.revocation?.by,
  lastUsedAt: (one) => one.lastUsedAt,
  endpointIds: (one) => one.endpointIds,
  fingerprintSha256: (one) => one.fingerprintSha256,
};

type Step = ExportedOffboarding['timeline'][number];

const stepsOf = ({ timeline }: ExportedOffboarding, step: Step['step']): Step[] =>
  timeline.filter((one) => one.step === step);

/** When a step was done last: where it is done at several endpoints, then it is done. */
const lastOf =
  (step: Step['step']) =>
  (record: ExportedOffboarding): string | undefined =>
    stepsOf(record, step)
      .map(({ at }) => at)
      .sort()
      .at(-1);

export const OFFBOARDING_COLUMNS: Columns<ExportedOffboarding> = {
  offboardingId: (one) => one.offboardingId,
  personId: (one) => one.personId,
  source: (one) => one.source,
  kind: (one) => one.kind,
  state: (one) => one.state,
  actor: (one) => one.actor,
  comment: (one) => one.comment,
  eventId: (one) => one.eventId,
  eventAt: lastOf('event'),
  receivedAt: lastOf('received'),
  deniedAt: lastOf('denied'),
  revokedAt: lastOf('revoked'),
  revokedCertificates: (one) => one.revokedCertificates,
  terminatedConnections: (one) => stepsOf(one, 'terminated').length,
  cutAt: lastOf('cut'),
  publishedAt: lastOf('published'),
  crlNumbers: (one) =>
    stepsOf(one, 'published').flatMap(({ crlNumber }) =>
      crlNumber === undefined ? [] : [String(crlNumber)],
    ),
  liftedAt: lastOf('lifted'),
  closedAt: lastOf('closed'),
};
