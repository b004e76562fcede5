import { createPrivateKey, X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';
import { withPrivateKey } from '../../shared/domain/profile.ts';
import { issuedCertificateView } from '../../shared/http/api/certificates.ts';
import { Failure, localFailure } from '../failure.ts';
import type { PortalApi } from '../portal/api.ts';
import type { World } from '../world.ts';
import { endEnrolment, type EnrolmentTarget, type PendingEnrolment } from './pending-enrolment.ts';

const issued = z.pick(issuedCertificateView, {
  certificateId: true,
  serialNumber: true,
  commonName: true,
  deviceName: true,
  notAfter: true,
  certificate: true,
  profile: true,
});

/** With these the same key can never get its certificate, so that it need not be kept. */
const HOPELESS = [
  'alreadyRenewed',
  'badCsr',
  'badPublicKey',
  'badSignatureAlgorithm',
  'certificateNotActive',
  'certificateNotFound',
  'idempotencyKeyReused',
  'keyAlreadyDelivered',
  'malformedRequest',
  'publicKeyInUse',
];

/**
 * Asks the portal to certify the key of an enrolment, and forgets an enrolment that can never succeed.
 *
 * @returns the answer, and its profile with the key in it
 * @throws Failure
 */
export async function certify(
  world: World,
  api: PortalApi,
  path: string,
  target: EnrolmentTarget,
  pending: PendingEnrolment & { readonly isResumed: boolean },
) {
  const { idempotencyKey, body, privateKeyPem, isResumed } = pending;
  const answer = await api.post(path, body, issued, { idempotencyKey }).catch((error: unknown) => {
    if (isOver(error, isResumed)) endEnrolment(world, target);
    throw error;
  });
  assertOurs(answer.certificate, privateKeyPem);
  const { certificate: _, profile, ...facts } = answer;
  return { ...facts, profileText: withPrivateKey(profile, privateKeyPem) };
}

/** A refusal in the first attempt means that nothing was begun; later, something may have been. */
function isOver(error: unknown, isResumed: boolean): boolean {
  if (!(error instanceof Failure)) return false;
  const { status = 0, code } = error.facts;
  return HOPELESS.includes(code) || (!isResumed && status >= 400 && status < 500);
}

/** The certificate must be for the key that goes into the profile. @throws Failure */
function assertOurs(certificatePem: string, privateKeyPem: string): void {
  if (new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem))) return;
  throw localFailure('unexpectedAnswer', 'The portal answered with a certificate for another key');
}
