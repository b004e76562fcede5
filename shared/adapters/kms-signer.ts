import { createHash } from 'node:crypto';
import { GetPublicKeyCommand, SignCommand } from '@aws-sdk/client-kms';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { Signer } from '../ports/signer.ts';

/** A PKCS #1 v1.5 signature is as long as the modulus, RFC 8017 section 8.2.1: RSA_2048. */
const SIGNATURE_OCTETS = 256;

/** Signs with RSA_2048 keys in AWS KMS. A key's public half never changes, so it is asked for once. */
export function kmsSigner({ client }: { readonly client: Pick<KMSClient, 'send'> }): Signer {
  const publicKeys = new Map<string, Promise<Uint8Array>>();

  const fetchPublicKey = async (keyId: string): Promise<Uint8Array> => {
    const { PublicKey, KeySpec, KeyUsage } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
    if (PublicKey === undefined) throw new Error('KMS returned no public key');
    if (KeySpec !== 'RSA_2048' || KeyUsage !== 'SIGN_VERIFY') {
      throw new Error(`a CA key is RSA_2048 for SIGN_VERIFY, this one is ${KeySpec} for ${KeyUsage}`);
    }
    return PublicKey;
  };

  return {
    publicKey(keyId) {
      const known = publicKeys.get(keyId);
      if (known !== undefined) return known;
      const asked = fetchPublicKey(keyId);
      publicKeys.set(keyId, asked);
      // A failure is not remembered.
      asked.catch(() => publicKeys.delete(keyId));
      return asked;
    },
    async sign(keyId, tbs) {
      // KMS takes at most 4,096 octets of raw message; a list soon outgrows that, so hash here.
      const digest = createHash('sha256').update(tbs).digest();
      const { Signature } = await client.send(
        new SignCommand({
          KeyId: keyId,
          Message: digest,
          MessageType: 'DIGEST',
          SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
        }),
      );
      if (Signature?.length !== SIGNATURE_OCTETS) {
        throw new Error(`KMS returned a signature of ${Signature?.length ?? 0} octets`);
      }
      return Signature;
    },
  };
}
