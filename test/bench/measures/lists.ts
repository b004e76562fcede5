import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cfsslGencrl, easyrsaGencrl, opensslGencrl, revokedCaDirectory } from '../authority.ts';
import type { Bench, Measure } from '../bench.ts';
import { cpuOf, programPath, type Command } from '../commands.ts';
import { revocationRows } from '../list-material.ts';
import { interleave, type Rounds } from '../rounds.ts';
import type { MeasuredRow } from '../row.ts';

const OPENSSL = 'openssl ca -gencrl on the same rows, CPU of the process';
const WARM_UP = 8;

const milliseconds = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
const figures = (rounds: Rounds, name: string, peer: string): string =>
  `${milliseconds(rounds.of(name))} : ${milliseconds(rounds.of(peer))}`;

/** Asks a fresh process once. */
async function fresh(bench: Bench, args: readonly string[], kind: string, options: readonly string[] = []) {
  const worker = await bench.workers.start('lists', args, options);
  try {
    return await worker.ask({ kind });
  } finally {
    await worker.close();
  }
}

async function measureTwentyThousand(bench: Bench): Promise<MeasuredRow[]> {
  const directory = revokedCaDirectory(bench.directory, 20_000);
  const args = [directory, '20000'];
  const warm = await bench.workers.start('lists', args);
  for (let run = 0; run < WARM_UP; run += 1) {
    await warm.ask({ kind: 'sign' });
    await warm.ask({ kind: 'check' });
  }
  const cpu = async (kind: string): Promise<number> => (await warm.ask({ kind }))['cpu'] ?? NaN;
  const rounds = await interleave(
    bench.rounds(15, 5),
    {
      openssl: () => cpuOf(opensslGencrl(directory)),
      first: async () => (await fresh(bench, args, 'sign'))['cpu'] ?? NaN,
      warm: () => cpu('sign'),
      checked: () => cpu('check'),
    },
    (round) => bench.progress(`20,000 rows, round ${round}`),
  );
  await warm.close();
  const row = (
    name: 'first' | 'warm' | 'checked',
    title: string,
    [must, aim]: readonly [number | null, number | null],
  ): MeasuredRow => ({
    name: `crl-20000-${name}`,
    title,
    value: rounds.ratio(name, 'openssl'),
    unit: 'x',
    better: 'lower',
    must,
    aim,
    peer: OPENSSL,
    figures: figures(rounds, name, 'openssl'),
  });
  return [
    row('first', '20,000 rows in memory → signed DER, first call in a fresh process', [0.2, 0.1]),
    row('warm', 'the same, warm', [0.07, 0.035]),
    row('checked', 'the same, warm, with lints before and verification after the signature', [null, null]),
  ];
}

/** The steps of heaps that are tried, in megabytes. */
const HEAPS = [32, 48, 64, 96, 128, 256];

async function measureMemory(bench: Bench): Promise<MeasuredRow[]> {
  const directory = revokedCaDirectory(bench.directory, 20_000);
  const args = [directory, '20000'];
  const { of } = await interleave(
    bench.rounds(7, 3),
    {
      extra: async () =>
        (await fresh(bench, args, 'memory', ['--expose-gc', '--max-old-space-size=64']))['megabytes'] ?? NaN,
    },
    (round) => bench.progress(`memory, round ${round}`),
  );
  let heap = Number.POSITIVE_INFINITY;
  for (const megabytes of HEAPS) {
    bench.progress(`a heap of ${megabytes} MB`);
    const runs = await fresh(bench, args, 'sign', [`--max-old-space-size=${megabytes}`]).then(
      () => true,
      () => false,
    );
    if (runs) {
      heap = megabytes;
      break;
    }
  }
  const common = { unit: 'MB', better: 'lower', peer: null } as const;
  return [
    {
      ...common,
      name: 'crl-20000-memory',
      title: 'extra memory for it, in a heap of 64 MB',
      value: of('extra'),
      must: 16,
      aim: 8,
      figures: 'resident set at its highest, above what it was',
    },
    {
      ...common,
      name: 'crl-20000-heap',
      title: 'smallest old space it runs in, of 32, 48, 64, 96, …',
      value: heap,
      must: 64,
      aim: null,
      figures: '--max-old-space-size',
    },
  ];
}

