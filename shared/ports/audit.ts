import type { CertificateId, SerialNumber } from '../domain/certificate-id.ts';
import type { PersonId, SourceId } from '../domain/identity.ts';
import type { IncidentKind } from '../domain/incident.ts';
import type { DenialKind } from '../domain/person.ts';
import type { EpochMilliseconds, EpochSeconds } from '../domain/time.ts';

/** Whoever acts: a person, a source of events, or the portal itself on its schedule. */
export type Actor = PersonId | SourceId | 'portal';

/**
 * One method per security event. Pairs stand around each signature: the intent, then the result with its hash.
 * Nothing here names a person but by id.
 */
export interface Audit {
  certificateIntended(facts: {
    personId: PersonId;
    certificateId: CertificateId;
    tbsSha256Hex: string;
  }): void;
  certificateIssued(facts: {
    personId: PersonId;
    certificateId: CertificateId;
    serialNumber: SerialNumber;
    fingerprintSha256Hex: string;
    notAfter: EpochSeconds;
  }): void;
  certificateRevoked(facts: { actor: Actor; certificateId: CertificateId; reason: string }): void;
  /** Somebody was written to, in her own matter. */
  holderTold(facts: { personId: PersonId; certificateId: CertificateId; of: 'issue' | 'end' }): void;
  /** Operators were written to. */
  operatorsTold(facts: { of: 'happened' | 'failing'; count: number }): void;
  revocationUndone(facts: { actor: Actor; certificateId: CertificateId }): void;
  eventReceived(facts: { source: SourceId; eventId: string; kind: string; outcome: string }): void;
  /** Of a kind that says nothing about anybody's access. */
  eventIgnored(facts: { source: SourceId; type: string }): void;
  personDenied(facts: { actor: Actor; personId: PersonId; kind: DenialKind; offboardingId: string }): void;
  /** A last day that lies ahead was written down, changed or taken back; nobody is denied yet. */
  offboardingPlanned(facts: {
    actor: Actor;
    source: SourceId;
    planId: string;
    effectiveAt: EpochMilliseconds;
  }): void;
  planCancelled(facts: { actor: Actor; source: SourceId; planId: string }): void;
  personReinstated(facts: { actor: Actor; personId: PersonId; lifted: number }): void;
  connectionDecided(facts: {
    endpointId: string;
    connectionId: string;
    certificateId: CertificateId | undefined;
    personId: PersonId | undefined;
    allowed: boolean;
    cause: string | undefined;
    /** What an enforcing gate would have refused it for. */
    observed: string | undefined;
  }): void;
  connectionTerminated(facts: {
    endpointId: string;
    connectionId: string;
    certificateId: CertificateId | undefined;
    personId: PersonId | undefined;
    cause: string;
  }): void;
  publicationDecided(facts: { endpointId: string; publish: boolean; reason: string }): void;
  publicationRequested(facts: { actor: Actor; endpointId: string }): void;
  crlIntended(facts: { caId: string; crlNumber: number; entries: number; tbsSha256Hex: string }): void;
  crlSigned(facts: { caId: string; crlNumber: number; entries: number; sha256Hex: string }): void;
  crlMerged(facts: { endpointId: string; sha256Hex: string; merged: number }): void;
  /** @param facts.daysLeft until the quota is reached; undefined where it is not in sight */
  quotaForecast(facts: {
    caId: string;
    entries: number;
    liveCertificates: number;
    daysLeft: number | undefined;
  }): void;
  crlConfirmed(facts: { endpointId: string; crlNumber: number; sha256Hex: string }): void;
  /** A CA certificate of ours that the store keeps. */
  authoritySigned(facts: { caId: string; fingerprintSha256Hex: string; notAfter: EpochSeconds }): void;
  serverCertificateIntended(facts: { caId: string; serialNumber: SerialNumber; tbsSha256Hex: string }): void;
  serverCertificateSigned(facts: {
    caId: string;
    serialNumber: SerialNumber;
    fingerprintSha256Hex: string;
    notAfter: EpochSeconds;
  }): void;
  serverCertificateImported(facts: { caId: string; serialNumber: SerialNumber; arn: string }): void;
  serverCertificateRenewed(facts: {
    caId: string;
    serialNumber: SerialNumber;
    arn: string;
    reason: string;
  }): void;
  /** How many whole days a CA, and the certificate that its endpoints show, still last; below 0 it has ended. */
  authorityLifeSeen(facts: { caId: string; daysLeft: number }): void;
  serverCertificateLifeSeen(facts: { caId: string; daysLeft: number }): void;
  /** The store knows what became of a signature: counted against what KMS was asked for. */
  signatureRecorded(): void;
  surgeSettled(facts: { actor: Actor; source: SourceId; decision: string; people: number }): void;
  surgeDecided(facts: { actor: Actor; source: SourceId; decision: string; since: EpochMilliseconds }): void;
  leaversExpected(facts: { actor: Actor; source: SourceId; people: number; until: EpochMilliseconds }): void;
  reconciliationRequested(facts: { actor: Actor; mode: string; dryRun: boolean }): void;
  reconciliationStarted(facts: { actor: Actor; runId: string; reason: string; mode: string }): void;
  /** @param facts.gone people with live certificates whom the directory no longer has */
  reconciliationEnded(facts: {
    runId: string;
    outcome: 'done' | 'failed';
    entries: number;
    compared: number;
    gone: number;
  }): void;
  incidentOpened(facts: { incidentId: string; kind: IncidentKind; words: string }): void;
  incidentResolved(facts: { actor: Actor; incidentId: string; decision: string }): void;
}
