import type * as z from 'zod';
import { offboardingView } from '../../../../shared/http/api/administration.ts';
import { eventually } from '../patience.ts';
import { promised } from '../portal-api.ts';
import { expectSeen, type Observe } from '../telling.ts';
import type { World } from '../world.ts';

/** What the auditor of a whole offboarding must find, in any order after the first. */
const STEPS = ['event', 'received', 'denied', 'revoked', 'terminated', 'cut', 'published', 'closed'] as const;

type Timeline = z.infer<typeof offboardingView>['timeline'];

/** The auditor reads what followed from HR's word, step by step. */
export async function readEvidence(world: World, offboardingId: string, observe: Observe): Promise<void> {
  // The worker looks again for some seconds before it says that the cut is done.
  await eventually(
    () => readOffboarding(world, offboardingId),
    ({ timeline }) => timeline.some(({ step }) => step === 'cut'),
    'the cut is noted once lists stayed clean',
    inWords,
  );
  await world.stack.fireSchedule('offboarding-sweep');
  const offboarding = await readOffboarding(world, offboardingId);
  const { state, timeline } = offboarding;
  const missing = STEPS.filter((wanted) => !timeline.some(({ step }) => step === wanted));
  expectSeen(missing.length === 0, `the steps ${STEPS.join(', ')}`, inWords(offboarding));
  expectSeen(state === 'done', 'an offboarding in which nothing is left to do', inWords(offboarding));
  observe('state', state);
  observe('timeline', timeline.map(factOf), tableOf(timeline).join('\n'));
}

async function readOffboarding(
  world: World,
  offboardingId: string,
): Promise<z.infer<typeof offboardingView>> {
  const token = await world.signIn('erin');
  const answer = await world.api.call('GET', `/v1/admin/offboardings/${offboardingId}`, { token });
  return promised(offboardingView, answer, 200, "the timeline of alice's offboarding");
}

const inWords = ({ state, timeline }: z.infer<typeof offboardingView>): string =>
  `${state}, with ${timeline.map(({ step }) => step).join(', ')}`;

const factOf = ({ step, at }: Timeline[number]) => ({ step, at });

/** Each step with its time from when HR's word came in. */
function tableOf(timeline: Timeline): string[] {
  const received = Date.parse(timeline.find(({ step }) => step === 'received')?.at ?? '');
  const width = Math.max(...timeline.map(({ step }) => step.length));
  return timeline.map(({ step, at, connectionId, crlNumber }) => {
    const after = Date.parse(at) - received;
    const list = crlNumber === undefined ? undefined : `list ${crlNumber}`;
    const what = connectionId ?? list ?? (step === 'cut' ? 'seen clean since' : '');
    const offset = step === 'event' ? '' : `+${after} ms`;
    return `${step.padEnd(width)}  ${at.slice(11, -1)}  ${offset.padStart(9)}  ${what}`.trimEnd();
  });
}
