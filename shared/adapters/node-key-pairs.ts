import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyPairs } from '../ports/key-pairs.ts';

const generate = promisify(generateKeyPair);

/** RSA-2048 key pairs of Node's OpenSSL; the work is done off the main thread. */
export const nodeKeyPairs: KeyPairs = {
  async generate() {
    const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048, publicExponent: 65_537 });
    return {
      subjectPublicKeyInfoDer: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
      privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  },
};
