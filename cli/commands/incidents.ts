import * as z from 'zod';
import { parsePersonId } from '../../shared/domain/identity.ts';
import { incidentView } from '../../shared/http/api/incidents.ts';
import { eventResultView } from '../../shared/http/api/event-result.ts';
import { defineCommand } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { apiPath } from '../portal/api.ts';
import { momentOf, stateCell } from '../terminal/words.ts';
import { PROGRAM } from '../world.ts';

const ID = { words: 'the incident, as `incidents` shows it' } as const;

type IncidentView = z.infer<typeof incidentView>;

/** Whom or what it concerns. */
const subjectOf = ({ alias, personId, endpointId }: IncidentView): string =>
  (alias === undefined ? undefined : `${alias.kind}:${alias.value}`) ?? personId ?? endpointId ?? '';

export const incidents = defineCommand({
  name: 'incidents',
  audience: 'administrator',
  summary: 'list what somebody has to decide',
  arguments: {},
  options: {},
  examples: ['incidents'],
  async run({ screen, portal }) {
    const list = await portal().get('/v1/admin/incidents', z.object({ incidents: z.array(incidentView) }));
    if (list.incidents.length === 0) screen.line('There is nothing to decide.');
    else {
      screen.table(
        ['INCIDENT', 'KIND', 'STATE', 'ABOUT', 'OPENED'],
        list.incidents.map((one) => [
          one.incidentId,
          one.kind,
          stateCell(one.state),
          subjectOf(one),
          momentOf(one.openedAt),
        ]),
      );
    }
    return list;
  },
});

export const incident = defineCommand({
  name: 'incident',
  audience: 'administrator',
  summary: 'show one incident and what can be done',
  arguments: { ID },
  options: {},
  examples: ['incident 06bq3v1f5k8m2n4p6r8t0w2y4a'],
  async run({ screen, portal }, { ID: id }) {
    const one = await portal().get(apiPath`/v1/admin/incidents/${id}`, incidentView);
    const { event, resolution } = one;
    screen.title(`Incident ${one.incidentId}`);
    screen.line(one.words);
    screen.fields([
      ['state', stateCell(one.state)],
      ['kind', one.kind],
      ['about', subjectOf(one)],
      ['opened', momentOf(one.openedAt)],
      ['source', one.source],
      ['event', event && `${event.kind}, ${momentOf(event.eventTime)}`],
      ...(one.returns ?? []).map(({ source, eventTime }): [string, string] => [
        'back',
        `says ${source}, ${momentOf(eventTime)}`,
      ]),
      ['decided', resolution && `${resolution.decision}, ${momentOf(resolution.at)}, by ${resolution.actor}`],
      ['comment', resolution?.comment],
    ]);
    if (resolution === undefined) {
      if (one.alias !== undefined) {
        screen.command(`${PROGRAM} decide ${one.incidentId} bind PERSON_ID`, 'say who it is');
      }
      screen.command(`${PROGRAM} decide ${one.incidentId} dismiss`, 'nothing is to be done');
    }
    return one;
  },
});

const decided = z.object({
  incidentId: z.string(),
  decision: z.enum(['bind', 'dismiss']),
  event: z.optional(eventResultView),
});

export const decide = defineCommand({
  name: 'decide',
  audience: 'administrator',
  summary: 'end an incident: say whom it means, which applies the event to them, or dismiss it',
  arguments: {
    ID,
    DECISION: { words: 'bind or dismiss', choices: ['bind', 'dismiss'] },
    PERSON_ID: { words: 'who it is, with bind: as `person` shows it', optional: true },
  },
  options: { comment: { value: 'WORDS', words: 'for the record; no secrets' } },
  examples: [
    'decide 06bq3v1f5k8m2n4p6r8t0w2y4a bind 3n7k2q9x4t1a8b5c6d0e2f4g7h',
    'decide 06bq3v1f5k8m2n4p6r8t0w2y4a dismiss --comment "a contractor without VPN"',
  ],
  async run({ screen, portal }, { ID: id, DECISION: decision, PERSON_ID: personId, comment }) {
    if (decision === 'bind' && (personId === undefined || parsePersonId(personId) === undefined)) {
      throw usageFailure('bind needs a person id', 'as `person` shows it');
    }
    if (decision === 'dismiss' && personId !== undefined) throw usageFailure('dismiss takes no person');
    const body = {
      decision,
      ...(personId === undefined ? {} : { personId }),
      ...(comment === undefined ? {} : { comment }),
    };
    const result = await portal().post(apiPath`/v1/admin/incidents/${id}/decision`, body, decided);
    const { offboardingId } = result.event ?? {};
    screen.done(decision === 'bind' ? `Bound to ${personId ?? ''}; the event is applied` : 'Dismissed');
    if (offboardingId !== undefined)
      screen.command(`${PROGRAM} offboarding ${offboardingId}`, 'how it goes on');
    return result;
  },
});
