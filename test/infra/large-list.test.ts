import { pemFrom } from '../../shared/domain/x509/pem.ts';
import { openssl, scratchDirectory } from '../conformance/openssl.ts';
import { entriesIn } from '../conformance/openssl-entries.ts';
import { describeWithOpenssl } from '../support/openssl.ts';
import { revokedCertificates, testCa, testCrlDer } from '../unit/x509/fixtures.ts';

/** Ten times what an endpoint takes: the encoding has no limit of its own. Here, since it takes seconds. */
const ENTRIES = 200_000;

describeWithOpenssl('OpenSSL about a list of 200,000 entries', () => {
  const write = scratchDirectory();

  it('verifies it and reads each entry as we wrote it', async () => {
    const ca = testCa();
    const caFile = write('ca.pem', pemFrom('CERTIFICATE', ca.certificateDer));
    const revoked = revokedCertificates(ENTRIES);
    const crlFile = write('list.pem', pemFrom('X509 CRL', testCrlDer(ca, revoked)));
    const { text } = await openssl('crl', '-in', crlFile, '-CAfile', caFile, '-noout', '-text');
    expect(text).toContain('verify OK');
    const read = entriesIn(text);
    const inOrder = [...revoked].sort((a, b) => (a.serialNumber < b.serialNumber ? -1 : 1));
    expect(read).toHaveLength(ENTRIES);
    const different = inOrder.findIndex(
      (entry, index) => JSON.stringify(entry) !== JSON.stringify(read[index]),
    );
    expect(different).toBe(-1);
  }, 120_000);
});
