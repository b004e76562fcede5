import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeProfile, PRIVATE_KEY_PLACE, withPrivateKey } from '../../../shared/domain/profile.ts';
import { pemFrom } from '../../../shared/domain/x509/pem.ts';
import { testCa, testKey, testLeafDer } from './fixtures.ts';

const ca = testCa();
const caPem = pemFrom('CERTIFICATE', ca.certificateDer);
const certificatePem = pemFrom('CERTIFICATE', testLeafDer(ca));

/** As AWS words its export. */
const exported = `client
dev tun
proto udp
remote cvpn-endpoint-0123456789abcdef0.prod.clientvpn.eu-central-1.amazonaws.com 443
remote-random-hostname
resolv-retry infinite
nobind
remote-cert-tls server
cipher AES-256-GCM
verb 3
<ca>
Certificate:
    Data: text that easy-rsa puts before it
${caPem}</ca>


reneg-sec 0

verify-x509-name vpn.example.com name
`;

const compose = (clientConfiguration: string): string =>
  composeProfile({ clientConfiguration, certificatePem });
const bodyOf = (profile: string): string[] => profile.split('\n').filter((line) => !line.startsWith('#'));

describe('a profile', () => {
  it('has every directive of AWS’s export in its order, the CA, the certificate, and a place for the key', () => {
    const directives = exported
      .replace(/<ca>[^]*<\/ca>/, '')
      .split('\n')
      .filter((line) => line !== '');
    expect(bodyOf(compose(exported)).join('\n')).toBe(
      [
        ...directives,
        `<ca>\n${caPem}</ca>`,
        `<cert>\n${certificatePem}</cert>`,
        `<key>\n${PRIVATE_KEY_PLACE}\n</key>`,
        '',
      ].join('\n'),
    );
  });

  it('has LF line ends, from whatever line ends', () => {
    const profile = compose(exported.replaceAll('\n', '\r\n'));
    expect(profile).toBe(compose(exported));
    expect(profile).not.toContain('\r');
  });

  it.each([
    'up /tmp/evil.sh',
    'down /tmp/evil.sh',
    'script-security 2',
    'plugin /tmp/evil.so',
    'tls-verify /tmp/evil.sh',
    'route-up /tmp/evil.sh',
    'ipchange /tmp/evil.sh',
    'client-connect /tmp/evil.sh',
    'auth-user-pass-verify /tmp/evil.sh via-env',
    'auth-user-pass /etc/passwd',
    'config /etc/other.ovpn',
    'management 0.0.0.0 7505',
    'log /etc/passwd',
    'setenv CLIENT_CERT 0',
    'verify-x509-name "x" name; up /tmp/evil.sh',
    'dev tun0 up',
    'remote-cert-tls client',
    'proto udp6x',
    '; comment',
    '# comment',
    '\u00a0up x',
    'Up /tmp/evil.sh',
    '--up /tmp/evil.sh',
  ])('does not take up "%s"', (line) => {
    expect(compose(`${line}\n${exported}\n${line}`)).toBe(compose(exported));
  });

  it.each([
    'auth-user-pass',
    'aws-auth-device-posture',
    'persist-tun',
    'tun-mtu 1400',
    'proto tcp-client',
    'remote 127.0.0.1 1194 tcp',
  ])('takes up "%s"', (line) => {
    expect(bodyOf(compose(`${exported}\n  ${line.replace(' ', '\t ')}  `))).toContain(line);
  });

  it('takes no other block, and nothing that hides in one', () => {
    const hidden = `<connection>\nremote evil.example 443\nup /tmp/evil.sh\n</connection>\n<key>\nx\n</key>\n<cert>\nx\n</cert>\n`;
    expect(compose(hidden + exported)).toBe(compose(exported));
    const closedByAnother = '<connection>\n</other>\nremote evil.example 443\n</connection>\n';
    expect(compose(closedByAnother + exported)).toBe(compose(exported));
    expect(compose(exported.replace('</ca>', 'up /tmp/evil.sh\n</ca>'))).toBe(compose(exported));
  });

  it.each([
    ['client', exported.replace('client\n', '')],
    ['remote', exported.replace(/^remote cvpn.*\n/m, '')],
    ['remote-cert-tls', exported.replace('remote-cert-tls server\n', '')],
    ['certificate', exported.replace(/<ca>[^]*<\/ca>/, '')],
  ])('is not composed without %s', (what, text) => {
    expect(() => compose(text)).toThrow(what);
  });

  it('has our comment lines at its top, and refuses any that would leave their line', () => {
    const parts = { clientConfiguration: exported, certificatePem };
    expect(composeProfile({ ...parts, commentLines: ['Example Ltd'] })).toMatch(/^# Example Ltd\n/);
    expect(() => composeProfile({ ...parts, commentLines: ['x\nup /tmp/evil.sh'] })).toThrow('ASCII');
    expect(() => composeProfile({ ...parts, commentLines: ['caf\u00e9'] })).toThrow('ASCII');
  });
});

describe('the place for the private key', () => {
  const keyPem = testKey('leaf').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const profile = compose(exported);

  it('takes a private key and nothing else', () => {
    const ready = withPrivateKey(profile, keyPem);
    expect(ready).toContain(`<key>\n${keyPem}</key>\n`);
    expect(withPrivateKey(profile, keyPem.replaceAll('\n', '\r\n'))).toBe(ready);
    expect(() => withPrivateKey(profile, certificatePem)).toThrow('private key');
    expect(() => withPrivateKey(profile, keyPem + keyPem)).toThrow('private key');
    expect(() => withPrivateKey(ready, keyPem)).toThrow('no place');
  });

  it('is filled by the line that the profile itself shows', () => {
    const directory = mkdtempSync(join(tmpdir(), 'profile-'));
    try {
      writeFileSync(join(directory, 'vpn.key'), keyPem);
      writeFileSync(join(directory, 'vpn.ovpn'), profile);
      const command =
        profile
          .split('\n')
          .find((line) => line.startsWith('#   sed'))
          ?.slice(4) ?? 'false';
      execFileSync('sh', ['-c', command], { cwd: directory });
      const filled = readFileSync(join(directory, 'ready.ovpn'), 'utf8');
      expect(filled).toBe(withPrivateKey(profile, keyPem));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
