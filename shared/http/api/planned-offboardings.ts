import * as z from 'zod';
import { parseLastDay, type LastDay } from '../../domain/calendar.ts';
import { DomainError } from '../../domain/errors.ts';
import type { PlannedOffboarding } from '../../domain/planned-offboarding.ts';
import { isoFromMilliseconds } from '../../domain/time.ts';
import { aliasView } from './alias.ts';

/** A last day as callers give it. */
export const lastDay = z.string().max(16).meta({
  description:
    'The last day, `YYYY-MM-DD`: access ends when it is over where the company is, or at the offset behind it (`2026-11-30+02:00`). One that is over already is now.',
  example: '2026-11-30',
});

/**
 * @param text as it was given, if it was
 * @param pointer where it stood, RFC 6901
 * @throws DomainError malformedRequest
 */
export function readLastDay(
  text: string | undefined,
  timeZone: string,
  pointer: string,
): LastDay | undefined {
  if (text === undefined) return undefined;
  const day = parseLastDay(text, timeZone);
  if (day !== undefined) return day;
  throw new DomainError('malformedRequest', 'the last day is no day', {
    faults: [{ pointer, detail: 'a day such as 2026-11-30, or with an offset such as 2026-11-30+02:00' }],
  });
}

export const plannedOffboardingView = z
  .object({
    planId: z.string(),
    source: z.string(),
    lastDay: z.string(),
    effectiveAt: z.iso.datetime().meta({ description: 'When the day is over, and access ends' }),
    announcedAt: z.iso.datetime(),
    personId: z.string().optional(),
    alias: aliasView
      .optional()
      .meta({ description: 'Whom nobody knows yet: whoever has the name on that day' }),
    actor: z.string().optional(),
    comment: z.string().optional(),
  })
  .meta({ id: 'PlannedOffboarding' });

export const plannedOffboardingsPageView = z.object({
  planned: z.array(plannedOffboardingView),
  nextCursor: z.string().optional().meta({ description: 'Asks for the next page; absent on the last.' }),
});

export const viewPlannedOffboarding = ({
  planId,
  source,
  lastDay: day,
  effectiveAt,
  receivedAt,
  whom,
  actor,
  comment,
}: PlannedOffboarding): z.infer<typeof plannedOffboardingView> => ({
  planId,
  source,
  lastDay: day,
  effectiveAt: isoFromMilliseconds(effectiveAt),
  announcedAt: isoFromMilliseconds(receivedAt),
  ...whom,
  ...(actor === undefined ? {} : { actor }),
  ...(comment === undefined ? {} : { comment }),
});
