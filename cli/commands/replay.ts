import { awsTarget, TARGET_OPTIONS } from '../aws/target.ts';
import { defineCommand } from '../command.ts';
import { EXIT_CODE, usageFailure } from '../failure.ts';
import { counted } from '../terminal/words.ts';

export const replay = defineCommand({
  name: 'replay',
  audience: 'operator',
  summary: 'make a restored table know again what its journal knows, before anybody is sent to it',
  notes: [
    'Each change since then is made anew, in its order. It can be run again at any time, and does nothing to a table',
    'that knows everything. Exit code 1 where something is undecided, since somebody wrote to the table meanwhile.',
  ],
  arguments: {},
  options: {
    ...TARGET_OPTIONS,
    table: { value: 'NAME', words: 'the restored table; the stack’s own when absent' },
    bucket: { value: 'NAME', words: 'the journal’s bucket; the stack’s own when absent' },
    yes: { words: 'do not ask' },
  },
  examples: ['replay --stage prod --table vpn-portal-prod-restored'],
  async run({ world, screen, confirm, endWith }, given) {
    const target = awsTarget(world, given);
    const resources =
      given.table === undefined || given.bucket === undefined ? await target.resources() : undefined;
    const tableName = given.table ?? resources?.get('Table');
    const bucket = given.bucket ?? resources?.get('JournalBucket');
    if (tableName === undefined) throw usageFailure('Which table?', 'give --table with its name');
    if (bucket === undefined)
      throw usageFailure('Which bucket has the journal?', 'give --bucket with its name');
    screen.title(`Replay ${bucket} into ${tableName}, ${target.words}`);
    if (!given.yes) await confirm(`Make every change anew that ${tableName} does not know?`, 'refuse');
    // Only now: the clients are large, and most commands need none.
    const { replay: replayInto } = await import('../aws/journal.ts');
    const result = await replayInto(target, { tableName, bucket });
    screen.done(`${counted(result.objects, 'object')} read, ${counted(result.applied, 'change')} made anew`);
    for (const { personId, sequence, action } of result.undecided) {
      screen.warn(
        `${personId}, entry ${sequence} (${action}): look at this person, and hold, offboard or reinstate`,
      );
    }
    if (result.undecided.length > 0) endWith(EXIT_CODE.refused);
    return { tableName, bucket, ...result };
  },
});
