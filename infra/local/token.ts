import { parseArgs } from 'node:util';
import { LOCAL_PEOPLE } from './openid-provider/people.ts';
import { requestToken } from './openid-provider/request-token.ts';
import { dataDirectoryFrom, findRunningStack } from './stack/data-directory.ts';

const names = (): string => LOCAL_PEOPLE.map(({ name }) => name).join(', ');

const USAGE = `npm run -s token -- NAME [--data DIR] [--json]
Prints an access token of the running local stack. NAME is one of ${names()}.`;

interface TokenRequest {
  readonly name: string;
  readonly dataDirectory: string;
  readonly json: boolean;
}

/** @returns undefined for arguments that mean nothing */
function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv): TokenRequest | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { data: { type: 'string' }, json: { type: 'boolean', default: false } },
    });
    const [name, ...others] = positionals;
    if (name === undefined || others.length > 0) return undefined;
    return { name, dataDirectory: dataDirectoryFrom(values.data, env), json: values.json };
  } catch {
    return undefined;
  }
}

async function main(): Promise<number> {
  const request = parseOptions(process.argv.slice(2), process.env);
  if (request === undefined) return fail(USAGE, 2);
  const { name, dataDirectory, json } = request;
  if (!LOCAL_PEOPLE.some((person) => person.name === name)) {
    return fail(`nobody is called ${name}; people are ${names()}`, 1);
  }
  const stack = findRunningStack(dataDirectory);
  if (stack === undefined) return fail(`no stack runs on ${dataDirectory}; start one with: npm start`, 1);
  const { accessToken, expiresInSeconds } = await requestToken(stack.issuer, name);
  process.stdout.write(`${json ? JSON.stringify({ accessToken, expiresInSeconds }) : accessToken}\n`);
  return 0;
}

function fail(words: string, code: number): number {
  process.stderr.write(`${words}\n`);
  return code;
}

process.exitCode = await main().catch((error: unknown) =>
  fail(error instanceof Error ? error.message : String(error), 1),
);
