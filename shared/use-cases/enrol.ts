import { assertMayEnrol, type Caller } from '../domain/caller.ts';
import { DomainError } from '../domain/errors.ts';
import { withPrivateKey } from '../domain/profile.ts';
import { secondsFrom } from '../domain/time.ts';
import {
  certificationRequestDerFrom,
  parseCertificationRequest,
} from '../domain/x509/certification-request.ts';
import { pemFrom } from '../domain/x509/pem.ts';
import { buildPkcs12 } from '../domain/x509/pkcs12.ts';
import { publicKeySha256HexOf } from '../domain/x509/rsa-public-key.ts';
import type { KeyPairs } from '../ports/key-pairs.ts';
import {
  issueCertificate,
  type IssueCertificateDeps,
  type IssueCertificateRequest,
  type IssuedCertificate,
} from './issue-certificate.ts';
import { authorityOf } from './issuing.ts';
import { findOwnCertificate, profileOf } from './own-certificates.ts';

export interface EnrolDeps extends IssueCertificateDeps {
  readonly keyPairs: KeyPairs;
}

type Common = Pick<IssueCertificateRequest, 'caller' | 'deviceName' | 'idempotency' | 'renews'>;

export interface EnrolResult {
  readonly record: IssuedCertificate;
  readonly certificatePem: string;
  readonly chainPem: string;
  readonly profile: string;
  /** In this one answer only. */
  readonly privateKeyPem?: string;
  readonly pkcs12Der?: Uint8Array;
}

/**
 * Enrols with a key that stays where it was made: the request gives the public key and proves possession.
 *
 * @param request.csr PEM or base64 DER of a CertificationRequest
 * @throws DomainError badCsr, badSignatureAlgorithm, badPublicKey, and those of `issueCertificate`
 */
export async function enrolWithCsr(
  deps: EnrolDeps,
  { csr, ...common }: Common & { readonly csr: string },
): Promise<EnrolResult> {
  // Who may not enrol at all is told so before anybody looks at her key.
  assertMayCallerEnrol(deps, common.caller);
  const publicKey = parseCertificationRequest(certificationRequestDerFrom(csr));
  return present(deps, await issueCertificate(deps, { ...common, publicKey, isKeyOurs: false }));
}

/**
 * Enrols somebody who cannot make a key: it is made here, goes out in this one answer, and is kept nowhere.
 *
 * @throws DomainError malformedRequest (a PKCS #12 file without passphrase, or PEM with one), and those of `issueCertificate`
 */
export async function enrolWithServerKey(
  deps: EnrolDeps,
  {
    format,
    passphrase,
    ...common
  }: Common & { readonly format: 'pem' | 'pkcs12'; readonly passphrase?: string },
): Promise<EnrolResult> {
  assertMayCallerEnrol(deps, common.caller);
  if (format === 'pkcs12' && passphrase === undefined) {
    throw new DomainError('malformedRequest', 'a PKCS #12 file needs a passphrase', {
      faults: [{ pointer: '/passphrase', detail: 'is needed for pkcs12' }],
    });
  }
  // Who sends one expects it to protect the key.
  if (format === 'pem' && passphrase !== undefined) {
    throw new DomainError('malformedRequest', 'a key in PEM is not protected by a passphrase', {
      faults: [{ pointer: '/passphrase', detail: 'is for pkcs12 only' }],
    });
  }
  const { subjectPublicKeyInfoDer, privateKeyPem } = await deps.keyPairs.generate();
  const publicKey = {
    subjectPublicKeyInfoDer,
    publicKeySha256Hex: publicKeySha256HexOf(subjectPublicKeyInfoDer),
  };
  const issued = await issueCertificate(deps, { ...common, publicKey, isKeyOurs: true });
  const result = await present(deps, issued);
  if (format === 'pem' || passphrase === undefined) {
    return { ...result, privateKeyPem, profile: withPrivateKey(result.profile, privateKeyPem) };
  }
  const pkcs12Der = await buildPkcs12({
    privateKeyPem,
    certificateDer: issued.issued.certificateDer,
    chainDer: [(await authorityOf(deps.endpoints, issued.caId)).certificateDer],
    friendlyName: issued.deviceName,
    passphrase,
    random: deps.random,
  });
  return { ...result, pkcs12Der };
}

/**
 * What an enrolment needs to know of the certificate that it renews: whose device it is for. It must be the
 * caller's own; absent, malformed and another person's are answered alike.
 *
 * @throws DomainError notAllowed, notEntitled, signInTooOld, mfaMissing, certificateNotFound
 */
export async function renewalOf(
  deps: EnrolDeps,
  caller: Caller,
  idText: string,
): Promise<Required<Pick<IssueCertificateRequest, 'deviceName' | 'renews'>>> {
  assertMayCallerEnrol(deps, caller);
  const { deviceName, certificateId } = await findOwnCertificate(deps, caller, idText);
  return { deviceName, renews: certificateId };
}

const assertMayCallerEnrol = (deps: EnrolDeps, caller: Caller): void =>
  assertMayEnrol(caller, deps.access, secondsFrom(deps.clock.now()));

async function present(deps: EnrolDeps, record: IssuedCertificate): Promise<EnrolResult> {
  return {
    record,
    certificatePem: pemFrom('CERTIFICATE', record.issued.certificateDer),
    chainPem: pemFrom('CERTIFICATE', (await authorityOf(deps.endpoints, record.caId)).certificateDer),
    profile: await profileOf(deps.endpoints, record),
  };
}
