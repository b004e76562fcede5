import * as z from 'zod';
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
    offboardingId: z.string().optional(),
    incidentId: z.string().optional(),
    lifted: z.int().optional(),
    planId: z.string().optional(),
    planIds: z.array(z.string()).optional(),
    effectiveAt: z.iso
      .datetime()
      .optional()
      .meta({ description: 'With `planned`: when the last day is over' }),
  })
  .meta({ id: 'EventResult' });

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
