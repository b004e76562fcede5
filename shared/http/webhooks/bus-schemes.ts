import * as z from 'zod/mini';
import type { SourceDeclaration } from '../../source-declarations.ts';
import { assertNames, eventMapping, type EventMapping, type WrittenScheme } from './scheme.ts';
import type { BusSchemeName } from './scheme-names.ts';
import { oktaEvents, PERSON_RULES } from './shared-mappings.ts';

/*
 * How events come through EventBridge: the whole event is read, with what its sender put into `detail`. AWS says who
 * sent it (`source`, `account`), and a rule lets nobody else through (infra/aws/event-bus.yml).
 */

const BUS_EVENTS: Readonly<Record<BusSchemeName, WrittenScheme['events']>> = {
  eventBridge: {
    type: 'detail-type',
    rules: [...PERSON_RULES],
    eventId: { join: ['id'] },
    // The bus knows the second in which it was put; its sender may know better.
    eventTime: ['detail.timestamp', 'time'],
    person: { email: 'detail.email', login: 'detail.login', employeeNumber: 'detail.employeeNumber' },
    lastDay: 'detail.lastDay',
  },
  // https://help.okta.com/oie/en-us/content/topics/reports/log-streaming/about-log-streams.htm: a System Log event.
  oktaLogStream: oktaEvents('detail'),
};

/** What EventBridge adds to every event; the rest is its sender's. */
export const busEvent = z.looseObject({
  id: z.string().check(z.minLength(1)),
  source: z.string().check(z.minLength(1)),
  account: z.string(),
  'detail-type': z.string(),
  detail: z.looseObject({}),
});
export type BusEvent = z.infer<typeof busEvent>;

export interface BusSource extends SourceDeclaration {
  readonly events: EventMapping;
}

/** The sources that speak through a bus. @throws Error for one that is to know people by what it never says */
export const busSources = (declarations: readonly SourceDeclaration[]): readonly BusSource[] =>
  declarations.flatMap((declared) => {
    const name = declared.scheme;
    if (name !== 'eventBridge' && name !== 'oktaLogStream') return [];
    const events = eventMapping.parse(BUS_EVENTS[name]);
    assertNames(declared, events);
    return [{ ...declared, events }];
  });

/** Whose event it is: a partner's bus has its own name as source, and others say theirs. */
export const busSourceOf = (sources: readonly BusSource[], { source }: BusEvent): BusSource | undefined =>
  sources.find((one) =>
    source.startsWith('aws.partner/okta.com/')
      ? one.scheme === 'oktaLogStream'
      : one.scheme === 'eventBridge' && one.arguments.includes(source),
  );
