import { readFileSync } from 'node:fs';
import type * as z from 'zod';
import { readLeaversFile, type LeaversFile, type LeaversLine } from '../../shared/domain/leavers-file.ts';
import { isoFromMilliseconds } from '../../shared/domain/time.ts';
import { eventResultView } from '../../shared/http/api/event-result.ts';
import { defineCommand, type Context } from '../command.ts';
import { EXIT_CODE, Failure, usageFailure } from '../failure.ts';
import { apiPath, type PortalApi } from '../portal/api.ts';
import type { Screen } from '../terminal/screen.ts';
import { counted, momentOf, shellWord } from '../terminal/words.ts';
import { findPersonIfKnown, type PersonDetails } from '../who.ts';
import { filePath, PROGRAM, type World } from '../world.ts';

type Read = Extract<LeaversFile, { kind: 'read' }>;
type Result = { readonly line: number } & z.infer<typeof eventResultView>;

/** Requests at once: a person's own, so that the API's throttles stay far away. */
const AT_ONCE = 4;

export const leavers = defineCommand({
  name: 'leavers',
  audience: 'administrator',
  summary: 'offboard, hold or reinstate everybody whom a CSV file names',
  notes: [
    'Columns: email, login or employeeNumber (or aliasKind, which says one of them, and alias); kind (left, suspended,',
    'returned); lastDay and eventTime where wanted. The file is judged whole before anything is sent; the same file',
    'acts once.',
    '--dry-run shows who and what would be hit, and changes nothing.',
  ],
  arguments: { FILE: { words: 'CSV in UTF-8, with commas or semicolons' } },
  options: {
    'dry-run': { words: 'look people up, and change nothing' },
    comment: { value: 'WORDS', words: 'for the record; no secrets' },
    yes: { words: 'do not ask' },
  },
  examples: ['leavers leavers.csv --dry-run', 'leavers leavers.csv --yes'],
  async run({ world, screen, portal, confirm }, { FILE: name, 'dry-run': isDryRun, comment, yes }) {
    const file = readFile(world, name);
    const api = portal();
    if (isDryRun) return showWhoIsHit(screen, api, file, name);
    if (!yes) await confirm(`${wordsOf(file)}. Go on?`, 'goOn');
    const results = await sendAll(api, file, comment, name);
    printResults(screen, results);
    return { sha256: file.sha256Hex, results };
  },
});

/** @throws Failure with every fault and its line */
function readFile(world: World, name: string): Read {
  let octets: Buffer;
  try {
    octets = readFileSync(filePath(world, name));
  } catch {
    throw usageFailure(`${name} cannot be read`, 'FILE is a CSV file');
  }
  const file = readLeaversFile(octets, world.now());
  if (file.kind === 'read') return file;
  throw new Failure({
    exitCode: EXIT_CODE.refused,
    code: 'badLeaversFile',
    title: `${name} is refused as a whole, and nothing was sent`,
    faults: file.faults.map(({ line, words }) => ({ pointer: `line ${line}`, detail: words })),
  });
}

function wordsOf({ lines }: Read): string {
  const count = (kind: LeaversLine['kind']): number => lines.filter((one) => one.kind === kind).length;
  return `${counted(lines.length, 'person').replace('persons', 'people')}: ${count('left')} left, ${count('suspended')} suspended, ${count('returned')} returned`;
}

const whoOf = ({ alias }: LeaversLine): string => `${alias.kind}:${alias.value}`;

async function showWhoIsHit(screen: Screen, api: PortalApi, file: Read, name: string): Promise<object> {
  const people = await forEach(file.lines, (line) =>
    findPersonIfKnown(api, { alias: line.alias, isBareWord: false }),
  );
  const rows = file.lines.map((line, index) => ({ line, person: people[index] }));
  screen.table(
    ['LINE', 'KIND', 'LAST DAY', 'WHO', 'PERSON', 'CERTIFICATES', 'LAST CONNECTED', 'NOW'],
    rows.map(({ line, person }) => [
      String(line.line),
      line.kind,
      line.lastDay ?? '',
      whoOf(line),
      person?.personId ?? 'nobody is known by that',
      person === undefined ? '' : String(liveOf(person).length),
      person === undefined ? '' : lastUseOf(person),
      person?.isDenied === true ? 'denied already' : '',
    ]),
  );
  screen.note(`${wordsOf(file)}. Nothing was changed.`);
  const unknown = rows.filter(({ person, line }) => person === undefined && line.kind !== 'returned').length;
  if (unknown > 0) screen.warn(`${counted(unknown, 'name')} of nobody: each would open an incident`);
  screen.command(`${PROGRAM} leavers ${shellWord(name)}`, 'to carry it out');
  return {
    sha256: file.sha256Hex,
    dryRun: true,
    lines: rows.map(({ line, person }) => ({
      line: line.line,
      kind: line.kind,
      alias: line.alias,
      ...(line.lastDay === undefined ? {} : { lastDay: line.lastDay }),
      ...(person === undefined
        ? {}
        : {
            personId: person.personId,
            isDenied: person.isDenied,
            certificates: liveOf(person).map(({ certificateId, lastUsedAt }) => ({
              certificateId,
              ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
            })),
          }),
    })),
  };
}

