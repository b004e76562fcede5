import { createHash } from 'node:crypto';
import { assertMayEnrol, type AccessPolicy, type Caller } from '../domain/caller.ts';
import { personRefusal } from '../domain/access.ts';
import {
  certificateIdFrom,
  SERIAL_NUMBER_OCTETS,
  serialNumberOf,
  type CertificateId,
} from '../domain/certificate-id.ts';
import { stateOf, type CertificateRecord } from '../domain/certificate-record.ts';
import { commonNameFor } from '../domain/common-name.ts';
import type { CertificationAuthority } from '../domain/endpoint.ts';
import { lifetimeNearQuota } from '../domain/crl-quota.ts';
import {
  assertWithinQuota,
  assertWithinRate,
  quotaOf,
  type EnrolmentPolicy,
} from '../domain/enrolment-policy.ts';
import { DomainError } from '../domain/errors.ts';
import { isDenied, type Person } from '../domain/person.ts';
import { assertRenewable, renewableFromOf } from '../domain/renewal.ts';
import { SECONDS_PER_DAY, secondsFrom, type EpochSeconds } from '../domain/time.ts';
import { readCaFacts } from '../domain/x509/ca-facts.ts';
import { assembleCertificate, buildTbsCertificate, leafValidity } from '../domain/x509/certificate.ts';
import { assertCertificateLints } from '../domain/x509/certificate-lints.ts';
import type { Audit } from '../ports/audit.ts';
import type { CertificateStore, Idempotency } from '../ports/certificate-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';
import type { RandomOctets } from '../ports/random.ts';
import type { Signer } from '../ports/signer.ts';
import { authorityOf, readIssuing, type Issuing, type IssuingDeps } from './issuing.ts';
import { registerPerson, type RegisterPersonDeps } from './register-person.ts';
import { signVerified } from './sign-verified.ts';

export interface CertificateProfilePolicy {
  readonly organization: string;
  readonly lifetimeSeconds: number;
  /** The last part of a certificate's life, in which it can be renewed. */
  readonly renewalWindowPercent: number;
  readonly nameThePerson: boolean;
  readonly nameTheEmail: boolean;
}

export interface IssueCertificateDeps extends RegisterPersonDeps, IssuingDeps {
  readonly certificates: CertificateStore;
  readonly endpoints: EndpointStore;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly random: RandomOctets;
  readonly audit: Audit;
  readonly access: AccessPolicy;
  readonly enrolment: EnrolmentPolicy;
  readonly profile: CertificateProfilePolicy;
}

export interface IssueCertificateRequest {
  readonly caller: Caller;
  readonly deviceName: string;
  /** The key whose possession was proved, or that was made for the caller. */
  readonly publicKey: { readonly subjectPublicKeyInfoDer: Uint8Array; readonly publicKeySha256Hex: string };
  readonly idempotency?: { readonly key: string; readonly requestSha256Hex: string };
  /** The private key was made here: an answer that was given cannot be given again. */
  readonly isKeyOurs: boolean;
  /** The caller's own certificate that this one is to replace. */
  readonly renews?: CertificateId;
}

export type IssuedCertificate = CertificateRecord & Required<Pick<CertificateRecord, 'issued'>>;

const RESERVE_ATTEMPTS = 5;
const sha256Hex = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

/**
 * Issues a certificate for the caller's key: the store knows it first, with the very octets to be signed; then it
 * is signed; then the signature is recorded. Whoever dies in between can come again with the same key.
 *
 * @throws DomainError notAllowed, notEntitled, signInTooOld, aliasUnderReview, aliasMissing, personDenied,
 *   publicKeyInUse, rateLimited, certificateLimitReached, idempotencyKeyReused, keyAlreadyDelivered, tryAgain;
 *   for a renewal also certificateNotActive, alreadyRenewed, renewalTooEarly
 */
export async function issueCertificate(
  deps: IssueCertificateDeps,
  request: IssueCertificateRequest,
): Promise<IssuedCertificate> {
  const now = secondsFrom(deps.clock.now());
  assertMayEnrol(request.caller, deps.access, now);
  const { person, refusal } = await registerPerson(deps, request.caller);
  assertNotDenied(person);
  if (refusal !== undefined) throw refusal;
  const issuing = await readIssuing(deps);
  const earlier = await findEarlier(deps, request, person);
  const record = earlier ?? (await reserve(deps, request, person, issuing));
  if (record.issued !== undefined) return { ...record, issued: record.issued };
  // What is reserved names its issuer, whichever CA issues by now.
  const isOfIssuing = record.caId === issuing.authority.caId;
  const issuer = isOfIssuing ? issuing.authority : await authorityOf(deps.endpoints, record.caId);
  return sign(deps, record, issuer);
}

