import type * as z from 'zod';
import { publicationPlansView, type publicationPlanView } from '../../shared/http/api/publication-plans.ts';
import type { PublicationReason } from '../../shared/domain/publication.ts';
import type { PortalApi } from '../portal/api.ts';
import type { Screen } from '../terminal/screen.ts';
import { counted, momentOf } from '../terminal/words.ts';

export const REASON_WORDS: Readonly<Record<PublicationReason, string>> = {
  firstList: 'the endpoint has no list yet',
  requested: 'an administrator asked for it',
  drift: 'the endpoint holds a list that the portal did not import',
  overwritten: 'an older list was put over a newer one',
  gateOff: 'the gate is missing, changed or off',
  due: 'a revocation has waited for its window',
  refresh: 'half of the list’s life is over',
  unchanged: 'nothing has changed and the list is fresh',
  otherPublisher: 'another publisher is at work',
  endpointRetired: 'the endpoint is no longer looked after',
  waitsForEndpoint: 'a list was sent and the endpoint does not show it yet',
  waitsForWindow: 'a revocation waits for quiet hours',
  waitsForRefresh: 'what is left out was merely replaced; it goes with the next list',
  waitsForSpacing: 'the last import was not long ago',
  waitsForQuietHours: 'a fresh list waits for quiet hours',
};

/** Shows what the publisher would do. Nothing is signed or imported. */
export async function showPlans(
  screen: Screen,
  api: PortalApi,
  endpointId: string | undefined,
): Promise<z.infer<typeof publicationPlansView>> {
  const query = endpointId === undefined ? {} : { endpointId };
  const found = await api.get('/v1/admin/crl/publication', publicationPlansView, query);
  for (const plan of found.plans) showPlan(screen, plan);
  for (const { endpointId: failedId, words } of found.failed) screen.warn(`${failedId}: ${words}`);
  screen.note('Nothing was signed or imported.');
  return found;
}

function showPlan(screen: Screen, plan: z.infer<typeof publicationPlanView>): void {
  const { publish, reason, next, list, quota } = plan;
  screen.title(plan.endpointId);
  screen.fields([
    ['now', `${publish ? 'a list would be imported' : 'nothing would be imported'}: ${REASON_WORDS[reason]}`],
    ['next', next && !publish ? `${momentOf(next.at)}: ${REASON_WORDS[next.reason]}` : undefined],
    ['gate', plan.isGateOn ? 'on' : { text: 'OFF or changed', style: 'red' }],
    ['waiting', counted(plan.pendingRevocations, 'revocation')],
    [
      'next list',
      `number ${list.crlNumber}, ${counted(list.entries, 'certificate')}, ${list.sizeOctets} octets`,
    ],
    ['changes', `${list.added} added, ${list.removed} removed`],
    ['only held', list.holds === 0 ? undefined : String(list.holds)],
    ['left off', list.leftOff === 0 ? undefined : { text: `${list.leftOff} beyond the quota`, style: 'red' }],
    ['would end', momentOf(list.nextUpdate)],
    ['quota', `${quota.entries} of ${quota.quota}, ${quota.revocationsPerDay} more a day`],
    ['full', quota.reachedAt === undefined ? 'not within three years' : momentOf(quota.reachedAt)],
  ]);
}
