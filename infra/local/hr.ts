import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { signHrEvent, type HrEventType } from './hr-event.ts';
import { LOCAL_PEOPLE } from './openid-provider/people.ts';
import { dataDirectoryFrom, findRunningStack } from './stack/data-directory.ts';

const TYPES: Readonly<Record<string, HrEventType>> = {
  left: 'person.left',
  suspended: 'person.suspended',
  returned: 'person.returned',
};

const USAGE = `node --import tsx infra/local/hr.ts ${Object.keys(TYPES).join('|')} NAME|E-MAIL [--data DIR]
Tells the running local stack what the HR system would: a signed webhook.`;

function parseOptions(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { data: { type: 'string' } },
    });
    const [word = '', whom, ...others] = positionals;
    const type = Object.hasOwn(TYPES, word) ? TYPES[word] : undefined;
    if (type === undefined || whom === undefined || others.length > 0) return undefined;
    return { type, whom, dataDirectory: dataDirectoryFrom(values.data, process.env) };
  } catch {
    return undefined;
  }
}

async function main(): Promise<number> {
  const request = parseOptions(process.argv.slice(2));
  if (request === undefined) return fail(USAGE, 2);
  const stack = findRunningStack(request.dataDirectory);
  if (stack?.hrSecret === undefined) {
    return fail(`no stack runs on ${request.dataDirectory}; start one with: npm start`, 1);
  }
  const email = LOCAL_PEOPLE.find(({ name }) => name === request.whom)?.email ?? request.whom;
  const event = { type: request.type, email, id: `msg_${randomUUID()}`, at: new Date() };
  const { headers, body } = signHrEvent(stack.hrSecret, event);
  const response = await fetch(`${stack.apiUrl}/v1/offboarding/hr`, { method: 'POST', headers, body });
  process.stdout.write(`${response.status} ${await response.text()}\n`);
  return response.ok ? 0 : 1;
}

function fail(words: string, code: number): number {
  process.stderr.write(`${words}\n`);
  return code;
}

process.exitCode = await main().catch((error: unknown) =>
  fail(error instanceof Error ? error.message : String(error), 1),
);
