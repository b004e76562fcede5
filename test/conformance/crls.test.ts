import type { Sequence } from 'asn1js';
import { CertificateRevocationList } from 'pkijs';
import { pemFrom } from '../../shared/domain/x509/pem.ts';
import { describeWithOpenssl } from '../support/openssl.ts';
import { entriesIn } from './openssl-entries.ts';
import { openssl, scratchDirectory } from './openssl.ts';
import { NOW, revokedCertificates, testCa, testCrlDer, testLeafDer } from '../unit/x509/fixtures.ts';

const ca = testCa();

describeWithOpenssl('OpenSSL about our lists', () => {
  const write = scratchDirectory();
  const caFile = write('ca.pem', pemFrom('CERTIFICATE', ca.certificateDer));

  // 1,245 entries are the most that pkijs parses; 20,000 the most that Client VPN takes. 200,000: test/infra.
  it.each([[0], [1], [1245], [1246], [20_000]])(
    'verifies one of %d entries and reads each as we wrote it',
    async (count) => {
      const revoked = revokedCertificates(count);
      const crlFile = write(
        `list-${count}.pem`,
        pemFrom('X509 CRL', testCrlDer(ca, revoked, { crlNumber: 258 })),
      );
      const { text } = await openssl('crl', '-in', crlFile, '-CAfile', caFile, '-noout', '-text');
      expect(text).toContain('verify OK');
      expect(text).toContain('X509v3 CRL Number: \n                258');
      expect(text.includes('No Revoked Certificates.')).toBe(count === 0);
      const bySerialNumber = [...revoked].sort((a, b) => (a.serialNumber < b.serialNumber ? -1 : 1));
      expect(entriesIn(text)).toEqual(bySerialNumber);
    },
  );

  it('refuses a list of another CA', async () => {
    const crlFile = write('stranger.pem', pemFrom('X509 CRL', testCrlDer(testCa('stranger'), [])));
    const { text } = await openssl('crl', '-in', crlFile, '-CAfile', caFile, '-noout');
    expect(text).not.toContain('verify OK');
  });

  it('refuses the revoked and accepts the others, among many', async () => {
    const revoked = revokedCertificates(1000);
    const serialNumber = revoked[500]?.serialNumber;
    if (serialNumber === undefined) throw new Error('there are 1,000');
    const crlFile = write('check.pem', pemFrom('X509 CRL', testCrlDer(ca, revoked)));
    const revokedFile = write('revoked.pem', pemFrom('CERTIFICATE', testLeafDer(ca, { serialNumber })));
    const goodFile = write('good.pem', pemFrom('CERTIFICATE', testLeafDer(ca)));
    const check = (file: string, at = NOW): ReturnType<typeof openssl> =>
      openssl(
        'verify',
        '-x509_strict',
        '-crl_check',
        '-attime',
        String(at),
        '-CAfile',
        caFile,
        '-CRLfile',
        crlFile,
        file,
      );
    const [bad, good, late] = await Promise.all([
      check(revokedFile),
      check(goodFile),
      check(goodFile, NOW + 61 * 86_400),
    ]);
    expect(bad.text).toContain('certificate revoked');
    expect(good.text).toContain(': OK');
    expect(late.text).toContain('CRL has expired');
  });
});

describe('another ASN.1 library about our lists', () => {
  // Beyond 1,245 entries asn1js reaches the number of nodes at which it stops.
  it.each([[0], [1], [1245]])('writes one of %d entries again with the same octets', (count) => {
    const der = testCrlDer(ca, revokedCertificates(count));
    const parsed = CertificateRevocationList.fromBER(new Uint8Array(der));
    expect(parsed.revokedCertificates?.length ?? 0).toBe(count);
    const again = parsed.toSchema(true) as Sequence;
    expect(Buffer.from(again.toBER()).equals(der)).toBe(true);
  });
});
