import type * as z from 'zod';
import { offboardingView } from '../../../../shared/http/api/administration.ts';
import { promised } from '../portal-api.ts';
import { expectSeen, type Observe } from '../telling.ts';
import type { World } from '../world.ts';

/** What the auditor of a whole offboarding must find, in any order after the first. */
const STEPS = ['event', 'received', 'denied', 'revoked', 'terminated', 'cut', 'published', 'closed'] as const;

type Timeline = z.infer<typeof offboardingView>['timeline'];

/** The auditor reads what followed from HR's word, step by step. */
export async function readEvidence(world: World, offboardingId: string, observe: Observe): Promise<void> {
  await world.stack.settled();
  await world.stack.fireSchedule('offboarding-sweep');
  const answer = await world.api.call('GET', `/v1/admin/offboardings/${offboardingId}`, {
    token: await world.signIn('erin'),
  });
  const { state, timeline } = promised(offboardingView, answer, 200, "the timeline of alice's offboarding");
  const found = timeline.map(({ step }) => step);
  const missing = STEPS.filter((step) => !found.includes(step));
  const seen = `${state}, with ${found.join(', ')}`;
  expectSeen(missing.length === 0, `the steps ${STEPS.join(', ')}`, seen);
  expectSeen(state === 'done', 'an offboarding in which nothing is left to do', seen);
  observe('state', state);
  for (const row of tableOf(timeline)) observe('timeline', [...timeline.map(factOf)], row);
}

const factOf = ({ step, at }: Timeline[number]) => ({ step, at });

/** Each step with its time from when HR's word came in. */
function tableOf(timeline: Timeline): string[] {
  const received = Date.parse(timeline.find(({ step }) => step === 'received')?.at ?? '');
  const width = Math.max(...timeline.map(({ step }) => step.length));
  return timeline.map(({ step, at, connectionId, crlNumber }) => {
    const after = Date.parse(at) - received;
    const what = connectionId ?? (crlNumber === undefined ? '' : `list ${crlNumber}`);
    const offset = step === 'event' ? '' : `+${after} ms`;
    return `${step.padEnd(width)}  ${at.slice(11, -1)}  ${offset.padStart(9)}  ${what}`.trimEnd();
  });
}
