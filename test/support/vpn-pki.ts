import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface IssuedCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly serialHex: string;
}

export interface CrlRequest {
  readonly revoked?: readonly string[];
  /** In days from now; negative ones make a list that has expired. */
  readonly nextUpdateDays?: number;
  /** As if another CA had signed it. */
  readonly foreign?: boolean;
}

/** A CA made by openssl, so that these tests need nothing of ours to judge ours. */
export interface VpnPki {
  readonly caPem: string;
  server(options?: {
    commonName?: string;
    dnsName?: string;
    newKey?: readonly string[];
  }): Promise<IssuedCertificate>;
  client(commonName: string): Promise<IssuedCertificate>;
  crl(request?: CrlRequest): Promise<string>;
  close(): Promise<void>;
}

const CONFIGURATION = `[ca]
default_ca=d
[d]
database=index.txt
crlnumber=crlnumber
default_md=sha256
unique_subject=no
`;

const RSA_2048 = ['-newkey', 'rsa:2048'];

export async function createVpnPki(): Promise<VpnPki> {
  const directory = await mkdtemp(join(tmpdir(), 'vpn-pki-'));
  const path = (name: string): string => join(directory, name);
  const openssl = async (...args: string[]): Promise<void> => {
    await run('openssl', args, { cwd: directory });
  };
  const makeCa = (name: string): Promise<void> =>
    openssl(
      ...['req', '-x509', ...RSA_2048, '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`],
      ...['-days', '30', '-subj', `/CN=Test ${name}`, '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    );
  await writeFile(path('ca.cnf'), CONFIGURATION);
  await writeFile(path('crlnumber'), '01\n');
  await Promise.all([makeCa('ca'), openssl('genrsa', '-out', 'leaf.key', '2048')]);
  const issue = issuerIn(directory, openssl);
  let foreignCa: Promise<void> | undefined;
  // openssl keeps its database in files: one list after the other.
  let lastCrl: Promise<unknown> = Promise.resolve();
  const makeCrl = async ({
    revoked = [],
    nextUpdateDays = 30,
    foreign = false,
  }: CrlRequest): Promise<string> => {
    const ca = foreign ? 'other' : 'ca';
    if (foreign) await (foreignCa ??= makeCa('other'));
    await writeFile(path('index.txt'), revoked.map(indexLine).join(''));
    await openssl(
      ...['ca', '-config', 'ca.cnf', '-gencrl', '-keyfile', `${ca}.key`, '-cert', `${ca}.pem`],
      ...['-crl_lastupdate', openSslTime(-60), '-crl_nextupdate', openSslTime(nextUpdateDays)],
      ...['-out', 'crl.pem'],
    );
    return readFile(path('crl.pem'), 'utf8');
  };
  return {
    caPem: await readFile(path('ca.pem'), 'utf8'),
    server: ({ commonName = 'server.vpn.test', dnsName, newKey } = {}) =>
      issue(commonName, 'serverAuth', dnsName, newKey),
    client: (commonName) => issue(commonName, 'clientAuth'),
    crl(request = {}) {
      const made = lastCrl.then(() => makeCrl(request));
      lastCrl = made.catch(() => undefined);
      return made;
    },
    close: () => rm(directory, { recursive: true }),
  };
}

function issuerIn(directory: string, openssl: (...args: string[]) => Promise<void>) {
  let count = 0;
  return async (
    commonName: string,
    extKeyUsage: 'serverAuth' | 'clientAuth',
    dnsName?: string,
    newKey?: readonly string[],
  ): Promise<IssuedCertificate> => {
    count += 1;
    const name = `leaf${count}`;
    const serialHex = (0x1000 + count).toString(16).toUpperCase();
    const key = newKey ? `${name}.key` : 'leaf.key';
    const extensions = [
      'basicConstraints=CA:FALSE',
      'keyUsage=digitalSignature,keyEncipherment',
      `extendedKeyUsage=${extKeyUsage}`,
      ...(dnsName === undefined ? [] : [`subjectAltName=DNS:${dnsName}`]),
    ];
    await openssl(
      ...['req', ...(newKey ? [...newKey, '-nodes', '-keyout', key] : ['-new', '-key', key])],
      // A subject with quotes and slashes: openssl splits at what is not escaped.
      ...['-subj', `/CN=${commonName.replaceAll(/[\\/+]/g, '\\$&')}`, '-out', `${name}.csr`],
    );
    await writeFile(join(directory, `${name}.ext`), extensions.join('\n'));
    await openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key'],
      ...['-set_serial', `0x${serialHex}`, '-days', '20', '-extfile', `${name}.ext`, '-out', `${name}.pem`],
    );
    const read = (file: string): Promise<string> => readFile(join(directory, file), 'utf8');
    return { certificatePem: await read(`${name}.pem`), privateKeyPem: await read(key), serialHex };
  };
}

/** A revoked certificate's line in openssl's database: status, notAfter, revocation date, serial number. */
const indexLine = (serialHex: string): string =>
  `R\t${openSslTime(20).slice(2)}\t${openSslTime(-1).slice(2)}\t${serialHex}\tunknown\t/CN=revoked\n`;

/** `YYYYMMDDHHMMSSZ` */
const openSslTime = (days: number): string =>
  `${new Date(Date.now() + days * 86_400_000).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`;

/** A whole profile, as the portal's users get it. */
export const profileOf = (
  clientConfiguration: string,
  { certificatePem, privateKeyPem }: IssuedCertificate,
) =>
  `${clientConfiguration.trimEnd()}\n<cert>\n${certificatePem.trim()}\n</cert>\n<key>\n${privateKeyPem.trim()}\n</key>\n`;
