import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { isoFromMilliseconds } from '../domain/time.ts';
import type { SourceVerifications } from '../ports/source-verifications.ts';

/** A secret of its own, which is written here and read by people alone: `{"source", "verificationToken", "receivedAt"}`. */
export const secretsManagerSourceVerifications = ({
  client,
  secretId,
}: {
  readonly client: Pick<SecretsManagerClient, 'send'>;
  readonly secretId: string;
}): SourceVerifications => ({
  async keep(source, verificationToken, at) {
    const value = { source, verificationToken, receivedAt: isoFromMilliseconds(at) };
    await client.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: JSON.stringify(value) }));
  },
});
