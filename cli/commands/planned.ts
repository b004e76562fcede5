import type * as z from 'zod';
import {
  plannedOffboardingsPageView,
  plannedOffboardingView,
} from '../../shared/http/api/planned-offboardings.ts';
import { defineCommand } from '../command.ts';
import { apiPath, type PortalApi } from '../portal/api.ts';
import type { Screen } from '../terminal/screen.ts';
import { momentOf } from '../terminal/words.ts';
import { PROGRAM } from '../world.ts';

type Planned = z.infer<typeof plannedOffboardingView>;

/** Every offboarding whose last day lies ahead, page after page. */
export async function listPlanned(screen: Screen, api: PortalApi): Promise<{ planned: Planned[] }> {
  const planned: Planned[] = [];
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? {} : { cursor };
    const page = await api.get('/v1/admin/planned-offboardings', plannedOffboardingsPageView, query);
    planned.push(...page.planned);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  if (planned.length === 0) screen.line('Nobody has an announced last day.');
  else printPlanned(screen, planned);
  return { planned };
}

export function printPlanned(screen: Screen, planned: readonly Planned[]): void {
  screen.table(
    ['PLAN', 'LAST DAY', 'ENDS (UTC)', 'PERSON', 'SOURCE'],
    planned.map((one) => [
      one.planId,
      one.lastDay,
      momentOf(one.effectiveAt),
      one.personId ?? `whoever has ${one.alias?.kind ?? ''}:${one.alias?.value ?? ''}`,
      one.source,
    ]),
  );
}

export const cancelPlan = defineCommand({
  name: 'cancel-plan',
  audience: 'administrator',
  summary: 'take back an offboarding whose last day lies ahead, whoever announced it',
  notes: ['Its source may announce another. What has been carried out is lifted by reinstate.'],
  arguments: { ID: { words: 'the plan, as `offboardings --planned` shows it' } },
  options: {},
  examples: ['cancel-plan 06fq3v1f5k8m2n4p6r8t0w2y4a'],
  async run({ screen, portal }, { ID: id }) {
    const path = apiPath`/v1/admin/planned-offboardings/${id}/cancellation`;
    const plan = await portal().post(path, {}, plannedOffboardingView);
    screen.done(`The last day ${plan.lastDay} that ${plan.source} announced no longer counts`);
    screen.command(`${PROGRAM} offboardings --planned`, 'what is still to come');
    return plan;
  },
});