async function measureTwoHundredThousand(bench: Bench): Promise<MeasuredRow[]> {
  const count = 200_000;
  const directory = revokedCaDirectory(bench.directory, count);
  const worker = await bench.workers.start('lists', [directory, String(count)]);
  for (let run = 0; run < 3; run += 1) await worker.ask({ kind: 'sign' });
  const rounds = await interleave(
    bench.rounds(7, 3),
    {
      openssl: () => cpuOf(opensslGencrl(directory)),
      warm: async () => (await worker.ask({ kind: 'sign' }))['cpu'] ?? NaN,
    },
    (round) => bench.progress(`200,000 rows, round ${round}`),
  );
  const path = join(directory, 'ours.crl');
  await worker.ask({ kind: 'write', path });
  await worker.close();
  bench.progress('what OpenSSL reads of 200,000 entries');
  return [
    {
      name: 'crl-200000-warm',
      title: '200,000 rows in memory → signed DER, warm',
      value: rounds.ratio('warm', 'openssl'),
      unit: 'x',
      better: 'lower',
      must: 0.045,
      aim: 0.03,
      peer: OPENSSL,
      figures: figures(rounds, 'warm', 'openssl'),
    },
    {
      name: 'crl-200000-entries-equal',
      title: 'entries of that list that OpenSSL verifies and reads as they were written',
      value: await equalEntries(directory, path, count),
      unit: 'entries',
      better: 'higher',
      must: count,
      aim: null,
      peer: 'openssl crl -text, entry by entry',
      figures: '',
    },
  ];
}

const REASON_WORDS: Readonly<Record<string, string>> = {
  keyCompromise: 'Key Compromise',
  affiliationChanged: 'Affiliation Changed',
  superseded: 'Superseded',
  cessationOfOperation: 'Cessation Of Operation',
};
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As OpenSSL writes it, for example `Sep  8 12:00:00 2026 GMT`. */
function opensslDate(at: number): string {
  const date = new Date(at * 1000);
  const day = String(date.getUTCDate()).padStart(2);
  return `${MONTHS[date.getUTCMonth()] ?? ''} ${day} ${date.toISOString().slice(11, 19)} ${date.getUTCFullYear()} GMT`;
}

/** @returns how many entries, from the first on, are what they should be; 0 where the list does not verify */
async function equalEntries(directory: string, path: string, count: number): Promise<number> {
  const args = ['crl', '-inform', 'DER', '-in', path, '-CAfile', 'ca.crt', '-noout', '-text'];
  const { stdout, stderr } = await promisify(execFile)('openssl', args, {
    cwd: directory,
    maxBuffer: 256 * 1024 * 1024,
  });
  if (!stderr.includes('verify OK')) return 0;
  const rows = revocationRows(count).sort((a, b) => (a.serialNumber < b.serialNumber ? -1 : 1));
  const entries = stdout.split('    Serial Number: ').slice(1);
  if (entries.length !== rows.length) return 0;
  const wrong = rows.findIndex(({ serialNumber, revocationDate, reason }, index) => {
    const [serial = '', date = '', , , said = ''] = (entries[index] ?? '').split('\n');
    return (
      serial.toLowerCase().padStart(20, '0') !== serialNumber ||
      date.trim() !== `Revocation Date: ${opensslDate(revocationDate)}` ||
      said.trim() !== REASON_WORDS[reason]
    );
  });
  return wrong === -1 ? count : wrong;
}

async function measureProcesses(bench: Bench): Promise<MeasuredRow[]> {
  const directory = revokedCaDirectory(bench.directory, 20_000);
  const [easyrsa, cfssl] = [programPath('easyrsa'), programPath('cfssl')];
  if (easyrsa === undefined)
    bench.notice('easyrsa gen-crl is left out: easyrsa is not installed (Debian: easy-rsa)');
  if (cfssl === undefined)
    bench.notice('cfssl gencrl is left out: cfssl is not installed (Debian: golang-cfssl)');
  const ours: Command = {
    file: process.execPath,
    args: [join(bench.directory, 'index-to-crl.mjs'), directory, join(directory, 'ours.pem')],
    env: { NODE_OPTIONS: '' },
  };
  const commands: Readonly<Record<string, Command>> = {
    ours,
    openssl: opensslGencrl(directory),
    ...(easyrsa === undefined ? {} : { easyrsa: easyrsaGencrl(easyrsa, directory) }),
    ...(cfssl === undefined ? {} : { cfssl: cfsslGencrl(cfssl, directory) }),
  };
  const sides = Object.fromEntries(
    Object.entries(commands).map(([name, command]) => [name, () => cpuOf(command)]),
  );
  const rounds = await interleave(bench.rounds(9, 3), sides, (round) =>
    bench.progress(`whole processes, round ${round}`),
  );
  const peers: Readonly<Record<string, string>> = {
    openssl: 'openssl ca -gencrl',
    easyrsa: 'easyrsa gen-crl',
    cfssl: 'cfssl gencrl, which writes neither dates nor reasons',
  };
  return Object.entries(peers)
    .filter(([name]) => name in commands)
    .map(([name, peer]) => ({
      name: `crl-20000-process-${name}`,
      title: '20,000 rows as a text file → PEM, whole process from its start to its end',
      value: rounds.ratio('ours', name),
      unit: 'x',
      better: 'lower',
      must: null,
      aim: null,
      peer: `${peer}, CPU of the process`,
      figures: figures(rounds, 'ours', name),
    }));
}

export const LIST_MEASURES: readonly Measure[] = [
  { name: 'crl', measure: measureTwentyThousand },
  { name: 'crl-memory', measure: measureMemory },
  { name: 'crl-200000', measure: measureTwoHundredThousand },
  { name: 'crl-process', measure: measureProcesses },
];
