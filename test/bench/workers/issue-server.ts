import { writeFileSync } from 'node:fs';
import { startStack } from '../../../infra/local/stack.ts';
import { answerQuestions } from './answering.ts';

/** The whole local stack, as `npm start` runs it. Argument: the file that tells where. */

const [infoFile = ''] = process.argv.slice(2);
const stack = await startStack({ vpn: 'tls', schedules: 'manual' });
await stack.settled();
const { apiUrl, issuer, audience, dataDirectory, service } = stack;
const { routes, authorizers } = service;
writeFileSync(infoFile, JSON.stringify({ apiUrl, issuer, audience, dataDirectory, routes, authorizers }));

answerQuestions(async ({ kind }) => {
  if (kind === 'close') await stack.close();
  const { user, system } = process.cpuUsage();
  return { cpu: (user + system) / 1000 };
});