function assertNotDenied(person: Person): void {
  if (isDenied(person)) {
    throw new DomainError('personDenied', `your VPN access has ended or is held (${personRefusal(person)})`);
  }
}

/** What this very request did before: the same idempotency key, or the same key of an unfinished certificate. */
async function findEarlier(
  deps: IssueCertificateDeps,
  request: IssueCertificateRequest,
  person: Person,
): Promise<CertificateRecord | undefined> {
  const { idempotency } = request;
  // Before the idempotency key: both are written at once, so whoever sees this one sees the other too, and the same
  // request sent twice is not taken for another that has its key.
  const holder = await deps.certificates.findByPublicKey(request.publicKey.publicKeySha256Hex);
  if (idempotency !== undefined) {
    const known = await deps.certificates.findIdempotent(person.personId, idempotency.key);
    if (known !== undefined) {
      if (known.requestSha256Hex !== idempotency.requestSha256Hex) {
        throw new DomainError('idempotencyKeyReused', 'this Idempotency-Key was used for another request');
      }
      const record = await deps.certificates.find(known.certificateId);
      if (request.isKeyOurs && record?.issued === undefined) {
        throw new DomainError(
          'certificateNotActive',
          'that request was not completed and its key is gone; ask again with a new Idempotency-Key',
        );
      }
      if (request.isKeyOurs) {
        throw new DomainError(
          'keyAlreadyDelivered',
          'the private key of that request was in its one answer; revoke that certificate and ask again with a new Idempotency-Key',
        );
      }
      if (record !== undefined) return assertResumable(record, deps);
    }
  }
  if (holder === undefined) return undefined;
  const isUnfinished =
    holder.personId === person.personId &&
    holder.issued === undefined &&
    holder.predecessorId === request.renews;
  if (!isUnfinished || holder.revocation !== undefined) throw publicKeyInUse();
  return assertResumable(holder, deps);
}

function assertResumable(record: CertificateRecord, { clock }: IssueCertificateDeps): CertificateRecord {
  const state = stateOf(record, secondsFrom(clock.now()));
  if (state === 'revoked' || state === 'expired') {
    throw new DomainError('certificateNotActive', `that request's certificate is ${state}; use a new key`);
  }
  return record;
}

const publicKeyInUse = (): DomainError =>
  new DomainError(
    'publicKeyInUse',
    'this key was certified before (your own certificates are listed); make a new key for each certificate',
  );

/** Makes the certificate known to the store, with everything that will be signed. */
async function reserve(
  deps: IssueCertificateDeps,
  request: IssueCertificateRequest,
  registered: Person,
  issuing: Issuing,
): Promise<CertificateRecord> {
  let person = registered;
  for (let attempt = 0; attempt < RESERVE_ATTEMPTS; attempt += 1) {
    const now = secondsFrom(deps.clock.now());
    const successorSeen = await assertRoom(deps, request, person, { now, caId: issuing.authority.caId });
    const record = draft(deps, request, person, issuing, now);
    const outcome = await deps.certificates.reserve(record, {
      enrolmentsSeen: person.enrolments,
      ...(successorSeen === undefined ? {} : { successorSeen }),
      ...idempotencyOf(request, now),
    });
    switch (outcome) {
      case 'reserved':
        deps.audit.certificateIntended({
          personId: person.personId,
          certificateId: record.certificateId,
          tbsSha256Hex: sha256Hex(record.tbsCertificateDer),
        });
        return record;
      case 'publicKeyInUse':
      case 'idempotencyKeyUsed': {
        // Somebody was faster: perhaps this same request, sent twice.
        const earlier = await findEarlier(deps, request, person);
        if (earlier !== undefined) return earlier;
        break;
      }
      case 'personDenied':
      case 'raced':
      case 'predecessorChanged':
      case 'certificateIdInUse':
        break;
    }
    person = (await deps.people.find(person.personId)) ?? person;
    assertNotDenied(person);
  }
  throw new DomainError('tryAgain', 'too much at once for this person; try again', { retryAfterSeconds: 2 });
}

/**
 * A renewal takes no place from another device, but counts as an issue.
 *
 * @returns the successor that the certificate to be renewed has, which is over or was never issued
 */
