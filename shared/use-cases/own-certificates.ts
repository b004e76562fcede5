import { personRefusal } from '../domain/access.ts';
import { assertEmployee, enrolmentRefusal, type AccessPolicy, type Caller } from '../domain/caller.ts';
import { parseCertificateId } from '../domain/certificate-id.ts';
import { stateOf, type CertificateRecord } from '../domain/certificate-record.ts';
import type { Endpoint } from '../domain/endpoint.ts';
import { quotaOf, type EnrolmentPolicy, type Quota } from '../domain/enrolment-policy.ts';
import { DomainError, type ErrorCode } from '../domain/errors.ts';
import { issuingCaIdOf } from '../domain/issuing.ts';
import type { Person } from '../domain/person.ts';
import { composeProfile } from '../domain/profile.ts';
import { secondsFrom } from '../domain/time.ts';
import { pemFrom } from '../domain/x509/pem.ts';
import type { CertificateStore } from '../ports/certificate-store.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';
import { registerPerson, type RegisterPersonDeps } from './register-person.ts';

export interface OwnCertificatesDeps extends RegisterPersonDeps {
  readonly certificates: CertificateStore;
  readonly endpoints: EndpointStore;
  readonly access: AccessPolicy;
  readonly enrolment: EnrolmentPolicy;
  /** In the order in which they issue. */
  readonly issuingCaIds: readonly string[];
}

export interface AboutMe {
  readonly person: Person;
  readonly certificates: readonly CertificateRecord[];
  readonly endpoints: readonly Endpoint[];
  /** Where new certificates come from; absent where there is no endpoint yet. */
  readonly issuingCaId?: string;
  readonly quota: Quota;
  /** Why the caller may not enrol. */
  readonly refusal?: { readonly code: ErrorCode; readonly detail: string };
}

/**
 * Who the caller is to the portal, what she has, and whether she may enrol and if not why.
 *
 * @throws DomainError notAllowed
 */
export async function describeCaller(deps: OwnCertificatesDeps, caller: Caller): Promise<AboutMe> {
  assertEmployee(caller, deps.access);
  // Who may not enrol claims no names, and is not written down.
  const stranger = enrolmentRefusal(caller, deps.access);
  const { person, refusal } =
    stranger === undefined
      ? await registerPerson(deps, caller)
      : { person: (await deps.people.find(caller.personId)) ?? unregistered(caller), refusal: stranger };
  const [certificates, endpoints] = await Promise.all([
    deps.certificates.listByPerson(person.personId),
    deps.endpoints.list(),
  ]);
  const quota = quotaOf(certificates, deps.enrolment, secondsFrom(deps.clock.now()));
  const issuingCaId = issuingCaIdOf(deps.issuingCaIds, endpoints);
  const denial = personRefusal(person);
  const reason =
    denial === undefined
      ? (refusal ?? quotaRefusal(quota))
      : new DomainError('personDenied', `your VPN access has ended or is held (${denial})`);
  return {
    person,
    certificates,
    endpoints,
    ...(issuingCaId === undefined ? {} : { issuingCaId }),
    quota,
    ...(reason === undefined ? {} : { refusal: { code: reason.code, detail: reason.message } }),
  };
}

const unregistered = ({ personId, issuer, subject, login, email }: Caller): Person => ({
  personId,
  issuer,
  subject,
  login,
  ...(email === undefined ? {} : { email }),
  aliases: [],
  denials: [],
  enrolments: 0,
  createdAt: 0,
});

function quotaRefusal(quota: Quota): DomainError | undefined {
  if (quota.retryAt !== undefined)
    return new DomainError('rateLimited', 'too many certificates were issued to you');
  return quota.live >= quota.deviceQuota
    ? new DomainError('certificateLimitReached', 'revoke a certificate of a device that you no longer use')
    : undefined;
}

/**
 * The caller's own certificates, oldest first.
 *
 * @throws DomainError notAllowed
 */
export async function listOwnCertificates(
  { certificates, access }: Pick<OwnCertificatesDeps, 'certificates' | 'access'>,
  caller: Caller,
): Promise<CertificateRecord[]> {
  assertEmployee(caller, access);
  return certificates.listByPerson(caller.personId);
}

/**
 * One of the caller's own certificates. Absent, malformed and another person's are answered alike.
 *
 * @throws DomainError notAllowed, certificateNotFound
 */
export async function findOwnCertificate(
  { certificates, access }: Pick<OwnCertificatesDeps, 'certificates' | 'access'>,
  caller: Caller,
  idText: string,
): Promise<CertificateRecord> {
  assertEmployee(caller, access);
  const id = parseCertificateId(idText);
  const record = id === undefined ? undefined : await certificates.find(id);
  if (record?.personId !== caller.personId) {
    throw new DomainError('certificateNotFound', 'you have no certificate with this id');
  }
  return record;
}

/**
 * The OpenVPN profile of one of the caller's own certificates, with a marked place for the key.
 *
 * @param endpointId one of the certificate's endpoints; the first when undefined
 * @throws DomainError notAllowed, certificateNotFound, certificateNotActive, endpointNotFound
 */
export async function ownProfile(
  deps: Pick<OwnCertificatesDeps, 'certificates' | 'access' | 'endpoints' | 'clock'>,
  caller: Caller,
  idText: string,
  endpointId?: string,
): Promise<string> {
  const record = await findOwnCertificate(deps, caller, idText);
  const state = stateOf(record, secondsFrom(deps.clock.now()));
  if (state !== 'active' || record.issued === undefined) {
    throw new DomainError(
      'certificateNotActive',
      `the certificate is ${state}; a profile of it would not connect`,
    );
  }
  return profileOf(deps.endpoints, { ...record, issued: record.issued }, endpointId);
}

/**
 * The profile of an issued certificate, for one of its endpoints: the one that is wanted, else the first that the
 * portal looks after.
 *
 * @throws DomainError endpointNotFound
 */
export async function profileOf(
  endpoints: Pick<EndpointStore, 'find'>,
  record: CertificateRecord & Required<Pick<CertificateRecord, 'issued'>>,
  wanted?: string,
): Promise<string> {
  const ids = record.endpointIds.filter((id) => wanted === undefined || id === wanted);
  for (const endpointId of ids) {
    const endpoint = await endpoints.find(endpointId);
    if (endpoint?.clientConfiguration === undefined || endpoint.retiredAt !== undefined) continue;
    return composeProfile({
      clientConfiguration: endpoint.clientConfiguration,
      certificatePem: pemFrom('CERTIFICATE', record.issued.certificateDer),
    });
  }
  throw new DomainError(
    'endpointNotFound',
    wanted === undefined || ids.length > 0
      ? 'the endpoint of this certificate has no configuration'
      : `this certificate is not for ${wanted}; its endpoints are listed`,
  );
}
