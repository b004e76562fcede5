import * as z from 'zod';
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
    mode: mode.optional().meta({ description: 'What follows; as configured when absent' }),
    dryRun: z.boolean().optional().meta({ description: 'Only say what would follow' }),
    evenIfMany: z.boolean().optional().meta({
      description: 'Believe the directory however many it lacks; the limit of a surge still counts',
    }),
  })
  .meta({ id: 'ReconciliationRequest' });

export const reconciliationWishView = z
  .object({
    at: time,
    mode: mode.optional(),
    dryRun: z.boolean(),
    evenIfMany: z.boolean(),
  })
  .meta({ id: 'ReconciliationWish', description: 'A comparison that was asked for and has not begun' });

const counts = <Name extends string>(names: readonly Name[]) =>
  z.object(Object.fromEntries(names.map((name) => [name, z.int()])) as Record<Name, z.ZodInt>);

const runView = z
  .object({
    runId: z.string(),
    reason: z.enum(RECONCILIATION_REASONS),
    by: z.string().optional(),
    mode,
    dryRun: z.boolean(),
    state: z.enum(['reading', 'acting', 'done', 'failed']),
    startedAt: time,
    endedAt: time.optional(),
    entries: z.int().meta({ description: 'People whom the directory has' }),
    active: z.int(),
    compared: z.int().meta({ description: 'People of ours with live certificates' }),
    found: counts<FindingKind>(FINDING_KINDS),
    outcomes: counts<FindingOutcome>(FINDING_OUTCOMES),
    failure: z.string().optional().meta({ description: 'Why the directory was not believed, or not read' }),
  })
  .meta({ id: 'Reconciliation' });

export const reconciliationView = z
  .object({
    hasDirectory: z.boolean(),
    wished: reconciliationWishView.optional(),
    current: runView.optional(),
    last: runView.optional().meta({ description: 'The last that is over; the findings are its' }),
    findings: z.array(
      z.object({
        personId: z.string(),
        kind: z.enum(FINDING_KINDS),
        certificates: z.int().meta({ description: 'Neither revoked nor over' }),
        since: time.optional().meta({ description: 'With `kept`: since when the directory has lacked her' }),
      }),
    ),
    nextCursor: z.string().optional(),
  })
  .meta({ id: 'ReconciliationReport' });

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
