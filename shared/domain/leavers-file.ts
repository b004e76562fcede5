import { createHash } from 'node:crypto';
import { parseLastDay } from './calendar.ts';
import { CsvFault, readCsv, separatorOf, utf8From, type CsvRecord } from './csv-reader.ts';
import { ALIAS_KINDS, aliasFrom, type Alias, type AliasKind } from './identity.ts';
import { FURTHEST_LAST_DAY_MILLISECONDS } from './planned-offboarding.ts';
import type { EpochMilliseconds } from './time.ts';

/**
 * The first line names the columns, in any order; the last two may be left out. People are named by `aliasKind` and
 * `alias`, or by columns that are called as a kind of alias, of which each line fills one.
 */
const COLUMNS = ['aliasKind', 'alias', ...ALIAS_KINDS, 'kind', 'lastDay', 'eventTime'] as const;
type Column = (typeof COLUMNS)[number];
const NAMING: readonly Column[] = ['aliasKind', 'alias'];
const AS_KINDS = ALIAS_KINDS.join(', ');

/** As many as leave with the largest announced layoff; a longer file is another list. */
export const MOST_LEAVERS = 5_000;
export const LEAVERS_FILE_LIMIT_OCTETS = 1024 * 1024;
/** More would not help anybody to mend a file. */
const MOST_FAULTS = 20;
const AHEAD_MILLISECONDS = 5 * 60_000;
const EARLIEST = Date.UTC(2000, 0, 1);

const KINDS = ['left', 'suspended', 'returned'] as const;

/** What one line says of one person. */
export interface LeaversLine {
  /** In the file, from 1. */
  readonly line: number;
  readonly alias: Alias;
  readonly kind: (typeof KINDS)[number];
  /** With `left`, as it was written: whoever acts on it knows whose midnight is meant. */
  readonly lastDay?: string;
  readonly eventTime?: EpochMilliseconds;
}

/** Where a file is wrong, in words without anybody's name. */
export interface LeaversFault {
  readonly line: number;
  readonly words: string;
}

export type LeaversFile =
  | { readonly kind: 'read'; readonly sha256Hex: string; readonly lines: readonly LeaversLine[] }
  | { readonly kind: 'refused'; readonly faults: readonly LeaversFault[] };

/**
 * Reads a file that names leavers, and takes it whole or not at all: who fixes one line of a file of which half was
 * carried out no longer knows what was.
 *
 * @param octets UTF-8, with or without a byte order mark; comma or semicolon, as the first line has it
 */
export function readLeaversFile(octets: Uint8Array, now: EpochMilliseconds): LeaversFile {
  const refused = (line: number, words: string): LeaversFile => ({
    kind: 'refused',
    faults: [{ line, words }],
  });
  if (octets.length > LEAVERS_FILE_LIMIT_OCTETS) return refused(1, 'the file has more than 1 MiB');
  const text = utf8From(octets);
  if (text === undefined) return refused(1, 'the file is not UTF-8: save it as CSV UTF-8');
  let records: readonly CsvRecord[];
  try {
    records = readCsv(text, separatorOf(text));
  } catch (error) {
    if (error instanceof CsvFault) return refused(error.line, error.message);
    throw error;
  }
  const [heading, ...rows] = records;
  if (heading === undefined) return refused(1, 'the file is empty');
  const columns = columnsOf(heading);
  if (typeof columns === 'string') return refused(heading.line, columns);
  if (rows.length === 0) return refused(heading.line, 'the file names nobody');
  if (rows.length > MOST_LEAVERS)
    return refused(rows[MOST_LEAVERS]?.line ?? 1, `more than ${MOST_LEAVERS} people`);
  return linesFrom(rows, columns, { octets, now });
}

function linesFrom(
  rows: readonly CsvRecord[],
  columns: readonly Column[],
  { octets, now }: { readonly octets: Uint8Array; readonly now: EpochMilliseconds },
): LeaversFile {
  const faults: LeaversFault[] = [];
  const lines: LeaversLine[] = [];
  const firstLineOf = new Map<string, number>();
  for (const { line, cells } of rows) {
    const read = lineFrom({ line, cells }, columns, now);
    if (typeof read === 'string') faults.push({ line, words: read });
    else {
      const key = `${read.alias.kind}:${read.alias.value}`;
      const first = firstLineOf.get(key);
      if (first !== undefined) faults.push({ line, words: `the same person stands in line ${first}` });
      firstLineOf.set(key, first ?? line);
      lines.push(read);
    }
  }
  if (faults.length > 0) return { kind: 'refused', faults: faults.slice(0, MOST_FAULTS) };
  return { kind: 'read', sha256Hex: createHash('sha256').update(octets).digest('hex'), lines };
}

