import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import { eventResultView } from '../../shared/http/api/event-result.ts';
import { defineCommand, type Context } from '../command.ts';
import { localFailure, usageFailure } from '../failure.ts';
import { apiPath } from '../portal/api.ts';
import { counted, momentOf } from '../terminal/words.ts';
import { findPersonIfKnown, parseWho, WHO_WORDS } from '../who.ts';
import { PROGRAM } from '../world.ts';
import { personName } from './person-words.ts';

const WHO = { words: WHO_WORDS } as const;
const comment = { value: 'WORDS', words: 'for the record; no secrets' } as const;
const yes = { words: 'do not ask' } as const;

export const offboard = defineCommand({
  name: 'offboard',
  audience: 'administrator',
  summary: 'end a person’s access: refuse, cut, and revoke every certificate',
  notes: [
    'It can be undone until the list is published. Somebody whom the portal does not know by that name is',
    'kept as an open incident, and cannot enrol by it. Asks first where somebody is at the terminal.',
  ],
  arguments: { WHO },
  options: {
    'last-day': { value: 'YYYY-MM-DD', words: 'when that day is over where the company is; now when absent' },
    comment,
    yes,
  },
  examples: [
    'offboard alice@example.com --comment "left on Friday"',
    'offboard employeeNumber:1001 --yes',
    'offboard alice@example.com --last-day 2026-12-31',
  ],
  run: (context, { 'last-day': lastDay, ...given }) =>
    denyAccess(context, { ...given, lastDay, verb: 'offboard' }),
});

export const hold = defineCommand({
  name: 'hold',
  audience: 'administrator',
  summary: 'refuse and cut a person until it is lifted; nothing is revoked',
  arguments: { WHO },
  options: { comment },
  examples: ['hold alice@example.com --comment "laptop under investigation"'],
  run: (context, given) => denyAccess(context, { ...given, verb: 'hold', yes: true }),
});

export const reinstate = defineCommand({
  name: 'reinstate',
  audience: 'administrator',
  summary: 'lift everything that is held against a person; unpublished revocations are undone',
  arguments: { WHO },
  options: { comment },
  examples: ['reinstate alice@example.com'],
  async run({ screen, portal }, { WHO: text, comment: words }) {
    const api = portal();
    const person = await findPersonIfKnown(api, parseWho(text));
    if (person === undefined) throw unknownPerson(text);
    const result = await api.post(
      apiPath`/v1/admin/people/${person.personId}/reinstatement`,
      commented(words),
      eventResultView,
      { idempotencyKey: randomUUID() },
    );
    if (result.outcome === 'reinstated') {
      screen.done(`${personName(person)} may connect again; ${counted(result.lifted ?? 0, 'denial')} lifted`);
      screen.note('Certificates that are on a published list stay revoked: those devices enrol again.');
    } else if (result.outcome === 'planCancelled') {
      screen.done(`${personName(person)} stays: the announced last day no longer counts`);
    } else screen.warn(`Nothing was held against ${personName(person)}`);
    return { personId: person.personId, ...result };
  },
});

const commented = (words: string | undefined): object => (words === undefined ? {} : { comment: words });

const unknownPerson = (text: string) =>
  localFailure('personNotFound', 'Nobody is known by that', text, [
    { words: 'people are known by the kinds of name that a source uses, and by their id' },
  ]);

interface DenialOrder {
  readonly WHO: string;
  readonly comment: string | undefined;
  readonly lastDay?: string | undefined;
  readonly yes: boolean;
  readonly verb: 'offboard' | 'hold';
}

async function denyAccess({ screen, portal, confirm }: Context, order: DenialOrder): Promise<object> {
  const api = portal();
  const who = parseWho(order.WHO);
  const person = await findPersonIfKnown(api, who);
  if (person === undefined && 'personId' in who) throw unknownPerson(order.WHO);
  if (person === undefined && 'alias' in who && who.isBareWord) {
    throw usageFailure(
      `Nobody has the login "${who.alias.value}"`,
      `if you mean somebody whom the portal does not know yet, say login:${who.alias.value}`,
    );
  }
  const name = person === undefined ? `whoever is ${order.WHO} (nobody here is)` : personName(person);
  const when = order.lastDay === undefined ? '' : ` after ${order.lastDay}`;
  if (!order.yes) await confirm(`End the VPN access of ${name}${when}?`, 'goOn');
  const idempotency = { idempotencyKey: randomUUID() };
  const body = {
    ...commented(order.comment),
    ...(order.lastDay === undefined ? {} : { lastDay: order.lastDay }),
  };
  const paths = {
    offboard: ['offboarding', '/v1/admin/offboardings'],
    hold: ['hold', '/v1/admin/holds'],
  } as const;
  const [ending, aliasPath] = paths[order.verb];
  const result =
    person !== undefined
      ? await api.post(
          `${apiPath`/v1/admin/people/${person.personId}`}/${ending}`,
          body,
          eventResultView,
          idempotency,
        )
      : await api.post(
          aliasPath,
          { ...('alias' in who ? { alias: who.alias } : {}), ...body },
          eventResultView,
          idempotency,
        );
  printDenial({ screen }, result, name, order.verb);
  return { ...(person && { personId: person.personId }), ...result };
}

function printDenial(
  { screen }: Pick<Context, 'screen'>,
  { outcome, offboardingId, incidentId, planId, effectiveAt }: z.infer<typeof eventResultView>,
  name: string,
  verb: DenialOrder['verb'],
): void {
  if (outcome === 'planned') {
    screen.done(`${name}: access ends at ${momentOf(effectiveAt ?? '')}, and not before`);
    screen.command(`${PROGRAM} cancel-plan ${planId ?? 'ID'}`, 'to take it back');
    return;
  }
  if (outcome === 'unknownPerson') {
    screen.warn(`Nobody is known by that: incident ${incidentId ?? ''} is open until somebody decides`);
    screen.command(`${PROGRAM} decide ${incidentId ?? 'ID'} bind PERSON_ID`, 'when you know who it is');
    screen.command(`${PROGRAM} decide ${incidentId ?? 'ID'} dismiss`, 'when it is nobody of yours');
    return;
  }
  if (outcome === 'stale') {
    screen.warn(`${name}: something newer was said before, so that this is on record only`);
    return;
  }
  screen.done(`${name}: access ${verb === 'offboard' ? 'has ended' : 'is held'}`);
  screen.note('Refused from now on; live connections end within seconds.');
  if (verb === 'offboard')
    screen.note('The list follows in its window, at most a day; publish makes it now.');
  if (offboardingId !== undefined)
    screen.command(`${PROGRAM} offboarding ${offboardingId}`, 'how it goes on');
}
