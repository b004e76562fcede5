import * as z from 'zod';
import { offboardingView } from '../../shared/http/api/administration.ts';
import { listPlanned } from './planned.ts';
import { defineCommand } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { apiPath } from '../portal/api.ts';
import type { Screen } from '../terminal/screen.ts';
import { durationOf, momentOf, stateCell } from '../terminal/words.ts';

export const offboardings = defineCommand({
  name: 'offboardings',
  audience: 'administrator',
  summary: 'list the offboardings of a month, those that are not finished, or those to come',
  arguments: {},
  options: {
    month: { value: 'YYYY-MM', words: 'this month (UTC) when absent' },
    open: { words: 'those that are not finished, of any month' },
    planned: { words: 'those whose last day lies ahead' },
  },
  examples: ['offboardings --month 2026-11', 'offboardings --open', 'offboardings --planned'],
  async run({ screen, portal }, { month, open, planned }) {
    if ([month !== undefined, open, planned].filter(Boolean).length > 1)
      throw usageFailure('Give one of --month, --open and --planned');
    if (planned) return listPlanned(screen, portal());
    const query = { ...(month === undefined ? {} : { month }), ...(open ? { state: 'open' } : {}) };
    const schema = z.object({ offboardings: z.array(offboardingView) });
    const list = await portal().get('/v1/admin/offboardings', schema, query);
    if (list.offboardings.length === 0) screen.line(open ? 'Nothing is unfinished.' : 'There were none.');
    else {
      screen.table(
        ['OFFBOARDING', 'PERSON', 'KIND', 'SOURCE', 'STATE', 'RECEIVED'],
        list.offboardings.map((one) => [
          one.offboardingId,
          one.personId,
          one.kind,
          one.source,
          stateCell(one.state),
          momentOf(receivedAtOf(one)),
        ]),
      );
    }
    return list;
  },
});

export const offboarding = defineCommand({
  name: 'offboarding',
  audience: 'administrator',
  summary: 'show one offboarding with the time of every step',
  arguments: { ID: { words: 'the offboarding, as `offboardings` shows it' } },
  options: {},
  examples: ['offboarding 06bq3v1f5k8m2n4p6r8t0w2y4a'],
  async run({ screen, portal }, { ID: id }) {
    const record = await portal().get(apiPath`/v1/admin/offboardings/${id}`, offboardingView);
    screen.title(`Offboarding ${record.offboardingId}`);
    screen.fields([
      ['state', stateCell(record.state)],
      ['person', record.personId],
      ['said by', `${record.source}, "${record.kind}"`],
      ['actor', record.actor],
      ['comment', record.comment],
      ['event', record.eventId],
      ['last day', record.lastDay],
      ['revoked', record.revokedCertificates === undefined ? undefined : String(record.revokedCertificates)],
    ]);
    printTimeline(screen, record);
    return record;
  },
});

type OffboardingView = z.infer<typeof offboardingView>;

const receivedAtOf = ({ timeline }: OffboardingView): string =>
  (timeline.find(({ step }) => step === 'received') ?? timeline[0])?.at ?? '';

/** Each step, and how long after the event was received it came. */
function printTimeline(screen: Screen, record: OffboardingView): void {
  const receivedAt = Date.parse(receivedAtOf(record));
  screen.table(
    ['TIME (UTC)', 'STEP', 'AFTER', 'WHERE'],
    record.timeline.map(({ step, at, endpointId, connectionId, crlNumber }) => {
      const milliseconds = Date.parse(at) - receivedAt;
      const where = [endpointId, connectionId, crlNumber === undefined ? undefined : `list ${crlNumber}`];
      return [
        at.replace('T', ' ').replace('Z', ''),
        step,
        step === 'event' || !(milliseconds >= 0) ? '' : `+${durationOf(milliseconds)}`,
        where.filter((one) => one !== undefined).join(' '),
      ];
    }),
  );
}
