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
  vpn,
}: Pick<Stack, 'apiUrl' | 'dataDirectory' | 'vpn'>): readonly NextStep[] {
  const data = dataDirectory === DEFAULT_DATA_DIRECTORY ? '' : ` --data ${quote(dataDirectory)}`;
  const as = (name: string): string => `-H "Authorization: Bearer $(npm run -s token -- ${name}${data})"`;
  // Beside the stack's own data, which git does not see.
  const beside = relative(process.cwd(), dataDirectory);
  const folder = beside.startsWith('..') ? dataDirectory : beside;
  const file = (name: string): string => quote(join(folder, name));
  const [key, csr, answer, profile] = ['alice.key', 'alice.csr', 'alice.json', 'alice.ovpn'].map(file);
  return [
    { explanation: 'who am I, and may I enrol?', command: `curl -s ${as('alice')} ${apiUrl}/v1/me` },
    {
      explanation: 'a key that never leaves this machine, and a request for a certificate',
      command: `openssl req -new -newkey rsa:2048 -nodes -subj /CN=alice -keyout ${key} -out ${csr}`,
    },
    {
      explanation: 'the certificate and a profile',
      command:
        `curl -s ${as('alice')} -H "Content-Type: application/json" -H "Idempotency-Key: $(date +%s)" ` +
        `-d "$(node -p 'JSON.stringify({ deviceName: "laptop", csr: fs.readFileSync(process.argv[1], "utf8") })' ${csr})" ` +
        `-o ${answer} ${apiUrl}/v1/certificates`,
    },
    {
      explanation: 'the key into its place in the profile',
      command:
        `node -p 'const [a, k] = process.argv.slice(1).map((f) => fs.readFileSync(f, "utf8")); ` +
        `JSON.parse(a).profile.replace(/<key>[^]*<.key>/, "<key>\\n" + k + "</key>")' ${answer} ${key} > ${profile}`,
    },
    ...(vpn.kind === 'openvpn'
      ? [
          {
            explanation:
              'connect, in a second terminal; no privilege needed, and nothing changes on this machine',
            command: `openvpn --config ${profile} --dev null --ifconfig-noexec --route-noexec`,
          },
        ]
      : []),
    {
      explanation: 'the HR system says that alice left: look at her terminal',
      command: `node --import tsx infra/local/hr.ts left alice${data}`,
    },
    { explanation: 'the whole story by itself', command: 'npm run demo' },
  ];
}

/** As a shell takes it for one word. */
const quote = (path: string): string =>
  /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
