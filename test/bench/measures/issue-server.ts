import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importJWK, SignJWT } from 'jose';
import * as z from 'zod';
import { caDirectory } from '../authority.ts';
import type { Bench, Measure } from '../bench.ts';
import { startCfssl } from '../cfssl-server.ts';
import { programPath } from '../commands.ts';
import { postAll, type Post } from '../http-client.ts';
import { requestsFor } from '../key-pool.ts';
import { interleave, type Rounds } from '../rounds.ts';
import type { MeasuredRow } from '../row.ts';
import { startSourceWorker, type Worker } from '../workers.ts';

const infoShape = z.object({
  apiUrl: z.url(),
  issuer: z.string(),
  audience: z.string(),
  dataDirectory: z.string(),
});
type Info = z.infer<typeof infoShape>;

const WARM_UP = 20;
const PER_ROUND = 100;
/** Never the same request twice: the table remembers. */
const STORED_PER_ROUND = 20;
const STORED_WARM_UP = 15;

/** Every certificate is for somebody else: nobody may have so many. */
async function tokenMaker({ dataDirectory, issuer, audience }: Info): Promise<() => Promise<string>> {
  const file = readFileSync(join(dataDirectory, 'openid-provider', 'keys.json'), 'utf8');
  const { signingJwk } = z.object({ signingJwk: z.looseObject({ kid: z.string() }) }).parse(JSON.parse(file));
  const key = await importJWK(signingJwk, 'RS256');
  let people = 0;
  return () => {
    const name = `person-${(people += 1)}`;
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({
      iss: issuer,
      aud: audience,
      sub: `00u-${name}`,
      preferred_username: name,
      email: `${name}@example.com`,
      email_verified: true,
      groups: ['vpn-users'],
      roles: [],
      scope: 'vpn',
      client_id: 'vpn-cli',
      auth_time: now,
    })
      .setProtectedHeader({ alg: 'RS256', kid: signingJwk.kid, typ: 'at+jwt' })
      .setIssuedAt(now)
      .setExpirationTime('1h')
      .sign(key);
  };
}

async function measureIssueServer(bench: Bench): Promise<MeasuredRow[]> {
  const cfsslPath = programPath('cfssl');
  if (cfsslPath === undefined) {
    bench.notice('cfssl serve is left out: cfssl is not installed (Debian: golang-cfssl)');
  }
  const rounds = bench.rounds(21, 9);
  bench.progress('keys and requests');
  const requests = await requestsFor(
    Math.max(PER_ROUND, STORED_PER_ROUND * (rounds + STORED_WARM_UP)),
    'server',
  );
  const sameRequests = requests.slice(0, PER_ROUND);
  const infoFile = join(bench.directory, 'issue-server.json');
  const stack = startSourceWorker(bench.root, 'issue-server', [infoFile]);
  const cfssl =
    cfsslPath === undefined
      ? undefined
      : await startCfssl(cfsslPath, caDirectory(join(bench.directory, 'ca')));
  const cpuOf = async (worker: Worker): Promise<number> => (await worker.ask({ kind: 'cpu' }))['cpu'] ?? NaN;
  await cpuOf(stack);
  const info = infoShape.parse(JSON.parse(readFileSync(infoFile, 'utf8')));
  const token = await tokenMaker(info);
  const ours = await bench.workers.start('issue-api', [infoFile]);
  const { port } = await ours.ask({ kind: 'cpu' });
  const perCoreSecond = async (
    posts: readonly Post[],
    now: () => Promise<number> | number,
  ): Promise<number> => {
    const before = await now();
    await postAll(posts);
    return posts.length / (((await now()) - before) / 1000);
  };
  const enrol = async (worker: Worker, url: string, csrs: readonly string[]): Promise<number> => {
    const posts: Post[] = [];
    for (const csr of csrs) {
      posts.push({
        url: `${url}/v1/certificates`,
        token: await token(),
        body: { csr, deviceName: 'laptop' },
      });
    }
    return perCoreSecond(posts, () => cpuOf(worker));
  };
  let used = 0;
  const sides: Readonly<Record<string, () => Promise<number>>> = {
    withoutStore: async () => {
      await ours.ask({ kind: 'forget' });
      return enrol(ours, `http://127.0.0.1:${port}`, sameRequests);
    },
    withStore: () => enrol(stack, info.apiUrl, requests.slice(used, (used += STORED_PER_ROUND))),
    ...(cfssl === undefined
      ? {}
      : {
          cfssl: () =>
            perCoreSecond(
              sameRequests.map((csr) => ({
                url: cfssl.signUrl,
                body: { certificate_request: csr, profile: 'client' },
              })),
              () => cfssl.cpuMilliseconds(),
            ),
        }),
  };
  try {
    await sides['cfssl']?.();
    // Ours is compiled while it runs, cfssl was before.
    for (let run = 0; run < WARM_UP; run += 1) await sides['withoutStore']?.();
    for (let run = 0; run < STORED_WARM_UP; run += 1) await sides['withStore']?.();
    const measured = await interleave(rounds, sides, (round) =>
      bench.progress(`issue over HTTP, round ${round}`),
    );
    return rowsOf(measured, cfssl !== undefined);
  } finally {
    await cfssl?.close();
    await ours.close();
    await stack.ask({ kind: 'close' }).catch(() => undefined);
    await stack.close();
  }
}

function rowsOf(measured: Rounds, hasPeer: boolean): MeasuredRow[] {
  const row = (
    side: 'withoutStore' | 'withStore',
    name: string,
    how: string,
    must: number | null,
    aim: number | null,
  ) => ({
    name,
    title: `the issue handler behind the local API, certificates per core-second of the server process, ${how}`,
    value: hasPeer ? measured.ratio(side, 'cfssl') : measured.of(side),
    unit: hasPeer ? 'x' : '/s',
    better: 'higher' as const,
    must: hasPeer ? must : null,
    aim: hasPeer ? aim : null,
    peer: hasPeer ? 'cfssl serve, same client' : null,
    figures: `${measured.of(side).toFixed(0)}${hasPeer ? ` : ${measured.of('cfssl').toFixed(0)}` : ''} per core-second`,
  });
  return [
    row('withoutStore', 'issue-api', 'store and KMS counted out', 1, 2),
    row(
      'withStore',
      'issue-api-stored',
      'with store, KMS stand-in and identity provider in the same process',
      null,
      null,
    ),
  ];
}

export const ISSUE_SERVER_MEASURES: readonly Measure[] = [{ name: 'issue-api', measure: measureIssueServer }];
