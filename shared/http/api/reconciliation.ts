import * as z from 'zod/mini';
import {
  FINDING_KINDS,
  FINDING_OUTCOMES,
  RECONCILIATION_MODES,
  RECONCILIATION_REASONS,
  type Finding,
  type FindingKind,
  type FindingOutcome,
  type ReconciliationRun,
  type ReconciliationWish,
} from '../../domain/reconciliation.ts';
import { isoFromMilliseconds } from '../../domain/time.ts';

const time = z.iso.datetime();
const mode = z.enum(RECONCILIATION_MODES);

export const reconciliationRequest = z
  .strictObject({
    mode: z
      .optional(mode)
      .register(z.globalRegistry, { description: 'What follows; as configured when absent' }),
    dryRun: z.optional(z.boolean()).register(z.globalRegistry, { description: 'Only say what would follow' }),
    evenIfMany: z.optional(z.boolean()).register(z.globalRegistry, {
      description: 'Believe the directory however many it lacks; the limit of a surge still counts',
    }),
  })
  .register(z.globalRegistry, { id: 'ReconciliationRequest' });

export const reconciliationWishView = z
  .object({
    at: time,
    mode: z.optional(mode),
    dryRun: z.boolean(),
    evenIfMany: z.boolean(),
  })
  .register(z.globalRegistry, {
    id: 'ReconciliationWish',
    description: 'A comparison that was asked for and has not begun',
  });

const counts = <Name extends string>(names: readonly Name[]) =>
  z.object(Object.fromEntries(names.map((name) => [name, z.int()])) as Record<Name, z.ZodMiniNumberFormat>);

const runView = z
  .object({
    runId: z.string(),
    reason: z.enum(RECONCILIATION_REASONS),
    by: z.optional(z.string()),
    mode,
    dryRun: z.boolean(),
    state: z.enum(['reading', 'acting', 'done', 'failed']),
    startedAt: time,
    endedAt: z.optional(time),
    asOf: z
      .optional(time)
      .register(z.globalRegistry, { description: 'Of when the directory is, where it is a file' }),
    entries: z.int().register(z.globalRegistry, { description: 'People whom the directory has' }),
    active: z.int(),
    compared: z.int().register(z.globalRegistry, { description: 'People of ours with live certificates' }),
    found: counts<FindingKind>(FINDING_KINDS),
    outcomes: counts<FindingOutcome>(FINDING_OUTCOMES),
    failure: z
      .optional(z.string())
      .register(z.globalRegistry, { description: 'Why the directory was not believed, or not read' }),
  })
  .register(z.globalRegistry, { id: 'Reconciliation' });

export const reconciliationView = z
  .object({
    hasDirectory: z.boolean(),
    wished: z.optional(reconciliationWishView),
    current: z.optional(runView),
    last: z
      .optional(runView)
      .register(z.globalRegistry, { description: 'The last that is over; the findings are its' }),
    findings: z.array(
      z.object({
        personId: z.string(),
        kind: z.enum(FINDING_KINDS),
        certificates: z.int().register(z.globalRegistry, { description: 'Neither revoked nor over' }),
        since: z.optional(time).register(z.globalRegistry, {
          description: 'With `kept`: since when the directory has lacked her',
        }),
      }),
    ),
    nextCursor: z.optional(z.string()),
  })
  .register(z.globalRegistry, { id: 'ReconciliationReport' });

export const viewWish = (wish: ReconciliationWish): z.infer<typeof reconciliationWishView> => ({
  at: isoFromMilliseconds(wish.at),
  ...(wish.mode === undefined ? {} : { mode: wish.mode }),
  dryRun: wish.dryRun ?? false,
  evenIfMany: wish.evenIfMany ?? false,
});

const viewRun = (run: ReconciliationRun): z.infer<typeof runView> => {
  const { runId, reason, by, mode: how, dryRun, state, entries, active, compared, found, outcomes } = run;
  return {
    ...{ runId, reason, mode: how, dryRun, state, entries, active, compared, found, outcomes },
    ...(by === undefined ? {} : { by }),
    startedAt: isoFromMilliseconds(run.startedAt),
    ...(run.asOf === undefined ? {} : { asOf: isoFromMilliseconds(run.asOf) }),
    ...(run.endedAt === undefined ? {} : { endedAt: isoFromMilliseconds(run.endedAt) }),
    ...(run.failure === undefined ? {} : { failure: run.failure }),
  };
};

export const viewReconciliation = ({
  hasDirectory,
  wished,
  current,
  last,
  findings,
  next,
}: {
  readonly hasDirectory: boolean;
  readonly wished?: ReconciliationWish;
  readonly current?: ReconciliationRun;
  readonly last?: ReconciliationRun;
  readonly findings: readonly Finding[];
  readonly next?: string;
}): z.infer<typeof reconciliationView> => ({
  hasDirectory,
  ...(wished === undefined ? {} : { wished: viewWish(wished) }),
  ...(current === undefined ? {} : { current: viewRun(current) }),
  ...(last === undefined ? {} : { last: viewRun(last) }),
  findings: findings.map(({ since, ...one }) => ({
    ...one,
    ...(since === undefined ? {} : { since: isoFromMilliseconds(since) }),
  })),
  ...(next === undefined ? {} : { nextCursor: next }),
});
