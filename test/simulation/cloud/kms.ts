import { X509Certificate } from 'node:crypto';
import { assembleSigned } from '../../../shared/domain/x509/signed.ts';
import type { Signer } from '../../../shared/ports/signer.ts';
import { testCa, type TestCa } from '../../unit/x509/fixtures.ts';
import { START } from '../../support/portal.ts';
import type { Invocation } from '../invocation.ts';

/** One CA for all runs of a process: a key pair costs more than a run. */
let ca: TestCa | undefined;
export const simulatedCa = (): TestCa => (ca ??= testCa('simulation', START / 1000));
export const foreignCa = (): TestCa => testCa('foreign', START / 1000);

/** What the key was used for. */
export interface Signed {
  readonly kind: 'certificate' | 'list';
  readonly invocation: Invocation;
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
  /** As Node reads it, which is not the code that built it. */
  readonly x509: X509Certificate | undefined;
}

/** KMS with the CA's key: it signs what it is given, and tells who watches. */
export const simulatedSigner = (invocation: Invocation, watch: (signed: Signed) => void): Signer => ({
  publicKey: async () => simulatedCa().key.subjectPublicKeyInfoDer,
  sign: (_keyId, tbs) => {
    const kind = isCertificate(tbs) ? 'certificate' : 'list';
    return invocation.effect('kms', `has a ${kind} signed`, () => {
      const signature = simulatedCa().key.sign(tbs);
      const x509 = kind === 'certificate' ? new X509Certificate(assembleSigned(tbs, signature)) : undefined;
      watch({ kind, invocation, tbs, signature, x509 });
      return signature;
    });
  },
});

/** TBSCertificate begins with its explicit version (RFC 5280 section 4.1), TBSCertList with an INTEGER (5.1). */
function isCertificate(tbs: Uint8Array): boolean {
  const lengthOctets = (tbs[1] ?? 0) < 0x80 ? 0 : (tbs[1] ?? 0) & 0x7f;
  return tbs[2 + lengthOctets] === 0xa0;
}
