import { createHash } from 'node:crypto';
import { DomainError } from '../../domain/errors.ts';
import { SCIM, type Alias, type PersonId } from '../../domain/identity.ts';
import type { OffboardingEvent } from '../../domain/offboarding.ts';
import type { ScimUser } from '../../domain/scim/user.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import type { PersonStore } from '../../ports/person-store.ts';
import { receiveEvent, type ReceiveEventDeps } from '../receive-event.ts';

export type ScimDenialKind = 'left' | 'suspended';

/** An event of one write of one user. */
interface Telling {
  readonly scimUserId: string;
  readonly before: ScimUser | undefined;
  readonly kind: OffboardingEvent['kind'];
  readonly at: EpochMilliseconds;
  /** When the user's last event was. */
  readonly toldAt: EpochMilliseconds;
}

/** A minute covers what two of our clocks differ by. */
const LATER_MILLISECONDS = 60_000;
const ATTEMPTS = 3;

/** Whether the source says something against a person; of that kind, or more, if one is given. */
export async function hasDenial(
  { people }: { readonly people: Pick<PersonStore, 'find'> },
  personId: PersonId,
  kind: ScimDenialKind | undefined,
): Promise<boolean> {
  const denials = (await people.find(personId))?.denials ?? [];
  const ours = denials.filter(({ source }) => source === SCIM).map((denial) => denial.kind);
  return kind === 'left' ? ours.some((one) => one !== 'suspended') : ours.length > 0;
}

/**
 * Tells what a write says of a person, and sees that it came to be so: an event that was recorded as stale, since
 * another of our clocks was ahead, is told again a little later.
 *
 * @returns the time of the event
 */
export async function tellOfPerson(
  deps: ReceiveEventDeps,
  telling: Telling & { readonly personId: PersonId },
): Promise<EpochMilliseconds> {
  const { personId, kind } = telling;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const event = eventOf(telling, { personId }, attempt);
    const { outcome } = await receiveEvent(deps, event);
    const isSo =
      outcome === 'protected' ||
      (kind === 'returned'
        ? !(await hasDenial(deps, personId, undefined))
        : await hasDenial(deps, personId, kind));
    if (isSo) return event.eventTime;
  }
  throw new DomainError('tryAgain', 'what was said of the person did not come to be; send it again', {
    retryAfterSeconds: 2,
  });
}

/** Tells it of an alias under review: somebody decides whom it means. @returns the time of the event */
export async function tellOfReview(
  deps: ReceiveEventDeps,
  telling: Telling & { readonly alias: Alias },
): Promise<EpochMilliseconds> {
  const event = eventOf(telling, { alias: telling.alias }, 0);
  await receiveEvent(deps, event);
  return event.eventTime;
}

const eventIdOf = ({ scimUserId, before, kind }: Pick<Telling, 'scimUserId' | 'before' | 'kind'>): string =>
  `${scimUserId}/${(before?.version ?? 0) + 1}/${kind}`;

/** Whether the next version of the user was told as a return already, by a write that died before it kept it. */
export const wasReturnTold = async (
  { offboardings }: Pick<ReceiveEventDeps, 'offboardings'>,
  { scimUserId, before }: Pick<Telling, 'scimUserId' | 'before'>,
): Promise<boolean> =>
  (await offboardings.findEvent(SCIM, eventIdOf({ scimUserId, before, kind: 'returned' }))) !== undefined;

/** The same write is the same event, however often it is tried. */
function eventOf(
  { scimUserId, before, kind, at, toldAt }: Telling,
  whom: OffboardingEvent['whom'],
  attempt: number,
): OffboardingEvent {
  return {
    source: SCIM,
    eventId: `${eventIdOf({ scimUserId, before, kind })}${attempt === 0 ? '' : `/${attempt}`}`,
    kind,
    eventTime: Math.max(at, toldAt + 1) + attempt * LATER_MILLISECONDS,
    whom,
    bodySha256Hex: createHash('sha256').update(kind).digest('hex'),
    receivedAt: at,
  };
}
