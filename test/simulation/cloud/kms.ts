import { X509Certificate } from 'node:crypto';
import { assembleSigned } from '../../../shared/domain/x509/signed.ts';
import type { Signer } from '../../../shared/ports/signer.ts';
import { testCa, type TestCa } from '../../unit/x509/fixtures.ts';
import { START } from '../../support/portal.ts';
import type { Invocation } from '../invocation.ts';
import { CA_IDS, type CaId } from '../scenery.ts';

/** The same CAs for all runs of a process: a key pair costs more than a run. */
const cas = new Map<CaId, TestCa>();

export function simulatedCa(caId: CaId): TestCa {
  const ca = cas.get(caId) ?? testCa(`simulation ${caId}`, START / 1000);
  cas.set(caId, ca);
  return ca;
}

/** To an endpoint each CA but its own is a stranger. */
export const foreignCa = (caId: CaId): TestCa => simulatedCa(caId === 'ca1' ? 'ca2' : 'ca1');

export const keyIdOf = (caId: CaId): string => `key of ${caId}`;
const caOf = (keyId: string): CaId => CA_IDS.find((caId) => keyIdOf(caId) === keyId) ?? 'ca1';

/** What the key was used for. */
export interface Signed {
  readonly kind: 'certificate' | 'list';
  readonly caId: CaId;
  readonly invocation: Invocation;
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
  /** As Node reads it, which is not the code that built it. */
  readonly x509: X509Certificate | undefined;
}

/** KMS with the CAs' keys: it signs what it is given, and tells who watches. */
export const simulatedSigner = (invocation: Invocation, watch: (signed: Signed) => void): Signer => ({
  publicKey: async (keyId) => simulatedCa(caOf(keyId)).key.subjectPublicKeyInfoDer,
  sign: (keyId, tbs) => {
    const caId = caOf(keyId);
    const kind = isCertificate(tbs) ? 'certificate' : 'list';
    return invocation.effect('kms', `has a ${kind} signed`, () => {
      const signature = simulatedCa(caId).key.sign(tbs);
      const x509 = kind === 'certificate' ? new X509Certificate(assembleSigned(tbs, signature)) : undefined;
      watch({ kind, caId, invocation, tbs, signature, x509 });
      return signature;
    });
  },
});

/** TBSCertificate begins with its explicit version (RFC 5280 section 4.1), TBSCertList with an INTEGER (5.1). */
function isCertificate(tbs: Uint8Array): boolean {
  const lengthOctets = (tbs[1] ?? 0) < 0x80 ? 0 : (tbs[1] ?? 0) & 0x7f;
  return tbs[2 + lengthOctets] === 0xa0;
}
