import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pemFrom } from '../../shared/domain/x509/pem.ts';
import { testCa } from '../unit/x509/fixtures.ts';
import type { Command } from './commands.ts';
import { opensslIndex, revocationRows } from './list-material.ts';

/** Writes `ca.crt` and `ca.key` as PEM. @returns the folder */
export function caDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true });
  const ca = testCa();
  writeFileSync(join(directory, 'ca.crt'), pemFrom('CERTIFICATE', ca.certificateDer));
  writeFileSync(join(directory, 'ca.key'), ca.key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return directory;
}

const OPENSSL_CONFIGURATION = `[ca]
default_ca = ca_default
[ca_default]
database = index.txt
crlnumber = crlnumber
certificate = ca.crt
private_key = ca.key
default_md = sha256
default_crl_days = 60
crl_extensions = crl_extensions
[crl_extensions]
authorityKeyIdentifier = keyid
`;

/**
 * One CA with so many revoked certificates, as OpenSSL, easy-rsa and cfssl want to find it.
 *
 * @returns the folder
 */
export function revokedCaDirectory(parent: string, count: number): string {
  const directory = caDirectory(join(parent, `ca-${count}`));
  const rows = revocationRows(count);
  const index = opensslIndex(rows);
  writeFileSync(join(directory, 'index.txt'), index);
  writeFileSync(join(directory, 'crlnumber'), '07\n');
  writeFileSync(join(directory, 'openssl.cnf'), OPENSSL_CONFIGURATION);
  // cfssl reads decimal serial numbers, and knows neither dates nor reasons.
  const serials = rows.map(({ serialNumber }) => BigInt(`0x${serialNumber}`).toString());
  writeFileSync(join(directory, 'serials.txt'), `${serials.join('\n')}\n`);
  layOutEasyRsa(join(directory, 'pki'), index);
  return directory;
}

function layOutEasyRsa(pki: string, index: string): void {
  for (const folder of ['private', 'reqs', 'issued', 'certs_by_serial'])
    mkdirSync(join(pki, folder), { recursive: true });
  const ca = testCa();
  writeFileSync(join(pki, 'ca.crt'), pemFrom('CERTIFICATE', ca.certificateDer));
  writeFileSync(join(pki, 'private/ca.key'), ca.key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(pki, 'index.txt'), index);
  writeFileSync(join(pki, 'index.txt.attr'), 'unique_subject = no\n');
  writeFileSync(join(pki, 'serial'), '01\n');
  writeFileSync(join(pki, 'crlnumber'), '07\n');
}

export const opensslGencrl = (cwd: string): Command => ({
  file: 'openssl',
  args: ['ca', '-gencrl', '-config', 'openssl.cnf', '-out', 'openssl.crl'],
  cwd,
});

/** @param easyrsa the script, beside which its configuration is; `easyrsa init-pki` would copy that likewise */
export function easyrsaGencrl(easyrsa: string, cwd: string): Command {
  const [home, pki] = [dirname(easyrsa), join(cwd, 'pki')];
  copyFileSync(join(home, 'openssl-easyrsa.cnf'), join(pki, 'openssl-easyrsa.cnf'));
  return {
    file: easyrsa,
    args: ['gen-crl'],
    cwd,
    env: { EASYRSA_BATCH: '1', EASYRSA: home, EASYRSA_PKI: pki },
  };
}

export const cfsslGencrl = (cfssl: string, cwd: string): Command => ({
  file: cfssl,
  args: ['gencrl', 'serials.txt', 'ca.crt', 'ca.key'],
  cwd,
});