/** @returns what is wrong with them, in words */
function columnsOf({ cells }: CsvRecord): readonly Column[] | string {
  const columns: Column[] = [];
  for (const cell of cells) {
    const name = cell.trim().toLowerCase();
    const column = COLUMNS.find((one) => one.toLowerCase() === name);
    if (column === undefined) return `a column is none of ${COLUMNS.join(', ')}`;
    if (columns.includes(column)) return `the column ${column} stands twice`;
    columns.push(column);
  }
  const kinds = kindsAmong(columns);
  const naming = NAMING.find((column) => columns.includes(column));
  if (naming === undefined && kinds.length === 0) {
    return `no column names people: one of ${AS_KINDS}, or aliasKind and alias`;
  }
  if (naming !== undefined && kinds.length > 0) {
    return `the columns ${naming} and ${kinds.join(', ')} both name people: leave out ${naming}, or the others`;
  }
  const needed: readonly Column[] = naming === undefined ? ['kind'] : [...NAMING, 'kind'];
  const missing = needed.find((column) => !columns.includes(column));
  return missing === undefined ? columns : `the column ${missing} is missing`;
}

const kindsAmong = (columns: readonly Column[]): AliasKind[] =>
  ALIAS_KINDS.filter((kind) => columns.includes(kind));

/** A spreadsheet would have computed it, or kept a name from being read as one. */
const FORMULA = /^\s*[=+\-@']/;

/** @returns what is wrong with it, in words */
function lineFrom(
  { line, cells }: CsvRecord,
  columns: readonly Column[],
  now: EpochMilliseconds,
): LeaversLine | string {
  if (cells.length !== columns.length) return `${columns.length} cells are needed, as in the first line`;
  const formula = columns.find((_, index) => FORMULA.test(cells[index] ?? ''));
  if (formula !== undefined) return `${formula} begins like a formula`;
  const cell = (column: Column): string => (cells[columns.indexOf(column)] ?? '').trim();
  const alias = aliasOf(kindsAmong(columns), cell);
  if (typeof alias === 'string') return alias;
  const kind = KINDS.find((one) => one === cell('kind'));
  if (kind === undefined) return `kind is none of ${KINDS.join(', ')}`;
  const times = timesFrom(kind, { lastDay: cell('lastDay'), eventTime: cell('eventTime') }, now);
  return typeof times === 'string' ? times : { line, alias, kind, ...times };
}

/**
 * @param kinds the columns that are called so
 * @returns what is wrong with the name, in words
 */
function aliasOf(kinds: readonly AliasKind[], cell: (column: Column) => string): Alias | string {
  const filled = kinds.filter((kind) => cell(kind) !== '');
  // Two names of one line may be two people's: which of them is meant nobody can tell.
  if (filled.length > 1) return `${filled.join(' and ')} both name somebody: leave one of them empty`;
  if (kinds.length > 0 && filled.length === 0) return `nobody is named in ${kinds.join(', ')}`;
  const [column] = filled;
  const aliasKind = column ?? ALIAS_KINDS.find((kind) => kind === cell('aliasKind'));
  if (aliasKind === undefined) return `aliasKind is none of ${AS_KINDS}`;
  const alias = aliasFrom(aliasKind, cell(column ?? 'alias'));
  if (alias === undefined || (aliasKind === 'email' && !/^[^@\s]+@[^@\s]+$/.test(alias.value))) {
    return `${column ?? 'alias'} is no ${aliasKind}`;
  }
  return alias;
}

function timesFrom(
  kind: LeaversLine['kind'],
  { lastDay, eventTime }: { readonly lastDay: string; readonly eventTime: string },
  now: EpochMilliseconds,
): Pick<LeaversLine, 'lastDay' | 'eventTime'> | string {
  if (lastDay !== '' && kind !== 'left') return 'lastDay goes with left alone';
  const day = lastDay === '' ? undefined : parseLastDay(lastDay, 'UTC');
  if (lastDay !== '' && day === undefined) return 'lastDay is no day such as 2026-12-31';
  if (day !== undefined && day.effectiveAt > now + FURTHEST_LAST_DAY_MILLISECONDS) {
    return 'lastDay is more than ten years off';
  }
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(eventTime);
  const at = isTime ? Date.parse(eventTime) : NaN;
  if (eventTime !== '' && Number.isNaN(at))
    return 'eventTime is no time with its zone, such as 2026-11-22T09:00:00Z';
  if (at < EARLIEST || at > now + AHEAD_MILLISECONDS) return 'eventTime is before 2000, or lies ahead';
  return { ...(lastDay === '' ? {} : { lastDay }), ...(eventTime === '' ? {} : { eventTime: at }) };
}
