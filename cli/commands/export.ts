import { certificatesPageView, offboardingsPageView } from '../../shared/http/api/administration.ts';
import { defineCommand } from '../command.ts';
import {
  CERTIFICATE_COLUMNS,
  OFFBOARDING_COLUMNS,
  type Columns,
  type ExportedCertificate,
  type ExportedOffboarding,
} from '../export/columns.ts';
import { csvWriter, jsonWriter, openOutput, type Output, type RecordWriter } from '../export/writer.ts';
import { localFailure, usageFailure } from '../failure.ts';
import type { PortalApi } from '../portal/api.ts';
import { counted } from '../terminal/words.ts';
import type { World } from '../world.ts';

const FORMATS = ['csv', 'json'] as const;
type Format = (typeof FORMATS)[number];

/** One page of what is exported. */
interface Part<Value> {
  readonly records: readonly Value[];
  readonly unreadable: readonly string[];
}

export const exportRecords = defineCommand({
  name: 'export',
  audience: 'administrator',
  summary: 'write every certificate, or every offboarding with its times, to a file',
  notes: [
    'Columns are promised: docs/cli.md. What a spreadsheet could take for a formula begins with an apostrophe.',
    'A record that cannot be read is named and left out; then the exit code is 1, and the file has all others.',
  ],
  arguments: { WHAT: { words: 'what to export', choices: ['certificates', 'offboardings'] } },
  options: {
    format: { value: 'FORMAT', words: 'csv, or json: an array with a record to a line; csv when absent' },
    output: { value: 'FILE', words: 'a file that only you can read; standard output when absent' },
    since: {
      value: 'DAY',
      words: 'YYYY-MM-DD: certificates that were still valid then, offboardings received since',
    },
    force: { words: 'replace a file of that name' },
  },
  examples: ['export certificates --output certificates.csv', 'export offboardings --since 2026-01-01'],
  async run({ world, screen, portal }, { WHAT: what, format = 'csv', output: name, since, force }) {
    if (!isFormat(format)) throw usageFailure('--format is csv or json');
    if (since !== undefined && !isDay(since))
      throw usageFailure(`"${since}" is no day`, 'such as 2026-01-31');
    const api = portal();
    const output = openOutput(world, name, { isReplacing: force });
    let result: { count: number; unreadable: string[] };
    let file: string | undefined;
    try {
      result =
        what === 'certificates'
          ? await writeAll(certificateParts(api, since), format, output, CERTIFICATE_COLUMNS)
          : await writeAll(offboardingParts(api, since, world), format, output, OFFBOARDING_COLUMNS);
      file = output.finish();
    } finally {
      output.abandon();
    }
    if (file !== undefined) screen.done(`${counted(result.count, 'record')} written to ${file}`);
    if (result.unreadable.length > 0) throw unreadableFailure(result, file);
    return { what, format, records: result.count, ...(file === undefined ? {} : { file }) };
  },
});

const isFormat = (text: string): text is Format => FORMATS.some((format) => format === text);

const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

const SHOWN_NAMES = 20;

const unreadableFailure = ({ count, unreadable }: { count: number; unreadable: string[] }, file?: string) =>
  localFailure(
    'unreadableRecords',
    `${counted(unreadable.length, 'record')} cannot be read and ${unreadable.length === 1 ? 'is' : 'are'} not in ${file ?? 'what was written'}`,
    unreadable.slice(0, SHOWN_NAMES).join(', ') + (unreadable.length > SHOWN_NAMES ? ', …' : ''),
    [{ words: `the other ${count} are; the portal’s log says what is broken in each` }],
  );

async function writeAll<Value extends object>(
  parts: AsyncIterable<Part<Value>>,
  format: Format,
  output: Output,
  columns: Columns<Value>,
): Promise<{ count: number; unreadable: string[] }> {
  let writer: RecordWriter<Value> | undefined;
  let count = 0;
  const unreadable: string[] = [];
  for await (const part of parts) {
    // Only now: a refusal must not leave headings on standard output.
    writer ??= format === 'csv' ? csvWriter(output, columns) : jsonWriter(output);
    for (const record of part.records) writer.write(record);
    count += part.records.length;
    unreadable.push(...part.unreadable);
  }
  writer?.end();
  return { count, unreadable };
}

async function* certificateParts(
  api: PortalApi,
  since: string | undefined,
): AsyncGenerator<Part<ExportedCertificate>> {
  let cursor: string | undefined;
  do {
    const page = await api.get('/v1/admin/certificates', certificatesPageView, {
      ...(since === undefined ? {} : { endsFrom: since }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    yield { records: page.certificates, unreadable: page.unreadable };
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

/** No portal is older. */
const FIRST_MONTH = '2026-01';

async function* offboardingParts(
  api: PortalApi,
  since: string | undefined,
  world: World,
): AsyncGenerator<Part<ExportedOffboarding>> {
  const receivedFrom = since === undefined ? 0 : Date.parse(since);
  for (const month of monthsFrom(since?.slice(0, 7) ?? FIRST_MONTH, world.now())) {
    let cursor: string | undefined;
    do {
      const page = await api.get('/v1/admin/offboardings', offboardingsPageView, {
        month,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const records = page.offboardings.filter((one) => receivedAtOf(one) >= receivedFrom);
      yield { records, unreadable: page.unreadable };
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }
}

const receivedAtOf = ({ timeline }: ExportedOffboarding): number =>
  Date.parse(timeline.find(({ step }) => step === 'received')?.at ?? '') || Infinity;

/** Up to the month of tomorrow: this machine's clock may be behind. */
function monthsFrom(first: string, now: number): string[] {
  const last = new Date(now + 86_400_000).toISOString().slice(0, 7);
  const months: string[] = [];
  for (let at = Date.parse(`${first}-01`); ;) {
    const month = new Date(at).toISOString().slice(0, 7);
    if (month > last) return months;
    months.push(month);
    at = Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)));
  }
}
