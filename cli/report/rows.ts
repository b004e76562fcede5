import type { Columns } from '../export/columns.ts';
import type { Leaver, Report } from './figures.ts';

/** An offboarding of the month, or an event of any month that is nobody's yet. */
type Row = Pick<Leaver, 'source' | 'kind' | 'state' | 'receivedAt' | 'incidentId'> & Partial<Leaver>;

export const rowsOf = ({ leavers, unresolved }: Pick<Report, 'leavers' | 'unresolved'>): Row[] => [
  ...leavers,
  ...unresolved.map(({ incidentId, source, kind, openedAt }): Row => ({
    source,
    kind,
    state: 'unresolved',
    receivedAt: openedAt,
    incidentId,
  })),
];

/** Their names and order are promised (docs/cli.md): new ones go to the end. */
export const REPORT_COLUMNS: Columns<Row> = {
  offboardingId: (one) => one.offboardingId,
  personId: (one) => one.personId,
  source: (one) => one.source,
  kind: (one) => one.kind,
  state: (one) => one.state,
  receivedAt: (one) => one.receivedAt,
  deniedAfterMilliseconds: (one) => one.after?.denied,
  cutAfterMilliseconds: (one) => one.after?.cut,
  publishedAfterMilliseconds: (one) => one.after?.published,
  terminatedConnections: (one) => one.terminatedConnections,
  unresolvedIncidentId: (one) => one.incidentId,
};
