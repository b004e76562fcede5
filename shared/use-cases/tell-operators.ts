import type { Failing } from '../domain/operator-words.ts';
import { isStuck, latePublications } from '../domain/stuck-work.ts';
import type { Telling, TellingNote } from '../domain/telling.ts';
import type { Audit } from '../ports/audit.ts';
import type { Clock } from '../ports/clock.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';
import type { NoticeStore } from '../ports/notice-store.ts';
import type { Notices } from '../ports/notices.ts';
import type { OffboardingStore } from '../ports/offboarding-store.ts';
import type { RevocationStore } from '../ports/revocation-store.ts';

export interface TellOperatorsDeps {
  readonly noticeStore: Pick<NoticeStore, 'listTellings' | 'markTellings'>;
  readonly notices: Pick<Notices, 'happened' | 'failing'>;
  readonly endpoints: Pick<EndpointStore, 'list'>;
  readonly offboardings: Pick<OffboardingStore, 'listOpen'>;
  readonly revocations: Pick<RevocationStore, 'listPending'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly audit: Pick<Audit, 'operatorsTold'>;
}

const TELLINGS_AT_A_TIME = 5_000;
/** More at once than a hand has fingers is one letter. */
const MOST_SINGLE_LETTERS = 5;
/** What else fails by then is told in the count alone. */
const MOST_FAILING = 1_000;

/**
 * Tells operators of what was noted since: each by itself, or all in one letter where they are many. Marked after it
 * was sent, so that a crash in between tells twice rather than never.
 *
 * @returns of how many things
 */
export async function tellOfWhatHappened(deps: TellOperatorsDeps): Promise<number> {
  const { noticeStore } = deps;
  const noted = await noticeStore.listTellings(TELLINGS_AT_A_TIME);
  const gone = noted.filter((one) => !isTelling(one)).map(({ note }) => note);
  if (gone.length > 0) await noticeStore.markTellings(gone);
  const tellings = noted.filter(isTelling);
  if (tellings.length > MOST_SINGLE_LETTERS) await tell(deps, tellings);
  else for (const telling of tellings) await tell(deps, [telling]);
  return tellings.length;
}

async function tell(
  { noticeStore, notices, audit }: TellOperatorsDeps,
  [first, ...others]: readonly Telling[],
): Promise<void> {
  if (first === undefined) return;
  await notices.happened([first, ...others]);
  audit.operatorsTold({ of: 'happened', count: others.length + 1 });
  await noticeStore.markTellings([first, ...others].map(({ note }) => note));
}

const isTelling = (one: Telling | { readonly note: TellingNote }): one is Telling =>
  Object.keys(one).length > 1;

/**
 * Tells operators, once, of each offboarding and publication that does not go on by itself.
 *
 * @param told what failed before and operators know
 * @returns what fails now and operators know, as the next look wants it
 */
export async function tellOfFailing(deps: TellOperatorsDeps, told: readonly string[]): Promise<string[]> {
  const failing = (await findFailing(deps)).slice(0, MOST_FAILING);
  const known = new Set(told);
  const unknown = failing.filter((one) => !known.has(nameOf(one)));
  if (unknown.length > 0) {
    await deps.notices.failing(unknown);
    deps.audit.operatorsTold({ of: 'failing', count: unknown.length });
  }
  return failing.map(nameOf);
}

const nameOf = (one: Failing): string =>
  'offboarding' in one ? one.offboarding.offboardingId : `${one.endpointId}#${one.late.fault}`;

async function findFailing({
  endpoints,
  offboardings,
  revocations,
  clock,
}: TellOperatorsDeps): Promise<Failing[]> {
  const now = clock.now();
  const all = await endpoints.list();
  const endpointIds = all.map(({ endpointId }) => endpointId);
  const stuck = (await offboardings.listOpen()).filter((record) => isStuck(record, endpointIds, now));
  const failing: Failing[] = stuck.map((offboarding) => ({ offboarding }));
  for (const endpoint of all) {
    const { endpointId } = endpoint;
    const [oldest] = await revocations.listPending(endpointId, 1);
    for (const late of latePublications(endpoint, oldest?.since, now)) failing.push({ endpointId, late });
  }
  return failing;
}
