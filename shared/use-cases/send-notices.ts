import { stateOf, type CertificateRecord } from '../domain/certificate-record.ts';
import { isDenied } from '../domain/person.ts';
import { daysLeftOf, dueReminder, isReminderDayDue, REMINDER_DAYS } from '../domain/reminder.ts';
import { isReplacedBy } from '../domain/renewal.ts';
import { SECONDS_PER_DAY, secondsFrom, type EpochSeconds } from '../domain/time.ts';
import type { Audit } from '../ports/audit.ts';
import type { CertificateStore } from '../ports/certificate-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';
import type { NoticeStore } from '../ports/notice-store.ts';
import type { Notices } from '../ports/notices.ts';
import type { PersonStore } from '../ports/person-store.ts';
import { tellOfFailing, tellOfWhatHappened, type TellOperatorsDeps } from './tell-operators.ts';

export interface SendNoticesDeps extends TellOperatorsDeps {
  readonly noticeStore: NoticeStore;
  readonly notices: Notices;
  readonly certificates: Pick<CertificateStore, 'find' | 'listByEnd'>;
  readonly endpoints: Pick<EndpointStore, 'list'>;
  readonly people: Pick<PersonStore, 'find'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly audit: Audit;
}

export interface SentNotices {
  /** Things that operators were told of. */
  readonly happened: number;
  /** Things that do not go on by themselves, told or not. */
  readonly failing: number;
  /** Holders told that a certificate was issued to them. */
  readonly told: number;
  readonly reminded: number;
  /** The operators were told too: nothing is left for today. */
  readonly isDayDone: boolean;
  readonly failures: readonly unknown[];
}

/** Longer than the function's time-out, so that nobody else starts while it may still be alive. */
const TURN_MILLISECONDS = 6 * 60_000;
const TOLD_AT_A_TIME = 200;
/** So many failures mean that nothing goes out at the moment; the next run tries again. */
const MOST_FAILURES = 5;
const PAGE = 500;
const NAMED_IN_DIGEST = 50;
/** The first reminder comes while there are still 30 whole days, so up to the 31st. */
const AHEAD_SECONDS = (REMINDER_DAYS[0] + 1) * SECONDS_PER_DAY;

/**
 * Tells operators of what happened and of what does not go on; tells holders of what was issued in their names; and once a day reminds those whose certificates end, and tells the
 * operators how many do. What is sent is marked afterwards, so that a crash in between sends it twice rather than
 * never: who is told twice is annoyed, who is not told is locked out. One run at a time does it.
 *
 * @returns undefined while another run does it
 */
export async function sendNotices(
  deps: SendNoticesDeps,
  signal?: AbortSignal,
): Promise<SentNotices | undefined> {
  const at = deps.clock.now();
  const turn = await deps.noticeStore.takeTurn(at, at + TURN_MILLISECONDS);
  if (turn === undefined) return undefined;
  const failures: unknown[] = [];
  const each = eachOf(failures, signal);
  const [first] = await collected(failures, () => tellOfWhatHappened(deps));
  const [failing] = await collected(failures, () => tellOfFailing(deps, turn.failing));
  const untold = await deps.noticeStore.listUntold(TOLD_AT_A_TIME);
  const told = await each(untold, (certificateId) => tellOfIssue(deps, certificateId));
  const isDue = isReminderDayDue(turn.lookedAt, at);
  const { reminded, isDayDone } = isDue
    ? await lookAtEnds(deps, at, each)
    : { reminded: 0, isDayDone: false };
  await deps.noticeStore.endTurn({
    until: turn.until,
    ...(isDayDone ? { lookedAt: at } : {}),
    ...(failing === undefined ? {} : { failing }),
  });
  return { happened: first ?? 0, failing: failing?.length ?? 0, told, reminded, isDayDone, failures };
}

/** What one job gives, unless it fails: then the others go on all the same. */
async function collected<T>(failures: unknown[], job: () => Promise<T>): Promise<[T?]> {
  try {
    return [await job()];
  } catch (error) {
    failures.push(error);
    return [];
  }
}

type Each = <T>(all: readonly T[], tell: (one: T) => Promise<boolean>) => Promise<number>;