const liveOf = ({ certificates }: PersonDetails): PersonDetails['certificates'] =>
  certificates.filter(({ state }) => state === 'active' || state === 'reserved');

function lastUseOf(person: PersonDetails): string {
  const last = liveOf(person)
    .flatMap(({ lastUsedAt }) => lastUsedAt ?? [])
    .sort()
    .at(-1);
  return last === undefined ? '' : momentOf(last);
}

/** @throws Failure of the first that was refused, with what to do about the rest */
async function sendAll(
  api: PortalApi,
  file: Read,
  comment: string | undefined,
  name: string,
): Promise<Result[]> {
  const results: Result[] = [];
  try {
    await forEach(file.lines, async (line) => {
      results.push({ line: line.line, ...(await sendOne(api, file, line, comment)) });
    });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { facts } = error;
    const again = {
      words: `${results.length} of ${file.lines.length} lines were carried out; the same file acts once, so run it again`,
      command: `${PROGRAM} leavers ${shellWord(name)}`,
    };
    throw new Failure({ ...facts, next: [...(facts.next ?? []), again] }, { cause: error });
  }
  return results.sort((one, other) => one.line - other.line);
}

async function sendOne(
  api: PortalApi,
  { sha256Hex }: Read,
  line: LeaversLine,
  comment: string | undefined,
): Promise<z.infer<typeof eventResultView>> {
  const { alias, kind, lastDay, eventTime } = line;
  // The same line of the same file is the same order.
  const idempotency = { idempotencyKey: `leavers-${sha256Hex.slice(0, 40)}-${line.line}` };
  const words = comment === undefined ? {} : { comment };
  if (kind === 'returned') {
    const person = await findPersonIfKnown(api, { alias, isBareWord: false });
    if (person === undefined) return { outcome: 'nothingToLift' };
    const path = apiPath`/v1/admin/people/${person.personId}/reinstatement`;
    return api.post(path, words, eventResultView, idempotency);
  }
  const body = {
    alias,
    ...(lastDay === undefined ? {} : { lastDay }),
    ...(eventTime === undefined ? {} : { eventTime: isoFromMilliseconds(eventTime) }),
    ...words,
  };
  const path = kind === 'left' ? '/v1/admin/offboardings' : '/v1/admin/holds';
  return api.post(path, body, eventResultView, idempotency);
}

function printResults(screen: Pick<Context, 'screen'>['screen'], results: readonly Result[]): void {
  const counts = new Map<string, number>();
  for (const { outcome } of results) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  screen.done(`${counted(results.length, 'line')} carried out`);
  screen.fields([...counts].map(([outcome, count]) => [outcome, String(count)]));
  const incidents = results.filter(({ outcome }) => outcome === 'unknownPerson');
  if (incidents.length > 0) {
    screen.warn(`Nobody is known by the names in line ${incidents.map(({ line }) => line).join(', ')}`);
    screen.command(`${PROGRAM} incidents`, 'each is open until somebody decides');
  }
}

/** In their order, a few at once; the first that fails ends it. @throws what `work` throws */
async function forEach<Item, Output>(
  items: readonly Item[],
  work: (item: Item) => Promise<Output>,
): Promise<Output[]> {
  const outputs: Output[] = [];
  const next = items.entries();
  let failed: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    for (const [index, item] of next) {
      if (failed !== undefined) return;
      try {
        outputs[index] = await work(item);
      } catch (error) {
        failed ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failed !== undefined) throw failed.error;
  return outputs;
}
