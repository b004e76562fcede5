import { decideAccess, type Access } from '../../domain/access.ts';
import { signInNamesOf } from '../../domain/gate-policy.ts';
import { assertMayRead, type AccessPolicy, type Caller } from '../../domain/caller.ts';
import {
  certificateIdsFromSerial,
  parseCertificateId,
  type CertificateId,
} from '../../domain/certificate-id.ts';
import type { CertificateRecord } from '../../domain/certificate-record.ts';
import { certificateIdOfCommonName } from '../../domain/common-name.ts';
import type { Endpoint } from '../../domain/endpoint.ts';
import { DomainError } from '../../domain/errors.ts';
import { parsePersonId, type Alias, type PersonId } from '../../domain/identity.ts';
import type { Incident } from '../../domain/incident.ts';
import type { OffboardingRecord } from '../../domain/offboarding.ts';
import type { PlannedOffboarding } from '../../domain/planned-offboarding.ts';
import type { Person } from '../../domain/person.ts';
import { secondsFrom } from '../../domain/time.ts';
import type { CertificateStore } from '../../ports/certificate-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EndpointStore } from '../../ports/endpoint-store.ts';
import type { NotedReturn, OffboardingStore } from '../../ports/offboarding-store.ts';
import type { PersonStore } from '../../ports/person-store.ts';
import type { RevocationStore } from '../../ports/revocation-store.ts';
import { assertCallerInGoodStanding } from './standing.ts';

export interface AdministrationReadDeps {
  readonly people: PersonStore;
  readonly certificates: CertificateStore;
  readonly offboardings: OffboardingStore;
  readonly endpoints: EndpointStore;
  readonly revocations: Pick<RevocationStore, 'listPending'>;
  readonly clock: Clock;
  readonly access: AccessPolicy;
}

export interface PersonDetails {
  readonly person: Person;
  readonly certificates: readonly CertificateRecord[];
  readonly planned: readonly PlannedOffboarding[];
}

async function assertReader(deps: AdministrationReadDeps, caller: Caller): Promise<void> {
  assertMayRead(caller, deps.access);
  await assertCallerInGoodStanding(deps.people, caller);
}

const personNotFound = (): DomainError => new DomainError('personNotFound', 'no person is known by that');

/** @throws DomainError notAllowed, personNotFound */
export async function findPerson(
  deps: AdministrationReadDeps,
  caller: Caller,
  by: { readonly personId: string } | { readonly alias: Alias },
): Promise<PersonDetails> {
  await assertReader(deps, caller);
  const personId =
    'alias' in by ? (await deps.people.findAliasOwner(by.alias))?.personId : parsePersonId(by.personId);
  if (personId === undefined) throw personNotFound();
  return personDetails(deps, personId);
}

async function personDetails(deps: AdministrationReadDeps, personId: PersonId): Promise<PersonDetails> {
  const person = await deps.people.find(personId);
  if (person === undefined) throw personNotFound();
  return {
    person,
    certificates: await deps.certificates.listByPerson(personId),
    planned: await deps.offboardings.listPlansOf(person),
  };
}

/**
 * A certificate by whatever the administrator has at hand: id, serial number in hex or decimal, common name, or
 * SHA-256 fingerprint.
 *
 * @throws DomainError notAllowed, certificateNotFound
 */
export async function findCertificate(
  deps: AdministrationReadDeps,
  caller: Caller,
  text: string,
): Promise<{ certificate: CertificateRecord; person: Person | undefined }> {
  await assertReader(deps, caller);
  const certificate = await lookUp(deps, text.trim());
  if (certificate === undefined) {
    throw new DomainError(
      'certificateNotFound',
      'no certificate has this id, serial number, name or fingerprint',
    );
  }
  return { certificate, person: await deps.people.find(certificate.personId) };
}

async function lookUp(deps: AdministrationReadDeps, text: string): Promise<CertificateRecord | undefined> {
  const candidates = [
    parseCertificateId(text),
    certificateIdOfCommonName(text),
    ...certificateIdsFromSerial(text),
  ];
  for (const id of candidates.filter((candidate): candidate is CertificateId => candidate !== undefined)) {
    const record = await deps.certificates.find(id);
    if (record !== undefined) return record;
  }
  const fingerprint = text.replaceAll(':', '').toLowerCase();
  return /^[0-9a-f]{64}$/.test(fingerprint) ? deps.certificates.findByFingerprint(fingerprint) : undefined;
}

