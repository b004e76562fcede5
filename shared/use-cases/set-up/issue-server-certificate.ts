import { createHash } from 'node:crypto';
import { certificateIdFrom, SERIAL_NUMBER_OCTETS, serialNumberOf } from '../../domain/certificate-id.ts';
import type { SerialNumber } from '../../domain/certificate-id.ts';
import type { CertificationAuthority } from '../../domain/endpoint.ts';
import { SECONDS_PER_DAY, secondsFrom, type EpochSeconds } from '../../domain/time.ts';
import { buildTbsServerCertificate } from '../../domain/x509/authority-certificates.ts';
import { readCaFacts } from '../../domain/x509/ca-facts.ts';
import { assembleCertificate } from '../../domain/x509/certificate.ts';
import { assertServerCertificateLints } from '../../domain/x509/certificate-lints.ts';
import { derFromPem, pemFrom } from '../../domain/x509/pem.ts';
import { serverValidity } from '../../domain/x509/validity.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KeyPairs } from '../../ports/key-pairs.ts';
import type { RandomOctets } from '../../ports/random.ts';
import type { ServerCertificateStore } from '../../ports/server-certificate-store.ts';
import type { ServerCertificates } from '../../ports/server-certificates.ts';
import type { Signer } from '../../ports/signer.ts';
import { signVerified } from '../sign-verified.ts';

/** Long, since every change of it resets every user's connection. */
const SERVER_LIFETIME_SECONDS = 825 * SECONDS_PER_DAY;
const READ_BACK_ATTEMPTS = 5;
const READ_BACK_PAUSE_MILLISECONDS = 1_000;

export interface IssueServerCertificateDeps {
  readonly serverCertificateStore: ServerCertificateStore;
  readonly serverCertificates: ServerCertificates;
  readonly keyPairs: KeyPairs;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly random: RandomOctets;
  readonly audit: Audit;
}

export interface ServerCertificateRequest {
  /** A name with a dot: Client VPN wants a server certificate with a domain. */
  readonly serverName: string;
  readonly organization: string;
}

const sha256Hex = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

/**
 * Makes a server certificate for a new key: the store knows it first, with the very octets to be signed; then it is
 * signed, recorded, imported with the CA's certificate as its chain, and read back. The key is made here, goes to ACM,
 * and is forgotten. Whoever dies in between leaves a record and, at most, a certificate in ACM that the record knows.
 *
 * @param renewal the ARN to import under, and since when nobody may have begun to renew
 * @returns undefined where somebody has
 * @throws Error where ACM shows another certificate after the import
 */
export async function issueServerCertificate(
  deps: IssueServerCertificateDeps,
  authority: CertificationAuthority,
  { serverName, organization }: ServerCertificateRequest,
  renewal?: { readonly arn: string; readonly notSince: EpochSeconds },
): Promise<{ readonly arn: string; readonly serialNumber: SerialNumber } | undefined> {
  const { caId, keyId } = authority;
  const now = secondsFrom(deps.clock.now());
  const { subjectPublicKeyInfoDer, privateKeyPem } = await deps.keyPairs.generate();
  const issuer = readCaFacts(authority.certificateDer);
  const serialNumber = serialNumberOf(certificateIdFrom(deps.random(SERIAL_NUMBER_OCTETS)));
  const validity = serverValidity({
    now,
    lifetimeSeconds: SERVER_LIFETIME_SECONDS,
    caNotAfter: issuer.notAfter,
  });
  const subject = { serialNumber, issuer, serverName, organization, subjectPublicKeyInfoDer, ...validity };
  const tbsCertificateDer = buildTbsServerCertificate(subject);
  assertServerCertificateLints(tbsCertificateDer, issuer);
  const record = { caId, serialNumber, ...validity, reservedAt: now, tbsCertificateDer };
  if (!(await deps.serverCertificateStore.reserve(record, renewal))) return undefined;
  deps.audit.serverCertificateIntended({ caId, serialNumber, tbsSha256Hex: sha256Hex(tbsCertificateDer) });
  const signature = await signVerified(deps.signer, { ...issuer, keyId }, tbsCertificateDer);
  const certificateDer = assembleCertificate(tbsCertificateDer, signature);
  await deps.serverCertificateStore.markSigned(caId, serialNumber, certificateDer);
  deps.audit.signatureRecorded();
  const fingerprintSha256Hex = sha256Hex(certificateDer);
  const { notAfter } = validity;
  deps.audit.serverCertificateSigned({ caId, serialNumber, fingerprintSha256Hex, notAfter });
  const arn = await deps.serverCertificates.import(
    {
      certificatePem: pemFrom('CERTIFICATE', certificateDer),
      privateKeyPem,
      chainPem: pemFrom('CERTIFICATE', authority.certificateDer),
    },
    renewal?.arn,
  );
  await assertHeld(deps, arn, certificateDer);
  return { arn, serialNumber };
}

/** An import that is not seen is no import, whatever the answer was. */
async function assertHeld(
  { serverCertificates, clock }: IssueServerCertificateDeps,
  arn: string,
  certificateDer: Uint8Array,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const held = derFromPem('CERTIFICATE', await serverCertificates.read(arn));
    if (Buffer.from(held).equals(certificateDer)) return;
    if (attempt === READ_BACK_ATTEMPTS) throw new Error(`${arn} holds another certificate than was imported`);
    await clock.sleep(READ_BACK_PAUSE_MILLISECONDS);
  }
}
