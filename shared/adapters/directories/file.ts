import { CsvFault, readCsv, separatorOf, utf8From, type CsvRecord } from '../../domain/csv-reader.ts';
import { STANDINGS, type DirectoryEntry, type NameMapping } from '../../domain/reconciliation.ts';
import { SECONDS_PER_DAY, type EpochMilliseconds } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import { DirectoryError, type Directory } from '../../ports/directory.ts';
import { keysOf } from './names.ts';

/** A file that somebody put where the portal looks for it. */
export interface PlacedFile {
  readonly octets: Uint8Array;
  /** Of its content. */
  readonly etag: string;
  readonly placedAt: EpochMilliseconds;
}

/** The columns of a file are named as names are. */
export const FILE_NAMES: NameMapping = [
  { kind: 'email', attribute: 'email' },
  { kind: 'login', attribute: 'login' },
  { kind: 'employeeNumber', attribute: 'employeeNumber' },
  { kind: 'subject', attribute: 'subject' },
];

const STATUS_COLUMN = 'status';
const PAGE = 1_000;
const MOST_PEOPLE = 500_000;
/** Somebody exports each week; an older file says who left, and not who came. */
const LONGEST_AGE_SECONDS = 8 * SECONDS_PER_DAY;

/**
 * A directory that is a CSV file: the first line names the columns, of which those count that hold names, and `status`
 * (active, suspended or deactivated; active where there is no such column). It is taken whole or not at all.
 *
 * @param read the file; undefined where there is none
 */
export function fileDirectory(
  { names, read }: { readonly names: NameMapping; readonly read: () => Promise<PlacedFile | undefined> },
  { clock }: { readonly clock: Pick<Clock, 'now'> },
): Directory {
  return {
    async page(cursor) {
      const file = await read();
      if (file === undefined)
        throw new DirectoryError('refused', 'there is no directory.csv in its bucket, or it may not be read');
      const { etag, placedAt } = file;
      const [ageDays, mostDays] = [clock.now() - placedAt, LONGEST_AGE_SECONDS * 1000].map((milliseconds) =>
        Math.floor(milliseconds / (SECONDS_PER_DAY * 1000)),
      );
      if ((ageDays ?? 0) >= (mostDays ?? 0)) {
        throw new DirectoryError(
          'refused',
          `the file of the directory is ${ageDays} days old: put a new one in`,
        );
      }
      const [began, place] = cursor?.split(' ') ?? [etag, '0'];
      if (began !== etag)
        throw new DirectoryError('broken', 'another file was put in while this one was read');
      const entries = entriesOf(file.octets, names);
      const [from, to] = [Number(place), Number(place) + PAGE];
      return {
        entries: entries.slice(from, to),
        asOf: placedAt,
        ...(to < entries.length ? { next: `${etag} ${to}` } : {}),
      };
    },
  };
}

const wrong = (line: number, words: string): DirectoryError =>
  new DirectoryError('refused', `line ${line} of the directory's file: ${words}`);

function entriesOf(octets: Uint8Array, names: NameMapping): DirectoryEntry[] {
  const text = utf8From(octets);
  if (text === undefined) throw wrong(1, 'it is not UTF-8; save it as CSV UTF-8');
  const [header, ...records] = recordsOf(text);
  if (header === undefined) throw wrong(1, 'the file is empty');
  if (records.length > MOST_PEOPLE) throw wrong(MOST_PEOPLE, `more than ${MOST_PEOPLE} people`);
  const columns = header.cells.map((cell) => cell.trim().toLowerCase());
  const placeOf = (name: string): number => columns.indexOf(name.toLowerCase());
  const wanted = [...names.map(({ attribute }) => attribute), STATUS_COLUMN];
  for (const name of wanted) {
    if (columns.indexOf(name.toLowerCase()) !== columns.lastIndexOf(name.toLowerCase())) {
      throw wrong(1, `the column ${name} stands twice`);
    }
  }
  const there = names.filter(({ attribute }) => placeOf(attribute) >= 0);
  if (there.length === 0) {
    throw wrong(1, `no column is one of ${names.map(({ attribute }) => attribute).join(', ')}`);
  }
  return records.map((record) => {
    if (record.cells.length !== columns.length)
      throw wrong(record.line, 'it has not as many cells as there are columns');
    const people = Object.fromEntries(
      there.map(({ attribute }) => [attribute, record.cells[placeOf(attribute)]?.trim() ?? '']),
    );
    return { standing: standingOf(record, placeOf(STATUS_COLUMN)), keys: keysOf(people, there) };
  });
}

function recordsOf(text: string): CsvRecord[] {
  try {
    return readCsv(text, separatorOf(text));
  } catch (error) {
    if (error instanceof CsvFault) throw wrong(error.line, error.message);
    throw error;
  }
}

/** An unknown word is no leaver, and nobody's guess: the file is refused. */
function standingOf({ line, cells }: CsvRecord, place: number): DirectoryEntry['standing'] {
  if (place < 0) return 'active';
  const word = cells[place]?.trim().toLowerCase();
  const standing = STANDINGS.find((one) => one === word);
  if (standing === undefined) throw wrong(line, `its status is none of ${STANDINGS.join(', ')}`);
  return standing;
}
