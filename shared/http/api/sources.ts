import * as z from 'zod';
import { ALIAS_KINDS, type PersonId } from '../../domain/identity.ts';
import type { SourceState, SurgeSettlement } from '../../domain/surge.ts';
import { isoFromMilliseconds, type EpochMilliseconds } from '../../domain/time.ts';
import { comment } from './administration.ts';

const time = z.iso.datetime();
const decision = z.enum(['confirm', 'release']);

export const settlementRequest = z
  .strictObject({
    decision: decision.meta({
      description:
        'confirm: held people are offboarded as the source meant. release: all that it said is undone',
    }),
    since: time.meta({ description: 'What the portal received since then is meant' }),
    comment,
  })
  .meta({ id: 'SurgeSettlementRequest' });

const MOST_EXPECTED_PEOPLE = 100_000;
const LONGEST_EXPECTATION_HOURS = 72;

export const expectationRequest = z
  .strictObject({
    people: z.int().min(1).max(MOST_EXPECTED_PEOPLE).meta({ description: 'How many more than usual' }),
    forHours: z.int().min(1).max(LONGEST_EXPECTATION_HOURS),
  })
  .meta({ id: 'LeaversExpectedRequest' });

const expectationView = z
  .object({ people: z.int(), until: time })
  .meta({ id: 'LeaversExpected', description: 'The source may deny so many people more, until then' });

export const sourceExpectationView = expectationView.extend({ source: z.string() });

export const settlementView = z
  .object({
    settlementId: z.string(),
    source: z.string(),
    decision,
    since: time,
    at: time,
  })
  .meta({ id: 'SurgeSettlement' });

export const sourcesView = z
  .object({
    sources: z.array(
      z.object({
        source: z.string(),
        aliasKind: z.enum(ALIAS_KINDS).meta({ description: 'The kind of name by which it knows people' }),
        denied: z.int().meta({ description: 'People whom it denied within the last hour' }),
        limit: z.int().meta({ description: 'Beyond so many people are only held' }),
        held: z.int().meta({ description: 'People whom a surge holds until an administrator decides' }),
        heldSince: time.optional(),
        incidentId: z.string().optional(),
        holders: z.int().optional().meta({ description: 'Everybody with a certificate, as counted last' }),
        expected: expectationView.optional(),
      }),
    ),
    breakGlass: z.array(z.string()).meta({ description: 'Ids of people whom no source may deny' }),
  })
  .meta({ id: 'Sources' });

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
    ...(expected === undefined ? {} : { expected: viewExpected(expected) }),
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
