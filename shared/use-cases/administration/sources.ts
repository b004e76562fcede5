import { assertMayRead, assertMayWrite, type AccessPolicy, type Caller } from '../../domain/caller.ts';
import { datedIdFrom, DATED_ID_RANDOM_OCTETS } from '../../domain/dated-id.ts';
import { DomainError } from '../../domain/errors.ts';
import { parseSourceId, type AliasKind, type PersonId, type SourceId } from '../../domain/identity.ts';
import {
  SURGE_WINDOW_SECONDS,
  surgeLimit,
  type SourceState,
  type SurgePolicy,
  type SurgeSettlement,
} from '../../domain/surge.ts';
import { SECONDS_PER_DAY, secondsFrom, type EpochMilliseconds } from '../../domain/time.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OffboardingStore } from '../../ports/offboarding-store.ts';
import type { PersonStore } from '../../ports/person-store.ts';
import type { RandomOctets } from '../../ports/random.ts';
import type { SurgeStore } from '../../ports/surge-store.ts';
import { assertCallerInGoodStanding } from './standing.ts';

export interface SourcesReadDeps {
  readonly people: Pick<PersonStore, 'find' | 'findAliasOwner'>;
  readonly offboardings: Pick<OffboardingStore, 'listOpen' | 'listOpenIncidents'>;
  readonly surges: Pick<SurgeStore, 'counted' | 'context'>;
  readonly aliasKindOf: ReadonlyMap<SourceId, AliasKind>;
  readonly surgePolicy: SurgePolicy;
  readonly breakGlass: ReadonlySet<PersonId>;
  readonly clock: Clock;
  readonly access: AccessPolicy;
}

/**
 * Each source of events with what it denied lately, and the people whom no source may deny.
 *
 * @throws DomainError notAllowed
 */
export async function listSources(
  deps: SourcesReadDeps,
  caller: Caller,
): Promise<{ sources: SourceState[]; breakGlass: readonly PersonId[] }> {
  assertMayRead(caller, deps.access);
  await assertCallerInGoodStanding(deps.people, caller);
  const now = deps.clock.now();
  const open = (await deps.offboardings.listOpen()).filter(
    ({ kind, liftedAt }) => kind === 'surge' && liftedAt === undefined,
  );
  const incidents = await deps.offboardings.listOpenIncidents();
  const sources = [...deps.aliasKindOf].map(async ([source, aliasKind]): Promise<SourceState> => {
    const [denied, context] = [await deps.surges.counted(source, now), await deps.surges.context(source)];
    const held = open.filter((record) => record.source === source);
    const incident = incidents.find((one) => one.kind === 'surge' && one.source === source);
    return {
      source,
      aliasKind,
      denied,
      limit: surgeLimit(deps.surgePolicy, context, now),
      held: held.length,
      ...context,
      ...(held[0] === undefined ? {} : { heldSince: held[0].receivedAt }),
      ...(incident === undefined ? {} : { incidentId: incident.incidentId }),
    };
  });
  return { sources: await Promise.all(sources), breakGlass: [...deps.breakGlass] };
}

export interface SourcesWriteDeps {
  readonly people: Pick<PersonStore, 'find' | 'findAliasOwner'>;
  readonly surges: Pick<SurgeStore, 'addSettlement' | 'expect'>;
  readonly aliasKindOf: ReadonlyMap<SourceId, AliasKind>;
  readonly clock: Clock;
  readonly random: RandomOctets;
  readonly audit: Audit;
  readonly access: AccessPolicy;
}

async function writer(deps: SourcesWriteDeps, caller: Caller, name: string): Promise<SourceId> {
  assertMayWrite(caller, deps.access, secondsFrom(deps.clock.now()));
  await assertCallerInGoodStanding(deps.people, caller);
  const source = parseSourceId(name);
  if (source === undefined || !deps.aliasKindOf.has(source)) {
    throw new DomainError('sourceNotFound', 'no source has this name');
  }
  return source;
}

/** A source that was wrong for longer is somebody's case, person by person. */
const LONGEST_SETTLEMENT_SECONDS = 60 * SECONDS_PER_DAY;

/** After a confirmation the source may go on for an hour: a mass offboarding is seldom one burst. */
const CONFIRMED_PEOPLE = 100_000;

/**
 * Says of a surge that it is true (held people are offboarded as the source meant) or not (everything the source said
 * since then is taken back). Written down here; the sweep carries it out within a minute or two.
 *
 * @throws DomainError notAllowed, signInTooOld, mfaMissing, sourceNotFound, malformedRequest
 */
export async function settleSurge(
  deps: SourcesWriteDeps,
  order: {
    readonly caller: Caller;
    readonly source: string;
    readonly decision: SurgeSettlement['decision'];
    readonly since: EpochMilliseconds;
    readonly comment?: string;
  },
): Promise<SurgeSettlement> {
  const source = await writer(deps, order.caller, order.source);
  const at = deps.clock.now();
  if (order.since > at || order.since < at - LONGEST_SETTLEMENT_SECONDS * 1000) {
    throw new DomainError('malformedRequest', 'since must be a time of the last 60 days', {
      faults: [{ pointer: '/since', detail: 'within the last 60 days' }],
    });
  }
  const { decision, since, caller, comment } = order;
  const by = caller.personId;
  // Of a source that said what is not true nobody expects more, whatever was announced or confirmed before.
  const expected = decision === 'confirm' ? CONFIRMED_PEOPLE : 0;
  await deps.surges.expect(source, { people: expected, until: at + SURGE_WINDOW_SECONDS * 1000, by });
  const settlement: SurgeSettlement = {
    settlementId: datedIdFrom(at, deps.random(DATED_ID_RANDOM_OCTETS)),
    source,
    decision,
    since,
    at,
    by,
    ...(comment === undefined ? {} : { comment }),
  };
  await deps.surges.addSettlement(settlement);
  deps.audit.surgeDecided({ actor: by, source, decision, since });
  return settlement;
}

/**
 * Announces leavers: so many people more than usual may be denied by the source, until then.
 *
 * @throws DomainError notAllowed, signInTooOld, mfaMissing, sourceNotFound
 */
export async function expectLeavers(
  deps: SourcesWriteDeps,
  order: {
    readonly caller: Caller;
    readonly source: string;
    readonly people: number;
    readonly forSeconds: number;
  },
): Promise<{ source: SourceId; people: number; until: EpochMilliseconds }> {
  const source = await writer(deps, order.caller, order.source);
  const { people, caller } = order;
  const until = deps.clock.now() + order.forSeconds * 1000;
  await deps.surges.expect(source, { people, until, by: caller.personId });
  deps.audit.leaversExpected({ actor: caller.personId, source, people, until });
  return { source, people, until };
}
