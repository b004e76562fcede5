import { GetCertificateCommand, type ACMClient } from '@aws-sdk/client-acm';
import { DescribeKeyCommand, GetPublicKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import { DescribeSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Inspection } from '../../ports/inspection.ts';
import { unlessAbsent } from './absent.ts';

/** Certificates in ACM, keys in KMS, secrets in Secrets Manager: what they say of themselves, never what they hide. */
export const inspectTrust = ({
  acmFor,
  kms,
  secretsManager,
}: {
  readonly acmFor: (certificateArn: string) => Promise<ACMClient>;
  readonly kms: KMSClient;
  readonly secretsManager: SecretsManagerClient;
}): Pick<Inspection, 'certificate' | 'key' | 'publicKey' | 'secret'> => ({
  certificate: (certificateArn) =>
    unlessAbsent(async () => {
      const acm = await acmFor(certificateArn);
      const { Certificate, CertificateChain = '' } = await acm.send(
        new GetCertificateCommand({ CertificateArn: certificateArn }),
      );
      return Certificate === undefined
        ? undefined
        : { certificatePem: Certificate, chainPem: CertificateChain };
    }),

  key: (keyId) =>
    unlessAbsent(async () => {
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: keyId }));
      return {
        state: KeyMetadata?.KeyState ?? 'unknown',
        spec: KeyMetadata?.KeySpec ?? 'unknown',
        usage: KeyMetadata?.KeyUsage ?? 'unknown',
        ...(KeyMetadata?.DeletionDate === undefined
          ? {}
          : { deletionAt: KeyMetadata.DeletionDate.getTime() }),
      };
    }),

  async publicKey(keyId) {
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keyId }));
    if (PublicKey === undefined) throw new Error('KMS returned no public key');
    return PublicKey;
  },

  secret: (secretId) =>
    unlessAbsent(async () => {
      const { VersionIdsToStages = {}, DeletedDate } = await secretsManager.send(
        new DescribeSecretCommand({ SecretId: secretId }),
      );
      return {
        hasValue: Object.values(VersionIdsToStages).some((stages) => stages.includes('AWSCURRENT')),
        isBeingDeleted: DeletedDate !== undefined,
      };
    }),
});