async function assertRoom(
  { certificates, enrolment }: IssueCertificateDeps,
  { renews }: IssueCertificateRequest,
  person: Person,
  { now, caId }: { readonly now: EpochSeconds; readonly caId: string },
): Promise<CertificateId | undefined> {
  const all = await certificates.listByPerson(person.personId);
  const quota = quotaOf(all, enrolment, now);
  if (renews === undefined) {
    assertWithinQuota(quota, now);
    return undefined;
  }
  const record = all.find(({ certificateId }) => certificateId === renews);
  if (record === undefined)
    throw new DomainError('certificateNotFound', 'you have no certificate with this id');
  const successor = all.find(({ certificateId }) => certificateId === record.successorId);
  assertRenewable(record, successor, { now, issuingCaId: caId });
  assertWithinRate(quota, now);
  return successor?.certificateId;
}

function idempotencyOf(request: IssueCertificateRequest, now: EpochSeconds): { idempotency?: Idempotency } {
  if (request.idempotency === undefined) return {};
  return { idempotency: { ...request.idempotency, expiresAt: now + SECONDS_PER_DAY } };
}

function draft(
  { profile, random }: IssueCertificateDeps,
  request: IssueCertificateRequest,
  person: Person,
  { authority, endpoints }: Issuing,
  now: EpochSeconds,
): CertificateRecord {
  const certificateId = certificateIdFrom(random(SERIAL_NUMBER_OCTETS));
  const serialNumber = serialNumberOf(certificateId);
  const commonName = commonNameFor(certificateId, person.login);
  const issuer = readCaFacts(authority.certificateDer);
  const jitterFraction = Buffer.from(random(4)).readUInt32BE(0) / 2 ** 32;
  const entries = Math.max(...endpoints.map(({ crl }) => crl?.entries ?? 0));
  const { notBefore, notAfter } = leafValidity({
    now,
    lifetimeSeconds: lifetimeNearQuota(profile.lifetimeSeconds, entries),
    jitterFraction,
    caNotAfter: issuer.notAfter,
  });
  const tbsCertificateDer = buildTbsCertificate({
    serialNumber,
    issuer,
    commonName,
    organization: profile.organization,
    ...(profile.nameThePerson ? { personId: person.personId } : {}),
    ...(profile.nameTheEmail && person.email !== undefined ? { email: person.email } : {}),
    subjectPublicKeyInfoDer: request.publicKey.subjectPublicKeyInfoDer,
    notBefore,
    notAfter,
  });
  return {
    certificateId,
    serialNumber,
    personId: person.personId,
    caId: authority.caId,
    endpointIds: endpoints.map(({ endpointId }) => endpointId),
    commonName,
    deviceName: request.deviceName,
    publicKeySha256Hex: request.publicKey.publicKeySha256Hex,
    notBefore,
    notAfter,
    renewableFrom: renewableFromOf({ notBefore, notAfter }, profile.renewalWindowPercent),
    reservedAt: now,
    ...(request.renews === undefined ? {} : { predecessorId: request.renews }),
    tbsCertificateDer,
  };
}

/** Signs what was reserved and records it. PKCS #1 v1.5 signs alike each time, so doing it twice is harmless. */
async function sign(
  deps: IssueCertificateDeps,
  record: CertificateRecord,
  authority: CertificationAuthority,
): Promise<IssuedCertificate> {
  const { tbsCertificateDer } = record;
  const issuer = readCaFacts(authority.certificateDer);
  assertCertificateLints(tbsCertificateDer, issuer);
  const signature = await signVerified(deps.signer, { ...issuer, keyId: authority.keyId }, tbsCertificateDer);
  const certificateDer = assembleCertificate(tbsCertificateDer, signature);
  const issued = {
    issuedAt: secondsFrom(deps.clock.now()),
    certificateDer,
    fingerprintSha256Hex: sha256Hex(certificateDer),
  };
  const outcome = await deps.certificates.markIssued(record, issued);
  // Refused or not: its octets were reserved, and the store said what became of them.
  deps.audit.signatureRecorded();
  if (outcome === 'personDenied')
    throw new DomainError('personDenied', 'your VPN access has ended or is held');
  if (outcome === 'revoked')
    throw new DomainError('certificateNotActive', 'the certificate was revoked meanwhile');
  if (outcome === 'displaced')
    throw new DomainError('alreadyRenewed', 'another renewal of that certificate took the place of this one');
  if (outcome === 'issued') {
    deps.audit.certificateIssued({
      personId: record.personId,
      certificateId: record.certificateId,
      serialNumber: record.serialNumber,
      fingerprintSha256Hex: issued.fingerprintSha256Hex,
      notAfter: record.notAfter,
    });
  }
  return { ...record, issued };
}
