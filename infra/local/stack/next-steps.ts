import { join, relative } from 'node:path';
import type { Stack } from '../stack.ts';
import { DEFAULT_DATA_DIRECTORY } from './data-directory.ts';

export interface NextStep {
  readonly command: string;
  readonly explanation: string;
}

/** What to try on a stack that runs, each a line to copy into a shell in the project's directory. */
export function nextSteps({
  apiUrl,
  dataDirectory,
  hrSecret,
  scimToken,
  vpn,
}: Pick<Stack, 'apiUrl' | 'dataDirectory' | 'hrSecret' | 'scimToken' | 'vpn'>): readonly NextStep[] {
  const isDefault = dataDirectory === DEFAULT_DATA_DIRECTORY;
  const data = isDefault ? '' : ` --data ${quote(dataDirectory)}`;
  const place = isDefault ? '' : `DATA_DIR=${quote(dataDirectory)} `;
  const token = (name: string): string => `$(npm run -s token -- ${name}${data})`;
  const cli = (name: string, command: string): string =>
    `${place}VPN_PORTAL_TOKEN=${token(name)} npm run -s cli -- ${command}`;
  const profile = quote(join(besides(dataDirectory), 'alice.ovpn'));
  return [
    {
      explanation: 'alice: who am I, and may I enrol?',
      command: `curl -s -H "Authorization: Bearer ${token('alice')}" ${apiUrl}/v1/me`,
    },
    {
      explanation: 'alice: a key that stays here, a certificate, and a profile with both',
      command: cli('alice', `enrol --device laptop --out ${profile}`),
    },
    ...(vpn.kind === 'openvpn'
      ? [
          {
            explanation:
              'connect, in a second terminal; it needs no privilege and changes nothing on this machine',
            command: `openvpn --config ${profile} --dev null --ifconfig-noexec --route-noexec`,
          },
        ]
      : []),
    {
      explanation: 'the HR system: alice left. Look at her terminal',
      command: `${place}HR_WEBHOOK_SECRET=${hrSecret ?? ''} npm run -s cli -- event left alice@example.com`,
    },
    {
      explanation: "an identity provider's SCIM client: which users are provisioned? (docs/sources.md)",
      command: `curl -s -H "Authorization: Bearer ${scimToken ?? ''}" ${apiUrl}/scim/v2/Users`,
    },
    {
      explanation: 'adam, an administrator: why is she refused?',
      command: cli('adam', 'why alice@example.com'),
    },
    { explanation: 'the whole story by itself', command: 'npm run demo' },
  ];
}

/** Beside the stack's own data, which git does not see. */
function besides(dataDirectory: string): string {
  const path = relative(process.cwd(), dataDirectory);
  return path.startsWith('..') ? dataDirectory : path;
}

/** As a shell takes it for one word. */
const quote = (path: string): string =>
  /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
