import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiKey, newKey } from '../../support/api-keys.ts';
import { problemOf, refused, refusedByGateway, type ApiStack } from '../../support/api-stack.ts';
import { vector } from '../../unit/x509/fixtures.ts';
import { itWithOpenssl } from '../../support/openssl.ts';

const ISSUE = 'POST /v1/certificates';
const text = (name: string): string => vector(name).toString('utf8');
const GOOD = text('openssl-3.0/rsa2048-sha256.csr.pem');
const goodDer = Buffer.from(GOOD.replaceAll(/-----.*-----|\s/g, ''), 'base64');
const pem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
const damaged = (index: number): Buffer => {
  const der = Buffer.from(goodDer);
  der[index] = (der[index] ?? 0) ^ 1;
  return der;
};

/** What is sent: the body's form, and the certification request in it. */
export function bodiesAreChecked(api: () => ApiStack): void {
  describe('a body', () => {
    it.each<[string, unknown, string[]]>([
      ['that is not JSON', '{"csr":', []],
      ['that is empty', undefined, []],
      ['that is a list', [], ['']],
      ['that is null', null, ['']],
      ['without its fields', {}, ['/csr', '/deviceName']],
      ['with a field too many', { csr: GOOD, deviceName: 'laptop', subject: '/CN=root' }, ['/subject']],
      ['with many', { csr: GOOD, deviceName: 'laptop', a: 1, 'b/c~d': 2 }, ['/a', '/b~1c~0d']],
      ['that wants its own lifetime', { csr: GOOD, deviceName: 'laptop', days: 3650 }, ['/days']],
      ['with another type', { csr: GOOD, deviceName: 7 }, ['/deviceName']],
      ['with other types', { csr: { pem: GOOD }, deviceName: ['laptop'] }, ['/csr', '/deviceName']],
      [
        'with a request and an order for a key',
        { csr: GOOD, keyGeneration: 'server', deviceName: 'a' },
        ['/keyGeneration'],
      ],
      [
        'with a format that there is not',
        { keyGeneration: 'server', format: 'jks', deviceName: 'a' },
        ['/format'],
      ],
      ['with an empty request', { csr: '', deviceName: 'laptop' }, ['/csr']],
      ['with a request of 17 KiB', { csr: 'A'.repeat(17_000), deviceName: 'laptop' }, ['/csr']],
      ['with an empty device name', { csr: GOOD, deviceName: '' }, ['/deviceName']],
      [
        'with a line end in the device name',
        { csr: GOOD, deviceName: 'a\nscript-security 2' },
        ['/deviceName'],
      ],
      ['with markup in the device name', { csr: GOOD, deviceName: '<b>a</b>' }, ['/deviceName']],
      ['with a formula as device name', { csr: GOOD, deviceName: '=1+1' }, ['/deviceName']],
      ['with a device name of 65 letters', { csr: GOOD, deviceName: 'a'.repeat(65) }, ['/deviceName']],
      [
        'that wants PKCS #12 without passphrase',
        { keyGeneration: 'server', format: 'pkcs12', deviceName: 'a' },
        ['/passphrase'],
      ],
      [
        'whose passphrase is short',
        { keyGeneration: 'server', format: 'pkcs12', passphrase: 'elevenchars', deviceName: 'a' },
        ['/passphrase'],
      ],
      [
        'whose passphrase would protect nothing',
        { keyGeneration: 'server', format: 'pem', passphrase: 'correct horse battery', deviceName: 'a' },
        ['/passphrase'],
      ],
      ['with a prototype', '{"csr":"x","deviceName":"a","__proto__":{"admin":true}}', ['/__proto__']],
    ])('%s is refused, with a pointer to each fault', async (_, body, pointers) => {
      const as = api().person('alice');
      const problem = await refused(api(), ISSUE, { as, body }, { status: 400, code: 'malformedRequest' });
      expect((problem.errors ?? []).map(({ pointer }) => pointer)).toEqual(pointers);
    });

    it('never comes back in the refusal, and neither do thousands of faults', async () => {
      const many = Object.fromEntries(
        Array.from({ length: 2_000 }, (_, index) => [`field${index}`, 'tell-tale']),
      );
      const body = { ...many, csr: 'tell-tale', deviceName: 'laptop' };
      const as = api().person('alice');
      const { answer } = await refused(api(), ISSUE, { as, body }, { status: 400, code: 'malformedRequest' });
      expect(answer.text).not.toContain('tell-tale');
      expect(answer.text.length).toBeLessThan(8_192);
    });

    it.each(['short', 'has spaces in it', 'x'.repeat(65), '"unclosed', 'semi;colon;'])(
      'with the Idempotency-Key %s is refused',
      async (key) => {
        const body = { csr: GOOD, deviceName: 'laptop' };
        const headers = { 'idempotency-key': key };
        const as = api().person('alice');
        await refused(api(), ISSUE, { as, body, headers }, { status: 400, code: 'malformedRequest' });
      },
    );

    it('of more than 64 KiB is refused by us, of more than 10 MiB by API Gateway', async () => {
      const as = api().person('alice');
      const body = JSON.stringify({ csr: 'A'.repeat(65_536), deviceName: 'laptop' });
      const large = await refused(api(), ISSUE, { as, body }, { status: 413, code: 'bodyTooLarge' });
      expect(large.detail).toContain('65536');
      const octets = { as, body: 'A'.repeat(10 * 1024 * 1024 + 1) };
      await refusedByGateway(api(), ISSUE, octets, { status: 413, message: 'Request Entity Too Large' });
    });

    it('may come in another type, which API Gateway hands over as base64', async () => {
      const { csr } = await newKey();
      const body = JSON.stringify({ csr, deviceName: 'laptop' });
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await api().call(ISSUE, { as: api().person('alice'), body, headers });
      expect(answer.status).toBe(201);
    });
  });

  describe('a certification request', () => {
    const tail = goodDer.length - 1;
    // Behind the object identifier of commonName, a tag and a length.
    const commonName = goodDer.indexOf(Buffer.from('0603550403', 'hex')) + 7;
    it.each<[string, string, string]>([
      ['is prose', 'please', 'badCsr'],
      ['is a certificate', GOOD.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE'), 'badCsr'],
      [
        'comes with its private key',
        `${GOOD}-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----`,
        'badCsr',
      ],
      ['is two', GOOD + GOOD, 'badCsr'],
      ['is base64 of nothing in DER', Buffer.from('hello world').toString('base64'), 'badCsr'],
      ['has lost its end', GOOD.slice(0, -40), 'badCsr'],
      ['is cut off inside', pem(goodDer.subarray(0, 400)), 'badCsr'],
      ['has octets behind it', pem(Buffer.concat([goodDer, Buffer.from([0])])), 'badCsr'],
      ['has another request behind it', pem(Buffer.concat([goodDer, goodDer])), 'badCsr'],
      ['has a bad signature', pem(damaged(tail)), 'badCsr'],
      ['was altered after it was signed', pem(damaged(commonName)), 'badCsr'],
      ['is for an EC key', text('openssl-3.0/ec-p256.csr.pem'), 'badPublicKey'],
      ['is for an Ed25519 key', text('openssl-3.0/ed25519.csr.pem'), 'badPublicKey'],
      ['is for an RSASSA-PSS key', text('openssl-3.0/rsa-pss-key.csr.pem'), 'badPublicKey'],
      ['is for RSA with 1024 bits', text('openssl-3.0/rsa1024.csr.pem'), 'badPublicKey'],
      ['is for RSA with 3072 bits', text('openssl-3.0/rsa3072.csr.pem'), 'badPublicKey'],
      ['is for RSA with 4096 bits', text('openssl-3.0/rsa4096.csr.pem'), 'badPublicKey'],
      ['has the public exponent 1', text('weak-keys/exponent-1.csr.pem'), 'badPublicKey'],
      ['has the public exponent 3', text('openssl-3.0/rsa2048-exponent-3.csr.pem'), 'badPublicKey'],
      ['has an even public exponent', text('weak-keys/exponent-even.csr.pem'), 'badPublicKey'],
      ['has a public exponent of 33 bits', text('weak-keys/exponent-too-large.csr.pem'), 'badPublicKey'],
      ['has a key with the ROCA weakness', text('weak-keys/roca.csr.pem'), 'badPublicKey'],
      ['has primes that are close', text('weak-keys/close-primes.csr.pem'), 'badPublicKey'],
      ['has a modulus with a small factor', text('weak-keys/factor-751.csr.pem'), 'badPublicKey'],
      ['is signed with MD5', text('openssl-3.0/rsa2048-md5.csr.pem'), 'badSignatureAlgorithm'],
      ['is signed with SHA-1', text('openssl-3.0/rsa2048-sha1.csr.pem'), 'badSignatureAlgorithm'],
      ['is signed with SHA-384', text('openssl-3.0/rsa2048-sha384.csr.pem'), 'badSignatureAlgorithm'],
      [
        'is signed with RSASSA-PSS',
        text('openssl-3.0/rsa2048-pss-signature.csr.pem'),
        'badSignatureAlgorithm',
      ],
    ])('that %s is refused, with the line that works', async (_, csr, code) => {
      const as = api().person('alice');
      const problem = await refused(
        api(),
        ISSUE,
        { as, body: { csr, deviceName: 'laptop' } },
        { status: 400, code },
      );
      expect(problem.detail).toContain('openssl req -new -newkey rsa:2048 -nodes -sha256');
    });

    it('names nothing that is believed', async () => {
      const as = api().person('alice');
      const body = { csr: text('openssl-3.0/rsa2048-greedy.csr.pem'), deviceName: 'laptop' };
      const answer = await api().call(ISSUE, { as, body });
      expect(answer.status).toBe(201);
      expect(answer.json).toMatchObject({ commonName: expect.stringContaining(as.login) as string });
    });

    itWithOpenssl('made by the very line of a refusal is accepted', async () => {
      const as = api().person('alice');
      const body = { csr: text('openssl-3.0/rsa4096.csr.pem'), deviceName: 'laptop' };
      const { detail } = problemOf(await api().call(ISSUE, { as, body }));
      const line = /openssl req .*$/.exec(detail)?.[0] ?? '';
      const directory = mkdtempSync(join(tmpdir(), 'refusal-'));
      try {
        execFileSync('sh', ['-c', line], { cwd: directory, stdio: 'ignore' });
        const csr = readFileSync(join(directory, 'vpn.csr'), 'utf8');
        const answer = await api().call(ISSUE, { as, body: { csr, deviceName: 'laptop' } });
        expect(answer.status).toBe(201);
      } finally {
        rmSync(directory, { recursive: true });
      }
    });

    it.each([
      ['base64 of DER', (csr: string) => csr.replaceAll(/-----.*-----|\s/g, '')],
      ['PEM with CRLF', (csr: string) => csr.replaceAll('\n', '\r\n')],
    ])('is taken as %s', async (_, form) => {
      const { csr } = await newKey();
      const body = { csr: form(csr), deviceName: 'laptop' };
      expect((await api().call(ISSUE, { as: api().person('alice'), body })).status).toBe(201);
    });
  });

  describe('a key', () => {
    it.each([
      ['its owner', true],
      ['somebody else', false],
    ])('that was certified before is refused to %s, also once revoked', async (_, isOwner) => {
      const key = await apiKey(`certified ${String(isOwner)}`);
      const owner = api().person('owner');
      const { certificateId } = await api().enrol(owner, key);
      const as = isOwner ? owner : api().person('other');
      await api().call('GET /v1/me', { as });
      const body = { csr: key.csr, deviceName: 'laptop' };
      await refused(api(), ISSUE, { as, body }, { status: 409, code: 'publicKeyInUse' });
      await api().call('POST /v1/certificates/{certificateId}/revocation', {
        as: owner,
        path: { certificateId },
        body: { reason: 'superseded' },
      });
      const again = await api().call(ISSUE, { as, body });
      expect(problemOf(again)).toMatchObject({ status: 409, code: 'publicKeyInUse' });
    });
  });
}
