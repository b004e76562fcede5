import type { CertificateRecord } from './certificate-record.ts';
import { isLiveAt } from './certificate-record.ts';
import type { CertificateId } from './certificate-id.ts';
import { DomainError } from './errors.ts';
import { SECONDS_PER_DAY, type EpochSeconds } from './time.ts';

export interface EnrolmentPolicy {
  /** Certificates that one person may hold at a time. */
  readonly deviceQuota: number;
  /** Certificates that one person may be issued in any 24 hours, revoked ones included. */
  readonly issuesPerDay: number;
  /** … and in any 90 days. */
  readonly issuesPer90Days: number;
}

export const DEFAULT_ENROLMENT_POLICY: EnrolmentPolicy = {
  deviceQuota: 5,
  issuesPerDay: 5,
  issuesPer90Days: 20,
};

/** How much is left to a person. */
export interface Quota {
  readonly live: number;
  readonly deviceQuota: number;
  /** When the next issue is allowed, if the rate is used up. */
  readonly retryAt?: EpochSeconds;
}

/** When a window that is full lets one more through, or undefined while it is not full. */
function windowOpensAt(
  issues: readonly EpochSeconds[],
  limit: number,
  windowSeconds: number,
  now: EpochSeconds,
): EpochSeconds | undefined {
  const recent = issues.filter((at) => at > now - windowSeconds).sort((a, b) => a - b);
  const blocking = recent[recent.length - limit];
  return blocking === undefined ? undefined : blocking + windowSeconds;
}

/** A reservation that was not completed counts for this long: an outage of ours must not use up anybody's limits. */
const RESERVATION_SECONDS = 15 * 60;

/** How many devices certificates are for: one that is being replaced and the one that replaces it are of one device. */
function devicesOf(certificates: readonly CertificateRecord[], now: EpochSeconds): number {
  const live = certificates.filter((certificate) => isLiveAt(certificate, now));
  const ids = new Set<CertificateId | undefined>(live.map(({ certificateId }) => certificateId));
  return live.filter(({ successorId }) => successorId === undefined || !ids.has(successorId)).length;
}

export function quotaOf(
  all: readonly CertificateRecord[],
  policy: EnrolmentPolicy,
  now: EpochSeconds,
): Quota {
  const certificates = all.filter(
    ({ issued, reservedAt }) => issued !== undefined || reservedAt > now - RESERVATION_SECONDS,
  );
  const issues = certificates.map(({ reservedAt }) => reservedAt);
  const opensAt = [
    windowOpensAt(issues, policy.issuesPerDay, SECONDS_PER_DAY, now),
    windowOpensAt(issues, policy.issuesPer90Days, 90 * SECONDS_PER_DAY, now),
  ].filter((at) => at !== undefined);
  return {
    live: devicesOf(certificates, now),
    deviceQuota: policy.deviceQuota,
    ...(opensAt.length > 0 ? { retryAt: Math.max(...opensAt) } : {}),
  };
}

/** @throws DomainError rateLimited */
export function assertWithinRate(quota: Quota, now: EpochSeconds): void {
  if (quota.retryAt !== undefined) {
    throw new DomainError(
      'rateLimited',
      'too many certificates were issued to you; wait until the time given',
      {
        retryAfterSeconds: Math.max(1, quota.retryAt - now),
      },
    );
  }
}

/** @throws DomainError rateLimited, certificateLimitReached */
export function assertWithinQuota(quota: Quota, now: EpochSeconds): void {
  assertWithinRate(quota, now);
  if (quota.live >= quota.deviceQuota) {
    throw new DomainError(
      'certificateLimitReached',
      `you hold ${quota.live} certificates of ${quota.deviceQuota}; revoke one of a device that you no longer use`,
    );
  }
}
