import { createPublicKey, sign } from 'node:crypto';
import * as pkijs from 'pkijs';
import { parseCertificationRequest } from '../../../shared/domain/x509/certification-request.ts';
import { buildCertificationRequest } from '../../../shared/domain/x509/request-builder.ts';
import { newRsaKey } from '../../support/rsa-keys.ts';

const privateKey = newRsaKey();
const publicKey = createPublicKey(privateKey);
const subjectPublicKeyInfoDer = publicKey.export({ type: 'spki', format: 'der' });

const requestSignedBy = (key: typeof privateKey) =>
  buildCertificationRequest({ subjectPublicKeyInfoDer, sign: (info) => sign('sha256', info, key) });

describe('a certification request', () => {
  it('is one to another reader of PKCS #10 too, and its signature verifies there', async () => {
    const request = pkijs.CertificationRequest.fromBER(new Uint8Array(await requestSignedBy(privateKey)));
    expect(request.version).toBe(0);
    expect(request.subject.typesAndValues).toEqual([]);
    expect(request.attributes ?? []).toEqual([]);
    expect(await request.verify()).toBe(true);
  });

  it('gives its key to the portal', async () => {
    const parsed = parseCertificationRequest(await requestSignedBy(privateKey));
    expect(Buffer.from(parsed.subjectPublicKeyInfoDer)).toEqual(subjectPublicKeyInfoDer);
  });

  it('proves nothing where another key signed it', async () => {
    const request = await requestSignedBy(newRsaKey());
    expect(() => parseCertificationRequest(request)).toThrow(
      expect.objectContaining({ code: 'badCsr' }) as Error,
    );
  });
});
