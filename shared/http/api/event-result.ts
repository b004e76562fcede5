import * as z from 'zod/mini';
import { isoFromMilliseconds, type EpochMilliseconds } from '../../domain/time.ts';

export const eventResultView = z
  .object({
    outcome: z.enum([
      'denied',
      'held',
      'protected',
      'stale',
      'planned',
      'planCancelled',
      'reinstated',
      'nothingToLift',
      'unknownPerson',
      'duplicate',
      'ignored',
      'asked',
    ]),
    offboardingId: z.optional(z.string()),
    incidentId: z.optional(z.string()),
    lifted: z.optional(z.int()),
    planId: z.optional(z.string()),
    planIds: z.optional(z.array(z.string())),
    effectiveAt: z
      .optional(z.iso.datetime())
      .register(z.globalRegistry, { description: 'With `planned`: when the last day is over' }),
  })
  .register(z.globalRegistry, { id: 'EventResult' });

type EventResultView = z.infer<typeof eventResultView>;

/** What became of an event, with its one time as text. */
export const viewEventResult = <
  Result extends Pick<EventResultView, 'outcome'> & { readonly effectiveAt?: EpochMilliseconds },
>({
  effectiveAt,
  ...result
}: Result): Omit<Result, 'effectiveAt'> & { effectiveAt?: string } => ({
  ...result,
  ...(effectiveAt === undefined ? {} : { effectiveAt: isoFromMilliseconds(effectiveAt) }),
});
