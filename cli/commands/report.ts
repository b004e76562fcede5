import * as z from 'zod';
import { offboardingsPageView } from '../../shared/http/api/administration.ts';
import { incidentView } from '../../shared/http/api/incidents.ts';
import { sourcesView } from '../../shared/http/api/sources.ts';
import { defineCommand } from '../command.ts';
import type { ExportedOffboarding } from '../export/columns.ts';
import { csvWriter, openOutput } from '../export/writer.ts';
import { usageFailure } from '../failure.ts';
import type { PortalApi } from '../portal/api.ts';
import { REPORT_COLUMNS, rowsOf } from '../report/rows.ts';
import { reportOf, STEPS, type Report } from '../report/figures.ts';
import { reportPage } from '../report/page.ts';
import type { Screen } from '../terminal/screen.ts';
import { counted, durationOf } from '../terminal/words.ts';
import type { World } from '../world.ts';

export const report = defineCommand({
  name: 'report',
  audience: 'administrator',
  summary: 'tell for a month how long it took to keep leavers out: median, 95th percentile and longest',
  notes: [
    'Each step is measured from when the event was received until it was done at every endpoint. Published means',
    'that the list was read back from the endpoint as active.',
  ],
  arguments: {},
  options: {
    month: { value: 'YYYY-MM', words: 'this month (UTC) when absent' },
    html: { value: 'FILE', words: 'a readable page, too' },
    csv: { value: 'FILE', words: 'a line for each offboarding and each unresolved event, too' },
    force: { words: 'replace files of those names' },
  },
  examples: ['report --month 2026-11 --html november.html', 'report --json'],
  async run({ world, screen, portal }, { month: asked, html, csv, force }) {
    const month = asked ?? new Date(world.now()).toISOString().slice(0, 7);
    if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
      throw usageFailure(`"${month}" is no month`, 'such as 2026-11');
    const made = await makeReport(portal(), world, month);
    print(screen, made);
    const files: string[] = [];
    if (html !== undefined) files.push(write(world, html, force, (output) => output.write(reportPage(made))));
    if (csv !== undefined) {
      files.push(
        write(world, csv, force, (output) => {
          const writer = csvWriter(output, REPORT_COLUMNS);
          for (const row of rowsOf(made)) writer.write(row);
          writer.end();
        }),
      );
    }
    for (const file of files) screen.done(`written to ${file}`);
    return files.length === 0 ? made : { ...made, files };
  },
});

async function makeReport(api: PortalApi, world: World, month: string): Promise<Report> {
  const offboardings: ExportedOffboarding[] = [];
  const unreadable: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.get('/v1/admin/offboardings', offboardingsPageView, {
      month,
      ...(cursor === undefined ? {} : { cursor }),
    });
    offboardings.push(...page.offboardings);
    unreadable.push(...page.unreadable);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  const { incidents } = await api.get('/v1/admin/incidents', z.object({ incidents: z.array(incidentView) }));
  const unresolved = incidents.flatMap(({ incidentId, source = '', event, openedAt }) =>
    event === undefined ? [] : [{ incidentId, source, kind: event.kind, openedAt }],
  );
  const { breakGlass } = await api.get('/v1/admin/sources', sourcesView);
  const madeAt = new Date(world.now()).toISOString();
  return reportOf({ month, madeAt, offboardings, unresolved, breakGlass, unreadable });
}

type Written = ReturnType<typeof openOutput>;

function write(world: World, name: string, isReplacing: boolean, fill: (output: Written) => void): string {
  const output = openOutput(world, name, { isReplacing });
  try {
    fill(output);
    return output.finish() ?? name;
  } finally {
    output.abandon();
  }
}

function print(
  screen: Screen,
  { month, leavers, spreads, states, unresolved, breakGlass, unreadable }: Report,
): void {
  const each = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  screen.title(
    `Offboardings of ${month}: ${leavers.length}${each.length === 0 ? '' : ` (${each.join(', ')})`}`,
  );
  screen.table(
    ['FROM RECEIVED TO', 'COUNT', 'MEDIAN', '95 %', 'LONGEST'],
    STEPS.map((step) => {
      const spread = spreads[step];
      if (spread === undefined) return [step, '0', '', '', ''];
      return [step, String(spread.count), ...[spread.p50, spread.p95, spread.max].map(durationOf)];
    }),
  );
  screen.fields([['no source may deny', breakGlass.join(' ') || 'nobody is on the break-glass list']]);
  if (unresolved.length > 0)
    screen.warn(
      `${counted(unresolved.length, 'event')} unresolved, since nobody said whom: ${unresolved.map(({ incidentId }) => incidentId).join(', ')}`,
    );
  if (unreadable.length > 0)
    screen.warn(
      `${counted(unreadable.length, 'record')} cannot be read and are in no figure: ${unreadable.join(', ')}`,
    );
}
