import type * as z from 'zod';
import { reconciliationView, reconciliationWishView } from '../../shared/http/api/reconciliation.ts';
import { defineCommand, type Context } from '../command.ts';
import { localFailure } from '../failure.ts';
import type { PortalApi } from '../portal/api.ts';
import type { Screen } from '../terminal/screen.ts';
import { counted, momentOf } from '../terminal/words.ts';
import { PROGRAM } from '../world.ts';

type Report = z.infer<typeof reconciliationView>;
type Run = NonNullable<Report['last']>;

const PATH = '/v1/admin/reconciliation';
const POLL_MILLISECONDS = 2_000;
const LONGEST_WAIT_MILLISECONDS = 20 * 60_000;

export const reconcile = defineCommand({
  name: 'reconcile',
  audience: 'administrator',
  summary: 'compare those who hold certificates with the directory now',
  notes: [
    'It begins within a minute. A directory that lacks too many is not believed, and nobody is denied; with',
    '--even-if-many it is, and the limit of a surge alone counts.',
  ],
  arguments: {},
  options: {
    mode: {
      value: 'MODE',
      words: 'what follows: report, hold or offboard; as configured when absent',
      choices: ['report', 'hold', 'offboard'],
    },
    'dry-run': { words: 'only say what would follow' },
    'even-if-many': { words: 'believe the directory however many it lacks' },
    wait: { words: 'until it is over, and show what it found' },
    yes: { words: 'do not ask' },
  },
  examples: ['reconcile --dry-run --wait', 'reconcile --mode hold'],
  async run(context, { mode, 'dry-run': dryRun, 'even-if-many': evenIfMany, wait, yes }) {
    const { screen, portal, confirm, world } = context;
    if (!yes && !dryRun && (mode === 'offboard' || evenIfMany)) {
      await confirm('Take access from everybody whom the directory lacks?', 'goOn');
    }
    const api = portal();
    const body = {
      ...(mode === undefined ? {} : { mode }),
      ...(dryRun ? { dryRun } : {}),
      ...(evenIfMany ? { evenIfMany } : {}),
    };
    const wish = await api.post(PATH, body, reconciliationWishView);
    if (!wait) {
      screen.done('Asked for; it begins within a minute');
      screen.command(`${PROGRAM} reconciliation`, 'what it found');
      return { wish };
    }
    const report = await untilOver(context, api, wish.at, world.now() + LONGEST_WAIT_MILLISECONDS);
    show(screen, report);
    return { wish, ...report };
  },
});

export const reconciliation = defineCommand({
  name: 'reconciliation',
  audience: 'administrator',
  summary: 'show what the last comparison with the directory found',
  arguments: {},
  options: {},
  examples: ['reconciliation'],
  async run({ screen, portal }) {
    const report = await wholeReport(portal());
    show(screen, report);
    return report;
  },
});

/** Every page of what was found. */
async function wholeReport(api: PortalApi): Promise<Report> {
  const { nextCursor, ...first } = await api.get(PATH, reconciliationView);
  const findings = [...first.findings];
  for (let cursor = nextCursor; cursor !== undefined;) {
    const page = await api.get(PATH, reconciliationView, { cursor });
    findings.push(...page.findings);
    cursor = page.nextCursor;
  }
  return { ...first, findings };
}

async function untilOver(
  { world }: Pick<Context, 'world'>,
  api: PortalApi,
  askedAt: string,
  until: number,
): Promise<Report> {
  for (;;) {
    const report = await wholeReport(api);
    const isOver = report.last !== undefined && report.last.startedAt >= askedAt;
    if (isOver && report.current === undefined && report.wished === undefined) return report;
    if (world.now() >= until) {
      throw localFailure('notAnsweredYet', 'It is not over yet', 'it goes on without you', [
        { words: 'what became of it', command: `${PROGRAM} reconciliation` },
      ]);
    }
    await world.sleep(POLL_MILLISECONDS);
  }
}

const MEANING: Readonly<Record<Report['findings'][number]['kind'], string>> = {
  missing: 'not in the directory',
  deactivated: 'not active there',
  suspended: 'suspended there',
  ambiguous: 'several there have her names: look yourself',
  nameless: 'has no name to compare by: look yourself',
  kept: 'lacks her still; kept by an administrator',
  back: 'there again; what an earlier comparison said is lifted',
};

const meaningOf = ({ kind, since }: Report['findings'][number]): string =>
  since === undefined ? MEANING[kind] : `${MEANING[kind]} (lacking since ${momentOf(since)})`;

function show(screen: Screen, { hasDirectory, wished, current, last, findings }: Report): void {
  if (!hasDirectory)
    screen.warn('No directory is configured (reconciliationDirectory): nothing is compared.');
  if (wished !== undefined) screen.note(`Asked for at ${momentOf(wished.at)}; it begins within a minute.`);
  if (current !== undefined) screen.note(`At work since ${momentOf(current.startedAt)}: ${current.state}.`);
  if (last === undefined) return screen.line('No comparison is over yet.');
  showRun(screen, last);
  if (findings.length === 0) return;
  screen.table(
    ['PERSON', 'CERTIFICATES', 'THE DIRECTORY'],
    findings.map((one) => [one.personId, String(one.certificates), meaningOf(one)]),
  );
  if (last.mode === 'report' || last.dryRun) {
    screen.command(`${PROGRAM} reconcile --mode hold`, 'hold whom the directory lacks');
  }
  if (last.outcomes.held > 0)
    screen.command(`${PROGRAM} sources`, 'who is held by a surge, and how to settle it');
}

function showRun(screen: Screen, last: Run): void {
  const { outcomes } = last;
  screen.title(`${last.reason}, ${momentOf(last.startedAt)}${last.dryRun ? ', a dry run' : ''}`);
  screen.fields([
    ['mode', last.mode],
    ['the directory has', `${counted(last.active, 'active user')} of ${last.entries}`],
    ['compared', counted(last.compared, 'holder')],
    ['denied', `${outcomes.denied}, and ${outcomes.held} held by a surge`],
    ['given back', String(outcomes.reinstated)],
    ['kept by the break-glass list', String(outcomes.protected)],
    ['kept by an administrator', String(last.found.kept)],
  ]);
  if (last.failure === undefined) return;
  screen.warn(`It failed, and nobody was denied: ${last.failure}`);
}
