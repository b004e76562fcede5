import { settlementView, sourceExpectationView, sourcesView } from '../../shared/http/api/sources.ts';
import { defineCommand } from '../command.ts';
import type * as z from 'zod';
import { localFailure, usageFailure } from '../failure.ts';
import { apiPath } from '../portal/api.ts';
import { counted, momentOf } from '../terminal/words.ts';
import { PROGRAM } from '../world.ts';

const SOURCE = { words: 'the source, as `sources` shows it' } as const;
const comment = { value: 'WORDS', words: 'for the record; no secrets' } as const;

export const sources = defineCommand({
  name: 'sources',
  audience: 'administrator',
  summary: 'show who tells us about leavers, how many each denied lately, and whom a surge holds',
  arguments: {},
  options: {},
  examples: ['sources'],
  async run({ screen, portal, world }) {
    const list = await portal().get('/v1/admin/sources', sourcesView);
    screen.table(
      ['SOURCE', 'KNOWS PEOPLE BY', 'DENIED IN AN HOUR', 'LIMIT', 'HELD', 'SINCE'],
      list.sources.map((one) => [
        one.source,
        one.aliasKind,
        String(one.denied),
        String(one.limit),
        String(one.held),
        one.heldSince === undefined ? '' : momentOf(one.heldSince),
      ]),
    );
    screen.fields([['no source may deny', list.breakGlass.join(' ') || 'nobody is on the break-glass list']]);
    if (list.breakGlass.length === 0) {
      screen.warn('With nobody there, whoever has the secret of a source could keep every administrator out');
      screen.note('name one or two people who could mend that as breakGlassPeople, by id, and deploy');
    }
    const usual = list.sources.filter(({ expected }) => expected === undefined);
    const whole = usual.find(
      ({ holders, limit }) => holders !== undefined && holders > 1 && limit >= holders,
    );
    if (whole !== undefined) {
      screen.warn(
        `${whole.source} may end the access of all ${whole.holders ?? 0} holders within an hour, before anybody is only held`,
      );
      screen.note('lower surgeLeastPeople, and deploy');
    }
    for (const { source, held, heldSince, expected } of list.sources) {
      if (expected !== undefined && Date.parse(expected.until) > world.now()) {
        screen.note(
          `${source}: ${counted(expected.people, 'more leaver')} expected until ${momentOf(expected.until)}`,
        );
      }
      if (held === 0 || heldSince === undefined) continue;
      screen.warn(`${source} holds ${held === 1 ? 'one person' : `${held} people`} until somebody decides`);
      screen.command(`${PROGRAM} source confirm ${source}`, 'they did leave: revoke, as the source meant');
      screen.command(`${PROGRAM} source release ${source}`, 'none of it is true: undo it');
    }
    return list;
  },
});

export const source = defineCommand({
  name: 'source',
  audience: 'administrator',
  summary: 'say of a surge that it is true, or undo everything that the source said since then',
  notes: [
    'release also undoes what was below the limit: without --since, all that was said from an hour before the first',
    'was held, which is what counted; and ends the incidents of names that nobody has. What is on a published list',
    'stays revoked: those devices enrol again.',
    'After confirm the source may go on for an hour; after release it may say no more than usual, whatever was',
    'announced. Where its secret leaked, change that first: what it says after the release counts.',
  ],
  arguments: {
    DECISION: { words: 'confirm or release', choices: ['confirm', 'release'] },
    SOURCE,
  },
  options: {
    since: { value: 'TIME', words: 'only what was said since then, such as 2026-03-01T09:00:00Z' },
    comment,
    yes: { words: 'do not ask' },
  },
  examples: [
    'source confirm hr',
    'source release hr --since 2026-03-01T09:00:00Z --comment "the webhook secret leaked"',
  ],
  async run({ screen, portal, confirm, world }, given) {
    const { SOURCE: name, DECISION: decision, comment: words, yes } = given;
    const began =
      given.since !== undefined
        ? momentFrom(given.since)
        : decision === 'confirm'
          ? world.now() - LONGEST_BACK_MILLISECONDS
          : beginOfSurge(await portal().get('/v1/admin/sources', sourcesView), name);
    const since = new Date(began).toISOString();
    if (!yes) {
      const question =
        decision === 'confirm'
          ? `Revoke every certificate of whoever ${name} holds?`
          : `Take back all that ${name} said since ${since}?`;
      await confirm(question, 'goOn');
    }
    const result = await portal().post(
      apiPath`/v1/admin/sources/${name}/settlement`,
      { decision, since, ...(words === undefined ? {} : { comment: words }) },
      settlementView,
    );
    const what =
      decision === 'confirm'
        ? 'what it holds is true'
        : `all that it said since ${momentOf(since)} is undone`;
    screen.done(`Written down, ${name}: ${what}. It is carried out within two minutes`);
    screen.command(`${PROGRAM} sources`, 'what became of it');
    return result;
  },
});

function momentFrom(text: string): number {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  throw usageFailure('--since takes a time', 'such as 2026-03-01T09:00:00Z');
}

/** What counts for a surge is what was said within an hour; it began at most so long before somebody was held. */
const SURGE_WINDOW_MILLISECONDS = 3_600_000;

function beginOfSurge({ sources: all }: z.infer<typeof sourcesView>, name: string): number {
  const found = all.find((one) => one.source === name);
  if (found?.heldSince !== undefined) return Date.parse(found.heldSince) - SURGE_WINDOW_MILLISECONDS;
  throw found === undefined
    ? localFailure(
        'sourceNotFound',
        `No source is called "${name}"`,
        `there are ${all.map((one) => one.source).join(', ')}`,
      )
    : usageFailure(
        `${name} holds nobody`,
        'to undo what it said all the same, give --since with the time when it began',
      );
}

/** Whatever is still held; the API takes the last 60 days. */
const LONGEST_BACK_MILLISECONDS = 59 * 86_400_000;

export const expectLeavers = defineCommand({
  name: 'expect-leavers',
  audience: 'administrator',
  summary: 'announce that a source will deny more people than usual, so that they are not held',
  notes: ['Announced again it takes the place of what was announced before: say how many there are in all.'],
  arguments: { SOURCE, PEOPLE: { words: 'how many more than usual' } },
  options: { for: { value: 'HOURS', words: 'for so long; 2 when absent, at most 72' } },
  examples: ['expect-leavers hr 120 --for 4'],
  async run({ screen, portal }, { SOURCE: source, PEOPLE: text, for: hours }) {
    const [people, forHours] = [Number(text), Number((hours ?? '2').replace(/h$/, ''))];
    if (!Number.isInteger(people) || people < 1) throw usageFailure('PEOPLE is a number', 'such as 120');
    if (!Number.isInteger(forHours) || forHours < 1) throw usageFailure('--for takes hours', 'such as 4');
    const path = apiPath`/v1/admin/sources/${source}/expectation`;
    const result = await portal().post(path, { people, forHours }, sourceExpectationView);
    screen.done(`${source} may deny ${people} more than usual until ${momentOf(result.until)}`);
    return result;
  },
});
