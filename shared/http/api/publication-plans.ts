import * as z from 'zod/mini';
import { PUBLICATION_REASONS } from '../../domain/publication.ts';
import type { PublicationPlan } from '../../domain/publication-plan.ts';
import { isoFromMilliseconds, isoFromSeconds } from '../../domain/time.ts';

const time = z.iso.datetime();
const reason = z.enum(PUBLICATION_REASONS);

export const publicationPlanView = z
  .object({
    endpointId: z.string(),
    publish: z.boolean().register(z.globalRegistry, { description: 'Whether a list would be imported now' }),
    reason: reason.register(z.globalRegistry, { description: 'Why, or why not' }),
    next: z
      .optional(z.object({ at: time, reason }))
      .register(z.globalRegistry, { description: 'When the next list is due if nothing else happens' }),
    isGateOn: z.boolean(),
    pendingRevocations: z.int(),
    list: z
      .object({
        crlNumber: z.int(),
        nextUpdate: time,
        entries: z.int(),
        holds: z.int().register(z.globalRegistry, {
          description: 'Of those, people who are only held: where there is no gate',
        }),
        added: z.int().register(z.globalRegistry, { description: 'Against what the endpoint holds' }),
        removed: z.int(),
        leftOff: z.int().register(z.globalRegistry, {
          description: 'Beyond what the endpoint takes; the gate alone refuses them',
        }),
        sizeOctets: z.int(),
      })
      .register(z.globalRegistry, {
        description: 'The next list, whether or not it is due now. Nothing was signed or imported.',
      }),
    quota: z
      .object({
        quota: z.int(),
        entries: z.int(),
        liveCertificates: z.int(),
        revocationsPerDay: z.number(),
        daysOnList: z.number(),
        entriesToCome: z.int(),
        reachedAt: z.optional(time),
      })
      .register(z.globalRegistry, {
        description: 'How full the list is, and when it would be if it goes on as in the last 90 days',
      }),
  })
  .register(z.globalRegistry, { id: 'PublicationPlan' });

export const publicationPlansView = z
  .object({
    plans: z.array(publicationPlanView),
    failed: z.array(z.object({ endpointId: z.string(), words: z.string() })),
  })
  .register(z.globalRegistry, { id: 'PublicationPlans' });

const rounded = (value: number): number => Math.round(value * 100) / 100;

export function viewPublicationPlan(plan: PublicationPlan): z.infer<typeof publicationPlanView> {
  const { next, list, quota, unplanned: _, ...rest } = plan;
  const { reachedAt, revocationsPerDay, daysOnList, ...counts } = quota;
  return {
    ...rest,
    ...(next && { next: { at: isoFromMilliseconds(next.at), reason: next.reason } }),
    list: { ...list, nextUpdate: isoFromSeconds(list.nextUpdate) },
    quota: {
      ...counts,
      revocationsPerDay: rounded(revocationsPerDay),
      daysOnList: rounded(daysOnList),
      ...(reachedAt === undefined ? {} : { reachedAt: isoFromSeconds(reachedAt) }),
    },
  };
}
