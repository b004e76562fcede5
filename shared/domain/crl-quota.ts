import { CLIENT_VPN_CRL_QUOTA, type RevocationRow } from './crl-facts.ts';
import { SECONDS_PER_DAY, type EpochSeconds } from './time.ts';

/**
 * New certificates live shorter when the list is nearly full: what is revoked leaves the list when it would have
 * ended, so shorter lives are what empties it. Alarms come at 70, 85 and 95 % (infra/aws/alarms/security.yml).
 */
const SHORTER_LIVES = [
  { fromShare: 0.95, share: 1 / 4 },
  { fromShare: 0.9, share: 1 / 2 },
] as const;
/** Below this a life would be a burden: people would renew all the time. */
const SHORTEST_LIFE_SECONDS = 14 * SECONDS_PER_DAY;

/**
 * @param lifetimeSeconds as configured; never made longer
 * @param entries of the fullest list among the endpoints that the certificate is for
 */
export function lifetimeNearQuota(lifetimeSeconds: number, entries: number): number {
  const rule = SHORTER_LIVES.find(({ fromShare }) => entries >= fromShare * CLIENT_VPN_CRL_QUOTA);
  if (rule === undefined) return lifetimeSeconds;
  const shorter = Math.floor(lifetimeSeconds * rule.share);
  return Math.min(lifetimeSeconds, Math.max(shorter, SHORTEST_LIFE_SECONDS));
}

/** The rate of leavers is taken from this time. */
export const OBSERVED_SECONDS = 90 * SECONDS_PER_DAY;
/** A young portal's first days say little; its rate counts as if it were this old. */
const LEAST_OBSERVED_SECONDS = 7 * SECONDS_PER_DAY;
/** How far the forecast looks. */
const HORIZON_DAYS = 3 * 365;

export interface QuotaForecast {
  readonly quota: number;
  /** Revoked certificates that have not ended. */
  readonly entries: number;
  /** Certificates that were issued, have not ended and are not revoked: each could become an entry. */
  readonly liveCertificates: number;
  /** Revocations a day, over the last 90 days or for as long as there were any. */
  readonly revocationsPerDay: number;
  /** For how long an entry stays, on average of those revoked lately. */
  readonly daysOnList: number;
  /** Where the number of entries settles if it goes on like this. */
  readonly entriesToCome: number;
  /** The day on which the quota is reached if it goes on like this; absent where it never is, in three years. */
  readonly reachedAt?: EpochSeconds;
}

/**
 * When the list would be full: the rows that are there leave it one by one as they end, and new ones come at the rate
 * of lately and stay as long as those of lately.
 *
 * @param rows every row that ends at `now - OBSERVED_SECONDS` or later
 * @param issuedUnexpired certificates that were issued and have not ended, revoked ones included
 */
export function forecastQuota(
  rows: readonly RevocationRow[],
  issuedUnexpired: number,
  now: EpochSeconds,
  quota = CLIENT_VPN_CRL_QUOTA,
): QuotaForecast {
  const lately = rows.filter(({ revocationDate }) => revocationDate > now - OBSERVED_SECONDS);
  const first = lately.reduce((least, { revocationDate }) => Math.min(least, revocationDate), now);
  const observedDays = Math.max(now - first, LEAST_OBSERVED_SECONDS) / SECONDS_PER_DAY;
  const revocationsPerDay = lately.length / observedDays;
  const daysOnList =
    lately.reduce((sum, { notAfter, revocationDate }) => sum + Math.max(0, notAfter - revocationDate), 0) /
    Math.max(1, lately.length) /
    SECONDS_PER_DAY;
  const ends = rows.map(({ notAfter }) => notAfter).filter((notAfter) => notAfter >= now);
  const reachedAt = dayReached(ends, revocationsPerDay, daysOnList, now, quota);
  return {
    quota,
    entries: ends.length,
    liveCertificates: Math.max(0, issuedUnexpired - ends.length),
    revocationsPerDay,
    daysOnList,
    entriesToCome: Math.round(revocationsPerDay * daysOnList),
    ...(reachedAt === undefined ? {} : { reachedAt }),
  };
}

function dayReached(
  ends: readonly EpochSeconds[],
  revocationsPerDay: number,
  daysOnList: number,
  now: EpochSeconds,
  quota: number,
): EpochSeconds | undefined {
  const inOrder = [...ends].sort((one, other) => one - other);
  let ended = 0;
  for (let day = 0; day <= HORIZON_DAYS; day += 1) {
    const at = now + day * SECONDS_PER_DAY;
    while (ended < inOrder.length && (inOrder[ended] ?? 0) < at) ended += 1;
    const added = revocationsPerDay * Math.min(day, daysOnList);
    if (inOrder.length - ended + added >= quota) return at;
  }
  return undefined;
}