/** One that cannot be told does not hold up the others. @returns counts those who were told */
const eachOf =
  (failures: unknown[], signal: AbortSignal | undefined): Each =>
  async (all, tell) => {
    let count = 0;
    for (const one of all) {
      if (failures.length >= MOST_FAILURES || signal?.aborted === true) break;
      try {
        if (await tell(one)) count += 1;
      } catch (error) {
        failures.push(error);
      }
    }
    return count;
  };

/** Every issue is told, also of a certificate that is over by now: it may be the first sign of a stolen sign-in. */
async function tellOfIssue(
  { noticeStore, notices, certificates, people, audit }: SendNoticesDeps,
  certificateId: CertificateRecord['certificateId'],
): Promise<boolean> {
  const certificate = await certificates.find(certificateId);
  const holder = certificate && (await people.find(certificate.personId));
  if (certificate === undefined || holder === undefined)
    throw new Error('a certificate of which its holder is to be told leads to nobody');
  await notices.certificateIssued({ holder, certificate });
  audit.holderTold({ personId: holder.personId, certificateId, of: 'issue' });
  await noticeStore.markTold(certificateId);
  return true;
}

async function lookAtEnds(
  deps: SendNoticesDeps,
  at: number,
  each: Each,
): Promise<Pick<SentNotices, 'reminded' | 'isDayDone'>> {
  const now = secondsFrom(at);
  const ending = await listEnding(deps, now - SECONDS_PER_DAY, now + AHEAD_SECONDS);
  const unreplaced: CertificateRecord[] = [];
  let seen = 0;
  const reminded = await each(ending, async (record) => {
    const isReminded = (await isReplacedOrRevoked(deps, record, now))
      ? false
      : (unreplaced.push(record), await remind(deps, record, now));
    seen += 1;
    return isReminded;
  });
  // Somebody could not be told, or time ran out: the next run goes on with those who are left.
  if (seen < ending.length) return { reminded, isDayDone: false };
  await tellOperators(deps, unreplaced, reminded, now);
  return { reminded, isDayDone: true };
}

/** Of every CA that an endpoint trusts. */
async function listEnding(
  { certificates, endpoints }: SendNoticesDeps,
  from: EpochSeconds,
  until: EpochSeconds,
): Promise<CertificateRecord[]> {
  const caIds = new Set((await endpoints.list()).map(({ caId }) => caId));
  const all: CertificateRecord[] = [];
  for (const caId of caIds) {
    for (let page: CertificateRecord[] | undefined; page === undefined || page.length === PAGE;) {
      const after = page?.at(-1);
      page = await certificates.listByEnd(caId, {
        from,
        until,
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      all.push(...page);
    }
  }
  return all;
}

async function isReplacedOrRevoked(
  { certificates }: SendNoticesDeps,
  { revocation, successorId }: CertificateRecord,
  now: EpochSeconds,
): Promise<boolean> {
  if (revocation !== undefined) return true;
  return successorId !== undefined && isReplacedBy(await certificates.find(successorId), now);
}

/** @returns false where no reminder is due, or the holder may not use the certificate anyway */
async function remind(
  { noticeStore, notices, people, audit }: SendNoticesDeps,
  certificate: CertificateRecord,
  now: EpochSeconds,
): Promise<boolean> {
  const days = dueReminder(certificate, now);
  if (days === undefined) return false;
  const { certificateId, personId } = certificate;
  const holder = await people.find(personId);
  if (holder === undefined) throw new Error('a certificate that ends leads to nobody');
  if (isDenied(holder)) return false;
  await notices.certificateEnding({ holder, certificate, daysLeft: daysLeftOf(certificate, now) });
  audit.holderTold({ personId, certificateId, of: 'end' });
  await noticeStore.markReminded(certificateId, days);
  return true;
}

/** Nothing is sent on a day on which there is nothing to tell. */
async function tellOperators(
  { notices }: SendNoticesDeps,
  unreplaced: readonly CertificateRecord[],
  reminded: number,
  now: EpochSeconds,
): Promise<void> {
  const living = unreplaced
    .filter((record) => stateOf(record, now) === 'active')
    .sort((a, b) => a.notAfter - b.notAfter);
  const ended = unreplaced.length - living.length;
  if (unreplaced.length === 0 && reminded === 0) return;
  const within = REMINDER_DAYS.map((days) => ({
    days,
    count: living.filter((record) => daysLeftOf(record, now) <= days).length,
  }));
  await notices.endingDigest({ within, ended, reminded, next: living.slice(0, NAMED_IN_DIGEST) });
}
