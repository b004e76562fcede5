import { settlementView, sourceExpectationView, sourcesView } from '../../shared/http/api/sources.ts';
import { defineCommand } from '../command.ts';
import { usageFailure } from '../failure.ts';
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
    for (const { source, held, heldSince, expected } of list.sources) {
      if (expected !== undefined && Date.parse(expected.until) > world.now()) {
        screen.note(
          `${source}: ${counted(expected.people, 'more leaver')} expected until ${momentOf(expected.until)}`,
        );
      }
      if (held === 0 || heldSince === undefined) continue;
      screen.warn(`${source} holds ${held === 1 ? 'one person' : `${held} people`} until somebody decides`);
      screen.command(`${PROGRAM} settle ${source} confirm`, 'they did leave: revoke, as the source meant');
      screen.command(
        `${PROGRAM} settle ${source} release --since ${heldSince}`,
        'none of it is true: undo it',
      );
    }
    return list;
  },
});

export const settle = defineCommand({
  name: 'settle',
  audience: 'administrator',
  summary: 'say of a surge that it is true, or undo everything that the source said since then',
  notes: [
    'release also undoes what was below the limit. What is on a published list stays revoked: those devices',
    'enrol again. After confirm the source may go on for an hour.',
  ],
  arguments: {
    SOURCE,
    DECISION: { words: 'confirm or release', choices: ['confirm', 'release'] },
  },
  options: {
    since: { value: 'TIME', words: 'with release: when the false words began, such as 2026-03-01T09:00:00Z' },
    comment,
    yes: { words: 'do not ask' },
  },
  examples: [
    'settle hr confirm',
    'settle hr release --since 2026-03-01T09:00:00Z --comment "the webhook secret leaked"',
  ],
  async run(
    { screen, portal, confirm, world },
    { SOURCE: source, DECISION: decision, since, comment: words, yes },
  ) {
    const began = since === undefined ? undefined : Date.parse(since);
    if (began !== undefined && Number.isNaN(began)) {
      throw usageFailure('--since takes a time', 'such as 2026-03-01T09:00:00Z');
    }
    if (decision === 'release' && began === undefined) {
      throw usageFailure(
        'release needs --since',
        'when the false words began; `sources` shows since when people are held',
      );
    }
    if (!yes) {
      const question =
        decision === 'confirm'
          ? `Revoke every certificate of whoever ${source} holds?`
          : `Take back all that ${source} said since ${since ?? ''}?`;
      await confirm(question, 'goOn');
    }
    const result = await portal().post(
      apiPath`/v1/admin/sources/${source}/settlement`,
      {
        decision,
        since: new Date(began ?? world.now() - LONGEST_BACK_MILLISECONDS).toISOString(),
        ...(words === undefined ? {} : { comment: words }),
      },
      settlementView,
    );
    screen.done('Written down; it is carried out within two minutes');
    screen.command(`${PROGRAM} sources`, 'what became of it');
    return result;
  },
});

/** Whatever is still held; the API takes the last 60 days. */
const LONGEST_BACK_MILLISECONDS = 59 * 86_400_000;

export const expectLeavers = defineCommand({
  name: 'expect-leavers',
  audience: 'administrator',
  summary: 'announce that a source will deny more people than usual, so that they are not held',
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
