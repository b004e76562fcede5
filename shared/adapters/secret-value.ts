import { GetSecretValueCommand, ResourceNotFoundException } from '@aws-sdk/client-secrets-manager';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/**
 * The text of a secret in AWS Secrets Manager.
 *
 * @param secretId its name or ARN
 * @returns undefined for a secret that is not there, or has no value yet
 * @throws the SDK's own error where it cannot be read now
 */
export async function secretText(
  client: Pick<SecretsManagerClient, 'send'>,
  secretId: string,
): Promise<string | undefined> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    return SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** @returns undefined for what is no JSON: a parser's error would quote the secret */
export function secretJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
