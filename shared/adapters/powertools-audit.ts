import type { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';
import type { Audit } from '../ports/audit.ts';

/** Stands for a quota that is not in sight, so that an alarm sees good news too. */
const FAR_AWAY_DAYS = 9_999;

/** The audit trail as log lines with a constant phrase, and a metric for each thing an operator counts. */
export function powertoolsAudit(logger: Logger, metrics: Metrics): Audit {
  const note = (phrase: string, facts: object): void => logger.info(phrase, { audit: true, ...facts });
  const count = (name: string): void => void metrics.addMetric(name, MetricUnit.Count, 1);
  const noteAndCount = (phrase: string, metric: string) => (facts: object) => {
    note(phrase, facts);
    count(metric);
  };
  return {
    certificateIntended: (facts) => note('certificate intended', facts),
    certificateIssued: noteAndCount('certificate issued', 'CertificatesIssued'),
    certificateRevoked: noteAndCount('certificate revoked', 'CertificatesRevoked'),
    holderTold: noteAndCount('holder told', 'HoldersTold'),
    operatorsTold: noteAndCount('operators told', 'OperatorsTold'),
    revocationUndone: noteAndCount('revocation undone', 'RevocationsUndone'),
    eventReceived: noteAndCount('event received', 'EventsReceived'),
    eventIgnored: noteAndCount('event ignored', 'EventsIgnored'),
    personDenied: noteAndCount('person denied', 'PeopleDenied'),
    offboardingPlanned: noteAndCount('offboarding planned', 'OffboardingsPlanned'),
    planCancelled: noteAndCount('plan cancelled', 'PlansCancelled'),
    personReinstated: noteAndCount('person reinstated', 'PeopleReinstated'),
    connectionDecided(facts) {
      note('connection decided', facts);
      count(facts.allowed ? 'ConnectionsAllowed' : 'ConnectionsRefused');
      if (facts.observed !== undefined) count('ConnectionsObserved');
    },
    connectionTerminated: noteAndCount('connection terminated', 'ConnectionsTerminated'),
    publicationDecided: (facts) => note('publication decided', facts),
    publicationRequested: (facts) => note('publication requested', facts),
    crlIntended: (facts) => note('crl intended', facts),
    crlSigned(facts) {
      note('crl signed', facts);
      metrics.addMetric('CrlEntries', MetricUnit.Count, facts.entries);
    },
    crlMerged: (facts) => note('crl merged', facts),
    quotaForecast(facts) {
      note('quota forecast', facts);
      metrics.addMetric('CrlQuotaDays', MetricUnit.Count, facts.daysLeft ?? FAR_AWAY_DAYS);
    },
    crlConfirmed: noteAndCount('crl confirmed', 'CrlsConfirmed'),
    authoritySigned: (facts) => note('authority signed', facts),
    serverCertificateIntended: (facts) => note('server certificate intended', facts),
    serverCertificateSigned: (facts) => note('server certificate signed', facts),
    serverCertificateImported: (facts) => note('server certificate imported', facts),
    serverCertificateRenewed: noteAndCount('server certificate renewed', 'ServerCertificatesRenewed'),
    authorityLifeSeen: daysLeftAs(metrics, 'CaDaysLeft'),
    serverCertificateLifeSeen: daysLeftAs(metrics, 'ServerCertificateDaysLeft'),
    signatureRecorded: () => count('SignaturesRecorded'),
    incidentOpened(facts) {
      // An alarm on this metric pages the operators at once.
      logger.error('incident opened', { audit: true, ...facts });
      count('IncidentsOpened');
    },
    surgeSettled: noteAndCount('surge settled', 'SurgesSettled'),
    surgeDecided: (facts) => note('surge decided', facts),
    leaversExpected: (facts) => note('leavers expected', facts),
    ...reconciliationAudit(note, count),
    incidentResolved: noteAndCount('incident resolved', 'IncidentsResolved'),
  };
}

const daysLeftAs =
  (metrics: Metrics, name: string) =>
  ({ daysLeft }: { readonly daysLeft: number }): void => {
    metrics.addMetric(name, MetricUnit.Count, daysLeft);
  };

const reconciliationAudit = (
  note: (phrase: string, facts: object) => void,
  count: (name: string) => void,
): Pick<Audit, 'reconciliationRequested' | 'reconciliationStarted' | 'reconciliationEnded'> => ({
  reconciliationRequested: (facts) => note('reconciliation requested', facts),
  reconciliationStarted: (facts) => note('reconciliation started', facts),
  reconciliationEnded(facts) {
    note('reconciliation ended', facts);
    count(facts.outcome === 'done' ? 'ReconciliationsDone' : 'ReconciliationsFailed');
  },
});
