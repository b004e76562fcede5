import type { Stack } from '../stack.ts';

export interface NextStep {
  readonly command: string;
  readonly explanation: string;
}

/** What to try on a stack that runs, each a line to copy. */
export function nextSteps({ apiUrl }: Pick<Stack, 'apiUrl'>): readonly NextStep[] {
  const as = (name: string): string => `-H "Authorization: Bearer $(npm run -s token -- ${name})"`;
  return [
    {
      explanation: 'who am I, and may I enrol?',
      command: `curl -s ${as('alice')} ${apiUrl}/v1/me`,
    },
    {
      explanation: 'a key that never leaves this machine, and a request for a certificate',
      command: 'openssl req -new -newkey rsa:2048 -nodes -subj /CN=alice -keyout alice.key -out alice.csr',
    },
    {
      explanation: 'the certificate and the profile',
      command:
        `curl -s ${as('alice')} -H 'Content-Type: application/json' -H "Idempotency-Key: $(date +%s)" ` +
        `-d "{\\"deviceName\\":\\"laptop\\",\\"csr\\":$(node -p 'JSON.stringify(fs.readFileSync("alice.csr","utf8"))')}" ` +
        `${apiUrl}/v1/certificates`,
    },
    {
      explanation: 'the whole story: connect, leave, cut, refused, published',
      command: 'npm run demo',
    },
  ];
}
