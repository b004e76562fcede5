import {
  GetCertificateCommand,
  ImportCertificateCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-acm';
import type { ACMClient } from '@aws-sdk/client-acm';
import type { ServerCertificates } from '../ports/server-certificates.ts';

/** Server certificates in AWS Certificate Manager. ACM reads its blobs as PEM text. */
export const acmServerCertificates = ({
  client,
}: {
  readonly client: Pick<ACMClient, 'send'>;
}): ServerCertificates => ({
  async import({ certificatePem, privateKeyPem, chainPem }, existingArn) {
    const { CertificateArn } = await client.send(
      new ImportCertificateCommand({
        ...(existingArn === undefined ? {} : { CertificateArn: existingArn }),
        Certificate: Buffer.from(certificatePem),
        PrivateKey: Buffer.from(privateKeyPem),
        ...(chainPem === '' ? {} : { CertificateChain: Buffer.from(chainPem) }),
      }),
    );
    if (CertificateArn === undefined) throw new Error('ACM returned no ARN');
    return CertificateArn;
  },
  async read(arn) {
    const { Certificate } = await client.send(new GetCertificateCommand({ CertificateArn: arn }));
    if (Certificate === undefined) throw new Error('ACM returned no certificate');
    return Certificate;
  },

  async findChain(arn) {
    try {
      const { CertificateChain } = await client.send(new GetCertificateCommand({ CertificateArn: arn }));
      return CertificateChain;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  },
});