export interface Explanation {
  readonly access: Access;
  readonly endpointId: string;
  readonly certificate?: CertificateRecord;
  readonly person?: Person;
  /** Where people sign in as well: by which names this person may. */
  readonly signInNames?: readonly string[];
}

/**
 * Why a common name would be refused or let in at an endpoint, by the very rule that the gate follows.
 *
 * @throws DomainError notAllowed, endpointNotFound
 */
export async function explainCommonName(
  deps: AdministrationReadDeps,
  caller: Caller,
  {
    endpointId: wanted,
    signedInAs,
    commonName,
  }: {
    readonly commonName: string;
    readonly endpointId?: string | undefined;
    readonly signedInAs?: string | undefined;
  },
): Promise<Explanation> {
  await assertReader(deps, caller);
  const endpoints = await deps.endpoints.list();
  const endpointId = wanted ?? endpoints[0]?.endpointId;
  if (endpointId === undefined) throw new DomainError('endpointNotFound', 'no endpoint is set up');
  const id = certificateIdOfCommonName(commonName);
  const certificate = id === undefined ? undefined : await deps.certificates.find(id);
  const person = certificate === undefined ? undefined : await deps.people.find(certificate.personId);
  const judged = certificate && { ...certificate, isIssued: certificate.issued !== undefined };
  const at = secondsFrom(deps.clock.now());
  const policy = endpoints.find((endpoint) => endpoint.endpointId === endpointId)?.gatePolicy;
  const access = decideAccess(
    { commonName, endpointId, at, ...(signedInAs === undefined ? {} : { signedInAs }) },
    judged,
    person,
    policy,
  );
  return {
    access,
    endpointId,
    ...(certificate === undefined ? {} : { certificate }),
    ...(person === undefined ? {} : { person }),
    ...(person && policy?.signIn && { signInNames: signInNamesOf(person, policy.signIn.nameKind) }),
  };
}

/**
 * The offboardings that are not finished, oldest first.
 *
 * @throws DomainError notAllowed
 */
export async function listOpenOffboardings(
  deps: AdministrationReadDeps,
  caller: Caller,
): Promise<OffboardingRecord[]> {
  await assertReader(deps, caller);
  return deps.offboardings.listOpen();
}

/** @throws DomainError notAllowed, offboardingNotFound */
export async function findOffboarding(
  deps: AdministrationReadDeps,
  caller: Caller,
  offboardingId: string,
): Promise<OffboardingRecord> {
  await assertReader(deps, caller);
  const record = await deps.offboardings.find(offboardingId);
  if (record === undefined) throw new DomainError('offboardingNotFound', 'no offboarding has this id');
  return record;
}

/** @throws DomainError notAllowed */
export async function listIncidents(deps: AdministrationReadDeps, caller: Caller): Promise<Incident[]> {
  await assertReader(deps, caller);
  return deps.offboardings.listOpenIncidents();
}

/** An incident, and what sources said since of whoever has its name: that she is back. */
export interface IncidentWithReturns {
  readonly incident: Incident;
  readonly returns: readonly Pick<NotedReturn, 'source' | 'eventTime'>[];
}

/** @throws DomainError notAllowed, incidentNotFound */
export async function findIncident(
  deps: AdministrationReadDeps,
  caller: Caller,
  incidentId: string,
): Promise<IncidentWithReturns> {
  await assertReader(deps, caller);
  const incident = await deps.offboardings.findIncident(incidentId);
  if (incident === undefined) throw new DomainError('incidentNotFound', 'no incident has this id');
  const { alias } = incident;
  return { incident, returns: alias === undefined ? [] : await deps.offboardings.listNotedReturns(alias) };
}

export interface EndpointDetails {
  readonly endpoint: Endpoint;
  readonly pendingRevocations: number;
  readonly oldestPendingSince?: number;
}

/** @throws DomainError notAllowed */
export async function listEndpoints(
  deps: AdministrationReadDeps,
  caller: Caller,
): Promise<EndpointDetails[]> {
  await assertReader(deps, caller);
  const endpoints = await deps.endpoints.list();
  return Promise.all(
    endpoints.map(async (endpoint) => {
      const pending = await deps.revocations.listPending(endpoint.endpointId);
      // What was merely replaced is not waited for yet.
      const since = pending.find((one) => one.since <= deps.clock.now())?.since;
      return {
        endpoint,
        pendingRevocations: pending.length,
        ...(since === undefined ? {} : { oldestPendingSince: since }),
      };
    }),
  );
}
