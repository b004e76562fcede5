import { createHash } from 'node:crypto';
import { parseLastDay } from '../domain/calendar.ts';
import { DomainError } from '../domain/errors.ts';
import type { AliasKind, SourceId } from '../domain/identity.ts';
import { readLeaversFile, type LeaversLine } from '../domain/leavers-file.ts';
import { isPlanned } from '../domain/planned-offboarding.ts';
import type { OffboardingEvent } from '../domain/offboarding.ts';
import { surgeLimit } from '../domain/surge.ts';
import type { LeaversFileAddress, LeaversFiles } from '../ports/leavers-files.ts';
import type { SurgeStore } from '../ports/surge-store.ts';
import type { ReceiveEventDeps } from './receive-event.ts';
import { eachAtOnce } from './each-at-once.ts';
import { receiveWebhook, type WebhookResult } from './receive-webhook.ts';

export interface TakeLeaversFileDeps extends ReceiveEventDeps {
  readonly files: LeaversFiles;
  readonly surges: Pick<SurgeStore, 'count' | 'counted' | 'context'>;
  /** The company's. */
  readonly timeZone: string;
  /** The kinds of name by which anybody is known. */
  readonly aliasKinds: readonly AliasKind[];
}

/**
 * Acts on a file that names leavers, whole or not at all. Each line is an event whose id is the file's hash and the
 * line's number, so that the same file acts once, however often and under whatever name it comes.
 *
 * @returns what became of the lines
 * @throws DomainError notFound, malformedRequest with every wrong line, rateLimited where the file names more people
 *   than its source may deny; what receiveEvent throws
 */
export async function takeLeaversFile(
  deps: TakeLeaversFileDeps,
  source: SourceId,
  address: LeaversFileAddress,
): Promise<WebhookResult[]> {
  const octets = await deps.files.read(address);
  if (octets === undefined) throw new DomainError('notFound', 'the file is gone, or another took its place');
  const receivedAt = deps.clock.now();
  const file = readLeaversFile(octets, receivedAt);
  if (file.kind === 'refused') throw refused(file.faults);
  const stranger = file.lines.filter(({ alias }) => !deps.aliasKinds.includes(alias.kind));
  if (stranger.length > 0) {
    throw refused(stranger.map(({ line }) => ({ line, words: 'nobody is known by this kind of name' })));
  }
  const events = file.lines.map((line) =>
    eventOf(deps, { source, receivedAt, sha256Hex: file.sha256Hex }, line),
  );
  await assertNoSurge(deps, source, events);
  return receiveWebhook(
    deps,
    source,
    events.map((event) => ({ kind: 'event', event })),
  );
}

const refused = (faults: readonly { readonly line: number; readonly words: string }[]): DomainError =>
  new DomainError('malformedRequest', 'the file is refused as a whole', {
    faults: faults.slice(0, 20).map(({ line, words }) => ({ pointer: `line ${line}`, detail: words })),
  });

function eventOf(
  { timeZone }: Pick<TakeLeaversFileDeps, 'timeZone'>,
  {
    source,
    receivedAt,
    sha256Hex,
  }: Pick<OffboardingEvent, 'source' | 'receivedAt'> & { readonly sha256Hex: string },
  { line, alias, kind, lastDay, eventTime }: LeaversLine,
): OffboardingEvent {
  return {
    source,
    eventId: `sha256-${sha256Hex}#${line}`,
    kind,
    eventTime: eventTime ?? receivedAt,
    whom: { alias },
    bodySha256Hex: createHash('sha256')
      .update(JSON.stringify([alias, kind, lastDay, eventTime]))
      .digest('hex'),
    receivedAt,
    ...(lastDay === undefined ? {} : parseLastDay(lastDay, timeZone)),
  };
}

/** One after the other 5,000 people would take longer to look at than to deny. */
const LINES_AT_ONCE = 16;

/**
 * Each line is weighed again when it is written; this keeps a file that names too many from being carried out in
 * part, and half of it held.
 */
async function assertNoSurge(
  deps: TakeLeaversFileDeps,
  source: SourceId,
  events: readonly OffboardingEvent[],
): Promise<void> {
  const now = deps.clock.now();
  const denying = events.filter((event) => event.kind !== 'returned' && !isPlanned(event));
  if (denying.length <= deps.surgePolicy.leastPeople && (await deps.surges.counted(source, now)) === 0)
    return;
  let fresh = 0;
  await eachAtOnce(denying, LINES_AT_ONCE, async (event) => {
    if (await isFresh(deps, event)) fresh += 1;
  });
  const limit = surgeLimit(deps.surgePolicy, await deps.surges.context(source), now);
  const denied = fresh === 0 ? 0 : await deps.surges.counted(source, now);
  if (fresh === 0 || denied + fresh <= limit) return;
  throw new DomainError(
    'rateLimited',
    `the file names ${fresh} people to deny, and ${source} may deny ${Math.max(0, limit - denied)} more within this hour: if it is true, say expect-leavers ${source} ${fresh}, and put the file in again`,
  );
}

/** Whether it would count: somebody known whom the source does not deny already. */
async function isFresh(
  { people, offboardings }: TakeLeaversFileDeps,
  { source, eventId, whom }: OffboardingEvent,
): Promise<boolean> {
  if (!('alias' in whom) || (await offboardings.findEvent(source, eventId)) !== undefined) return false;
  const owner = await people.findAliasOwner(whom.alias);
  const person = owner?.personId === undefined ? undefined : await people.find(owner.personId);
  return person !== undefined && !person.denials.some((denial) => denial.source === source);
}
