import { kept } from './kept.ts';
import { octetsFromBase64, pemBlocksIn, pemFrom } from './x509/pem.ts';

/**
 * The OpenVPN directives that pass from the endpoint's export into a profile, with what may follow them. Those that
 * AWS exports are here (`remote-random-hostname` puts a random label before the endpoint's name), and what its client
 * documents. Whatever else there is stays out: some directives run programs (`up`, `plugin`), read files, or turn
 * checks off.
 */
const DIRECTIVES: ReadonlyMap<string, RegExp> = new Map([
  ['client', /^$/],
  ['dev', /^tun[0-9]{0,3}$/],
  ['proto', /^(udp|tcp)[46]?(-client)?$/],
  ['remote', /^[A-Za-z0-9.:-]{1,253} [0-9]{1,5}( (udp|tcp)[46]?(-client)?)?$/],
  ['remote-random-hostname', /^$/],
  ['resolv-retry', /^(infinite|[0-9]{1,6})$/],
  ['nobind', /^$/],
  ['persist-key', /^$/],
  ['persist-tun', /^$/],
  ['remote-cert-tls', /^server$/],
  ['cipher', /^[A-Z0-9-]{1,64}$/],
  ['data-ciphers', /^[A-Z0-9:-]{1,253}$/],
  ['verb', /^[0-9]{1,2}$/],
  ['reneg-sec', /^[0-9]{1,6}$/],
  ['connect-retry', /^[0-9]{1,6}( [0-9]{1,6})?$/],
  ['tun-mtu', /^[0-9]{3,5}$/],
  // Without a file behind it: an endpoint that asks for certificate and directory password.
  ['auth-user-pass', /^$/],
  // A word of AWS's own client: it signs people in at a SAML provider, in a browser.
  ['auth-federate', /^$/],
  ['auth-retry', /^(none|nointeract|interact)$/],
  ['auth-nocache', /^$/],
  ['aws-auth-device-posture', /^[A-Za-z0-9._-]{0,253}$/],
  ['verify-x509-name', /^("[A-Za-z0-9 .,=*_-]{1,253}"|[A-Za-z0-9.*_-]{1,253}) (name|name-prefix|subject)$/],
]);

/** Without these a profile would connect nowhere, or to anybody. */
const NEEDED = ['client', 'remote', 'remote-cert-tls'];

/** The line that the private key takes the place of. */
export const PRIVATE_KEY_PLACE = 'PUT-YOUR-PRIVATE-KEY-HERE';

const KEY_INSTRUCTIONS = [
  'The private key belongs in the last block, in place of its one line. It was made on your computer and is not',
  'known here. Put it in with an editor, or, if it is in vpn.key and this file is vpn.ovpn, with',
  `  sed -e '/^${PRIVATE_KEY_PLACE}$/r vpn.key' -e '/^${PRIVATE_KEY_PLACE}$/d' vpn.ovpn > ready.ovpn`,
];

export interface ProfileParts {
  /** As AWS exports it. */
  readonly clientConfiguration: string;
  readonly certificatePem: string;
  /** Our own words at its top, printable ASCII; nothing that a caller sent. */
  readonly commentLines?: readonly string[];
}

/**
 * Composes an OpenVPN profile: what is allowed of the endpoint's export, the certificate, and a marked place for the
 * private key, which is the last block.
 *
 * @returns text with LF line ends
 * @throws Error where the export lacks what a profile cannot do without
 */
export function composeProfile({
  clientConfiguration,
  certificatePem,
  commentLines = [],
}: ProfileParts): string {
  const { directives, caPem } = filterConfiguration(clientConfiguration);
  const comments = [...commentLines, ...KEY_INSTRUCTIONS].map((line) => {
    if (!/^[\x20-\x7e]*$/.test(line)) throw new Error('a comment in a profile is printable ASCII');
    return `# ${line}`;
  });
  return [
    ...comments,
    ...directives,
    `<ca>\n${caPem}</ca>`,
    `<cert>\n${bareCertificates(certificatePem)}</cert>`,
    `<key>\n${PRIVATE_KEY_PLACE}\n</key>`,
    '',
  ].join('\n');
}

/**
 * Puts a private key into its place in a profile, for a caller whose key was made for her.
 *
 * @param privateKeyPem PKCS #8 or PKCS #1, not encrypted
 * @throws Error where the profile has no such place, or the text is not one private key
 */
export function withPrivateKey(profile: string, privateKeyPem: string): string {
  const [block, ...others] = pemBlocksIn(privateKeyPem);
  if (block === undefined || others.length > 0 || !/^(RSA )?PRIVATE KEY$/.test(block.label)) {
    throw new Error('expected one private key in PEM');
  }
  const place = `<key>\n${PRIVATE_KEY_PLACE}\n</key>`;
  const parts = profile.split(place);
  if (parts.length !== 2) throw new Error('the profile has no place for a private key');
  return parts.join(`<key>\n${privateKeyPem.trim().replaceAll('\r\n', '\n')}\n</key>`);
}

interface FilteredConfiguration {
  readonly directives: readonly string[];
  readonly caPem: string;
}

/** Reads the export line by line, keeping allowed directives in their order and the CA's certificates. */
const filterConfiguration = kept((clientConfiguration): FilteredConfiguration => {
  const directives: string[] = [];
  const blocks = new Map<string, string[]>();
  let openBlock: string | undefined;
  for (const line of clientConfiguration.split(/\r\n|\r|\n/)) {
    const text = line.trim();
    if (openBlock !== undefined) {
      if (text === `</${openBlock}>`) openBlock = undefined;
      else blocks.get(openBlock)?.push(text);
    } else {
      openBlock = /^<([a-z0-9-]{1,32})>$/.exec(text)?.[1];
      if (openBlock === undefined) directives.push(...allowed(text));
      else blocks.set(openBlock, []);
    }
  }
  for (const name of NEEDED) {
    const isThere = directives.some((directive) => directive.split(' ', 1)[0] === name);
    if (!isThere) throw new Error(`the endpoint's configuration has no usable "${name}"`);
  }
  return { directives, caPem: bareCertificates((blocks.get('ca') ?? []).join('\n')) };
});

function allowed(text: string): string[] {
  const [, name = '', parameters = ''] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
  const directive = [name, ...parameters.split(/\s+/)].filter((word) => word !== '').join(' ');
  const isAllowed = DIRECTIVES.get(name)?.test(directive.slice(name.length + 1)) === true;
  return isAllowed ? [directive] : [];
}

/** Certificates in PEM without the text that some tools put around them. */
function bareCertificates(pem: string): string {
  const certificates = pemBlocksIn(pem)
    .filter(({ label }) => label === 'CERTIFICATE')
    .map(({ base64 }) => octetsFromBase64(base64));
  if (certificates.length === 0) throw new Error('expected a certificate in PEM');
  return certificates
    .map((der) => {
      if (der === undefined) throw new Error('a certificate is not base64');
      return pemFrom('CERTIFICATE', der);
    })
    .join('');
}
