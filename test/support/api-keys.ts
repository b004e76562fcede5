import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import { pemFrom } from '../../shared/domain/x509/pem.ts';
import { buildCertificationRequest } from '../../shared/domain/x509/request-builder.ts';
import { newRsaKey } from './rsa-keys.ts';

/** An employee's key and the request for a certificate for it. */
export interface ApiKey {
  readonly privateKey: KeyObject;
  readonly privateKeyPem: string;
  /** PEM CertificationRequest. */
  readonly csr: string;
}

const keys = new Map<string, Promise<ApiKey>>();

/** An RSA-2048 key, made once per name and test file. */
export function apiKey(name: string): Promise<ApiKey> {
  const known = keys.get(name) ?? makeKey();
  keys.set(name, known);
  return known;
}

let made = 0;

/** A key that nobody else has. */
export const newKey = (): Promise<ApiKey> => apiKey(`key ${(made += 1)}`);

async function makeKey(): Promise<ApiKey> {
  const privateKey = newRsaKey();
  const subjectPublicKeyInfoDer = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const der = await buildCertificationRequest({
    subjectPublicKeyInfoDer: new Uint8Array(subjectPublicKeyInfoDer),
    sign: (info) => new Uint8Array(sign('sha256', info, privateKey)),
  });
  return {
    privateKey,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    csr: pemFrom('CERTIFICATE REQUEST', der),
  };
}
