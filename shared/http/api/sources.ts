import * as z from 'zod/mini';
import { ALIAS_KINDS, type PersonId } from '../../domain/identity.ts';
import type { SourceState, SurgeSettlement } from '../../domain/surge.ts';
import { isoFromMilliseconds, type EpochMilliseconds } from '../../domain/time.ts';
import { comment } from './administration.ts';

const time = z.iso.datetime();
const decision = z.enum(['confirm', 'release']);

export const settlementRequest = z
  .strictObject({
    decision: decision.register(z.globalRegistry, {
      description:
        'confirm: held people are offboarded as the source meant. release: all that it said is undone',
    }),
    since: time.register(z.globalRegistry, { description: 'What the portal received since then is meant' }),
    comment,
  })
  .register(z.globalRegistry, { id: 'SurgeSettlementRequest' });

const MOST_EXPECTED_PEOPLE = 100_000;
const LONGEST_EXPECTATION_HOURS = 72;

export const expectationRequest = z
  .strictObject({
    people: z
      .int()
      .check(z.gte(1), z.lte(MOST_EXPECTED_PEOPLE))
      .register(z.globalRegistry, { description: 'How many more than usual' }),
    forHours: z.int().check(z.gte(1), z.lte(LONGEST_EXPECTATION_HOURS)),
  })
  .register(z.globalRegistry, { id: 'LeaversExpectedRequest' });

const expectationView = z.object({ people: z.int(), until: time }).register(z.globalRegistry, {
  id: 'LeaversExpected',
  description: 'The source may deny so many people more, until then',
});

export const sourceExpectationView = z.extend(expectationView, { source: z.string() });

export const settlementView = z
  .object({
    settlementId: z.string(),
    source: z.string(),
    decision,
    since: time,
    at: time,
  })
  .register(z.globalRegistry, { id: 'SurgeSettlement' });

export const sourcesView = z
  .object({
    sources: z.array(
      z.object({
        source: z.string(),
        aliasKind: z
          .enum(ALIAS_KINDS)
          .register(z.globalRegistry, { description: 'The kind of name by which it knows people' }),
        denied: z
          .int()
          .register(z.globalRegistry, { description: 'People whom it denied within the last hour' }),
        limit: z.int().register(z.globalRegistry, { description: 'Beyond so many people are only held' }),
        held: z.int().register(z.globalRegistry, {
          description: 'People whom a surge holds until an administrator decides',
        }),
        heldSince: z.optional(time),
        incidentId: z.optional(z.string()),
        holders: z
          .optional(z.int())
          .register(z.globalRegistry, { description: 'Everybody with a certificate, as counted last' }),
        expected: z.optional(expectationView),
      }),
    ),
    breakGlass: z
      .array(z.string())
      .register(z.globalRegistry, { description: 'Ids of people whom no source may deny' }),
  })
  .register(z.globalRegistry, { id: 'Sources' });

export const viewSources = ({
  sources,
  breakGlass,
}: {
  readonly sources: readonly SourceState[];
  readonly breakGlass: readonly PersonId[];
}): z.infer<typeof sourcesView> => ({
  sources: sources.map(({ expected, heldSince, ...source }) => ({
    ...source,
    ...(heldSince === undefined ? {} : { heldSince: isoFromMilliseconds(heldSince) }),
    ...(expected === undefined || expected.people === 0 ? {} : { expected: viewExpected(expected) }),
  })),
  breakGlass: [...breakGlass],
});

const viewExpected = ({ people, until }: { readonly people: number; readonly until: EpochMilliseconds }) => ({
  people,
  until: isoFromMilliseconds(until),
});

export const viewExpectation = (expected: {
  readonly source: string;
  readonly people: number;
  readonly until: EpochMilliseconds;
}): z.infer<typeof sourceExpectationView> => ({ source: expected.source, ...viewExpected(expected) });

export const viewSettlement = ({
  settlementId,
  source,
  decision: decided,
  since,
  at,
}: SurgeSettlement): z.infer<typeof settlementView> => ({
  settlementId,
  source,
  decision: decided,
  since: isoFromMilliseconds(since),
  at: isoFromMilliseconds(at),
});
