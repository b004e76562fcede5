import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assembleCertList, buildTbsCertList } from '../../../shared/domain/x509/crl.ts';
import { pemFrom } from '../../../shared/domain/x509/pem.ts';
import { rowsOfIndex } from '../list-material.ts';
import { DAY, NOW } from '../../unit/x509/fixtures.ts';
import { fileCa } from './signing.ts';

/** What `openssl ca -gencrl` does as a process: reads the same index, signs the list, writes it as PEM, ends. */

const [directory = '', output = ''] = process.argv.slice(2);
const ca = fileCa(directory);
const tbs = buildTbsCertList({
  issuer: ca.facts,
  crlNumber: 7,
  thisUpdate: NOW - 300,
  nextUpdate: NOW + 60 * DAY,
  revoked: rowsOfIndex(readFileSync(join(directory, 'index.txt'), 'utf8')),
});
writeFileSync(output, pemFrom('X509 CRL', assembleCertList(tbs, ca.sign(tbs))));
