import { generateKeyPair, randomUUID, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { withPrivateKey } from '../../../shared/domain/profile.ts';
import { pemFrom } from '../../../shared/domain/x509/pem.ts';
import { buildCertificationRequest } from '../../../shared/domain/x509/request-builder.ts';
import { issuedCertificateView } from '../../../shared/http/api/certificates.ts';
import { promised, type Answer } from './portal-api.ts';
import { expectSeen } from './telling.ts';
import type { World } from './world.ts';

const newKeyPair = promisify(generateKeyPair);

/** An employee's laptop, with what she got for it. */
export interface Laptop {
  readonly person: string;
  /** Of the sign-in with which the certificate was asked for. */
  readonly token: string;
  readonly certificateId: string;
  readonly serialNumber: string;
  readonly commonName: string;
  /** ISO 8601. */
  readonly notAfter: string;
  readonly caCertificatePem: string;
  /** With the private key in its place. */
  readonly profileText: string;
  readonly milliseconds: number;
}

interface KeyAndRequest {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly csrPem: string;
}

/** A key that stays where it was made, and a request that proves it is there. */
export async function newKeyAndRequest(): Promise<KeyAndRequest> {
  const { publicKey, privateKey } = await newKeyPair('rsa', { modulusLength: 2048 });
  const csrDer = await buildCertificationRequest({
    subjectPublicKeyInfoDer: publicKey.export({ type: 'spki', format: 'der' }),
    sign: (certificationRequestInfoDer) => sign('sha256', certificationRequestInfoDer, privateKey),
  });
  return { publicKey, privateKey, csrPem: pemFrom('CERTIFICATE REQUEST', csrDer) };
}

/** Asks for a certificate as the holder of a token. */
export const askForCertificate = ({ api }: World, token: string, csrPem: string): Promise<Answer> =>
  api.call('POST', '/v1/certificates', {
    token,
    headers: { 'idempotency-key': randomUUID() },
    json: { csr: csrPem, deviceName: 'laptop' },
  });

/** Makes a key and a request, signs in, gets the certificate, and puts the key into the profile. */
export async function enrol(world: World, person: string): Promise<Laptop> {
  const { publicKey, privateKey, csrPem } = await newKeyAndRequest();
  const token = await world.signIn(person);
  const answer = await askForCertificate(world, token, csrPem);
  const issued = promised(issuedCertificateView, answer, 201, `a certificate for ${person}`);
  const certificate = new X509Certificate(issued.certificate);
  const caCertificate = new X509Certificate(issued.chain);
  expectSeen(
    certificate.publicKey.equals(publicKey) && certificate.verify(caCertificate.publicKey),
    `a certificate of the CA for the key of ${person}'s laptop`,
    `one for ${certificate.subject} by ${certificate.issuer}`,
  );
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    person,
    token,
    certificateId: issued.certificateId,
    serialNumber: issued.serialNumber,
    commonName: issued.commonName,
    notAfter: issued.notAfter,
    caCertificatePem: issued.chain,
    profileText: withPrivateKey(issued.profile, privateKeyPem),
    milliseconds: Math.round(answer.milliseconds),
  };
}
