import * as z from 'zod/mini';
import { parseLastDay, type LastDay } from '../../domain/calendar.ts';
import { DomainError } from '../../domain/errors.ts';
import type { PlannedOffboarding } from '../../domain/planned-offboarding.ts';
import { isoFromMilliseconds } from '../../domain/time.ts';
import { aliasView } from './alias.ts';

/** A last day as callers give it. */
export const lastDay = z.string().check(z.maxLength(16)).register(z.globalRegistry, {
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
    effectiveAt: z.iso
      .datetime()
      .register(z.globalRegistry, { description: 'When the day is over, and access ends' }),
    announcedAt: z.iso.datetime(),
    personId: z.optional(z.string()),
    alias: z
      .optional(aliasView)
      .register(z.globalRegistry, { description: 'Whom nobody knows yet: whoever has the name on that day' }),
    actor: z.optional(z.string()),
    comment: z.optional(z.string()),
  })
  .register(z.globalRegistry, { id: 'PlannedOffboarding' });

export const plannedOffboardingsPageView = z.object({
  planned: z.array(plannedOffboardingView),
  nextCursor: z
    .optional(z.string())
    .register(z.globalRegistry, { description: 'Asks for the next page; absent on the last.' }),
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
