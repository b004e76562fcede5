import * as fc from 'fast-check';
import { derFromPem, pemFrom } from '../../../shared/domain/x509/pem.ts';

describe('PEM', () => {
  it('has lines of 64 letters that end in LF, and comes back as it was', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (der) => {
        const pem = pemFrom('X509 CRL', der);
        expect(pem).toMatch(
          /^-----BEGIN X509 CRL-----\n([A-Za-z0-9+/=]{64}\n)*([A-Za-z0-9+/=]{1,63}\n)?-----END X509 CRL-----\n$/,
        );
        expect(Buffer.from(derFromPem('X509 CRL', pem)).equals(der)).toBe(true);
      }),
    );
  });

  it('is read with CRLF, and with text around it', () => {
    const pem = pemFrom('CERTIFICATE', Uint8Array.of(1, 2, 3));
    for (const text of [pem.replaceAll('\n', '\r\n'), `subject=CN\n${pem}behind`]) {
      expect([...derFromPem('CERTIFICATE', text)]).toEqual([1, 2, 3]);
    }
  });

  const pem = pemFrom('CERTIFICATE', Uint8Array.of(1, 2, 3));
  it.each([
    ['none', ''],
    ['two blocks', pem + pem],
    ['another label', pem.replaceAll('CERTIFICATE', 'X509 CRL')],
    ['labels that differ', pem.replace('END CERTIFICATE', 'END X509 CRL')],
    ['letters that are not base64', pem.replace('AQID', 'AQ*D')],
    ['padding that is missing', pem.replace('AQID', 'AQI')],
    ['nothing inside', pem.replace('AQID', '')],
  ])('is not read with %s', (_, text) => {
    expect(() => derFromPem('CERTIFICATE', text)).toThrow();
  });
});
