import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, Measure } from '../bench.ts';
import { quantile } from '../rounds.ts';
import type { MeasuredRow } from '../row.ts';
import { startSourceWorker, type Worker } from '../workers.ts';
import { senders, stackInfo } from './leaving.ts';

/** Who leave together, and how many events are on their way at the same time. */
interface Crowd {
  readonly people: number;
  readonly atOnce: number;
}

const ONE: Crowd = { people: 1, atOnce: 1 };
const CROWD: Crowd = { people: 100, atOnce: 8 };
const LARGE_CROWD: Crowd = { people: 5_000, atOnce: 8 };
/** Who must not be cut meanwhile. */
const STAYING = 10;
const STAYING_PREFIX = 'staying-';
const STORED = [1_000, 20_000];
const REPORTED = { better: 'lower', must: null, aim: null, peer: null } as const;
const WHERE = 'over HTTP to the local stack, all of it in one process and its table in memory';

/** Of some who left: how long each waited to be denied, and to be cut, in milliseconds. */
interface Waited {
  readonly denied: number[];
  readonly cut: number[];
  /** How many answers were 5xx or did not come, so that the event was sent again. */
  readonly refused: number;
}

type Senders = ReturnType<typeof senders>;
type Say = Senders['sayByWebhook'];

/** One stack and who speaks to it. */
interface Scene {
  readonly bench: Bench;
  readonly stack: Worker;
  readonly senders: Senders;
}

/** Adds people, connects them, says that they left, and waits until they are cut. */
async function leave(
  { bench, stack }: Scene,
  prefix: string,
  { people, atOnce }: Crowd,
  say: Say,
): Promise<Waited> {
  bench.progress(`${people} come`);
  await stack.ask({ kind: 'add', prefix, people });
  bench.progress(`${people} leave`);
  const logins = Array.from({ length: people }, (_, index) => `${prefix}${index + 1}`);
  const told = await say(logins, atOnce);
  const cutAt = await stack.ask({ kind: 'cut', prefix, staying: STAYING_PREFIX });
  const cut = [...told].map(([login, { at }]) => (cutAt[login] ?? NaN) - at);
  if (!cut.every(Number.isFinite)) throw new Error('somebody was not cut');
  const all = [...told.values()];
  const refused = all.reduce((total, one) => total + one.refused, 0);
  return { denied: all.map(({ milliseconds }) => milliseconds), cut, refused };
}

const sentAgain = ({ refused }: Waited): string =>
  refused === 0 ? '' : `; ${refused} events were sent again after a 5xx or none`;

function rowsOf(name: string, who: string, { denied, cut }: Waited, figures: string): MeasuredRow[] {
  const row = (words: string, title: string, values: readonly number[], part: number): MeasuredRow => ({
    ...REPORTED,
    name: `offboarding-${name}-${words}`,
    title: `${who}: ${title}`,
    figures,
    value: quantile(values, part),
    unit: 'ms',
  });
  return [
    row('denied-p50', 'event sent → 2xx, denied, p50', denied, 0.5),
    row('denied-p99', 'event sent → 2xx, denied, p99', denied, 0.99),
    row('cut-p50', 'event sent → connection ended, p50', cut, 0.5),
    row('cut-p99', 'event sent → connection ended, p99', cut, 0.99),
  ];
}

async function revokedRow({ bench, stack }: Scene, { people }: Crowd): Promise<MeasuredRow> {
  bench.progress(`${people} are revoked`);
  const { milliseconds = NaN, runs = NaN } = await stack.ask({ kind: 'revoke' });
  return {
    ...REPORTED,
    name: `offboarding-${people}-revoked`,
    title: `${people} leave: every certificate has its row for the list, for all of them`,
    figures: `${runs} ${runs === 1 ? 'run' : 'runs'} of the sweep, one after the other, after the cut`,
    value: milliseconds,
    unit: 'ms',
  };
}

/** Nothing else is going on meanwhile. */
async function oneByOne(scene: Scene): Promise<MeasuredRow[]> {
  const times = scene.bench.rounds(3, 2);
  const each: Waited[] = [];
  // The first is not counted: what it waits for is that functions are compiled.
  for (let time = 0; time <= times; time += 1) {
    await scene.stack.ask({ kind: 'settle' });
    const one = await leave(scene, `one${time}-`, ONE, scene.senders.sayByWebhook);
    if (time > 0) each.push(one);
  }
  const all = {
    denied: each.flatMap(({ denied }) => denied),
    cut: each.flatMap(({ cut }) => cut),
    refused: each.reduce((total, { refused }) => total + refused, 0),
  };
  const figures = `signed webhooks ${WHERE}; ${times} times, nothing else going on${sentAgain(all)}`;
  return rowsOf('1', '1 leaves', all, figures);
}

async function crowdRows(scene: Scene, crowd: Crowd): Promise<MeasuredRow[]> {
  const { people, atOnce } = crowd;
  const waited = await leave(scene, `many${people}-`, crowd, scene.senders.sayByWebhook);
  const figures = `signed webhooks, ${atOnce} at a time, ${WHERE}${sentAgain(waited)}`;
  return rowsOf(String(people), `${people} leave`, waited, figures);
}

async function scimRows(scene: Scene): Promise<MeasuredRow[]> {
  const waited = await leave(scene, 'directory-', CROWD, scene.senders.sayByScim);
  const { people, atOnce } = CROWD;
  const figures = `SCIM, ${atOnce} at a time, ${WHERE}${sentAgain(waited)}`;
  return rowsOf(`${people}-scim`, `${people} are deactivated by their directory`, waited, figures);
}

async function measureTimes(bench: Bench): Promise<MeasuredRow[]> {
  const infoFile = join(bench.directory, 'offboarding-stack.json');
  const stack = startSourceWorker(bench.root, 'offboarding-stack', [infoFile]);
  let sending: Senders | undefined;
  try {
    await stack.ask({ kind: 'add', prefix: STAYING_PREFIX, people: STAYING });
    sending = senders(stackInfo.parse(JSON.parse(readFileSync(infoFile, 'utf8'))));
    const scene: Scene = { bench, stack, senders: sending };
    const rows = [
      ...(await oneByOne(scene)),
      ...(await crowdRows(scene, CROWD)),
      await revokedRow(scene, CROWD),
      ...(await scimRows(scene)),
    ];
    return bench.quick ? rows : [...rows, ...(await crowdRows(scene, LARGE_CROWD))];
  } finally {
    sending?.close();
    await stack.ask({ kind: 'close' }).catch(() => undefined);
    await stack.close();
  }
}

async function measureCalls(bench: Bench): Promise<MeasuredRow[]> {
  const rows: MeasuredRow[] = [];
  for (const stored of STORED) {
    bench.progress(`calls for one leaver of ${stored}`);
    const worker = startSourceWorker(bench.root, 'offboarding');
    const { calls = NaN } = await worker.ask({ stored });
    await worker.close();
    rows.push({
      ...REPORTED,
      name: `offboarding-calls-${stored}`,
      title: `calls of the store for one leaver of ${stored} people, from the event to the row of the list`,
      figures: 'counted, over the simulated table',
      value: calls,
      unit: 'calls',
    });
  }
  return rows;
}

export const OFFBOARDING_MEASURES: readonly Measure[] = [
  {
    name: 'offboarding',
    measure: async (bench) => [...(await measureTimes(bench)), ...(await measureCalls(bench))],
  },
];
