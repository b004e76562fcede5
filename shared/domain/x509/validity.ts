import { SECONDS_PER_DAY, SECONDS_PER_MINUTE, type EpochSeconds } from '../time.ts';

/** notBefore and notAfter are both inside it (RFC 5280 section 4.1.2.5). */
export interface Validity {
  readonly notBefore: EpochSeconds;
  readonly notAfter: EpochSeconds;
}

/** Clocks of endpoints and laptops may be behind ours by this much. */
export const BACKDATE_SECONDS = 5 * SECONDS_PER_MINUTE;
/** The CA's own certificate begins earlier, so that everything it signs lies within it. */
const CA_BACKDATE_SECONDS = 60 * SECONDS_PER_MINUTE;

export const LEAF_LIFETIME_SECONDS = 180 * SECONDS_PER_DAY;
export const CA_LIFETIME_SECONDS = 3652 * SECONDS_PER_DAY;
export const CRL_LIFE_SECONDS = 60 * SECONDS_PER_DAY;

/** Leaves end up to this much before or after their lifetime, so that a launch's cohort does not end in one week. */
const LEAF_JITTER = 0.1;

function within(validity: Validity, now: EpochSeconds, caNotAfter: EpochSeconds): Validity {
  if (caNotAfter <= now) throw new Error('the CA certificate has expired');
  return { notBefore: validity.notBefore, notAfter: Math.min(validity.notAfter, caNotAfter) };
}

/**
 * The validity of a leaf: back-dated, jittered, and never beyond its CA's.
 *
 * @param jitterFraction random, from 0 to less than 1: 0 takes 10 % off the lifetime, nearly 1 adds 10 %
 */
export function leafValidity(request: {
  readonly now: EpochSeconds;
  readonly lifetimeSeconds?: number;
  readonly jitterFraction: number;
  readonly caNotAfter: EpochSeconds;
}): Validity {
  const { now, lifetimeSeconds = LEAF_LIFETIME_SECONDS, jitterFraction, caNotAfter } = request;
  if (!(jitterFraction >= 0 && jitterFraction < 1)) throw new Error('a jitter fraction lies in [0, 1)');
  const jittered = Math.round(lifetimeSeconds * (1 - LEAF_JITTER + 2 * LEAF_JITTER * jitterFraction));
  return within({ notBefore: now - BACKDATE_SECONDS, notAfter: now + jittered }, now, caNotAfter);
}

/** The validity of the endpoint's server certificate: exact, and never beyond its CA's. */
export const serverValidity = (request: {
  readonly now: EpochSeconds;
  readonly lifetimeSeconds: number;
  readonly caNotAfter: EpochSeconds;
}): Validity =>
  within(
    { notBefore: request.now - BACKDATE_SECONDS, notAfter: request.now + request.lifetimeSeconds },
    request.now,
    request.caNotAfter,
  );

/** Ten years from an hour ago. */
export const caValidity = (now: EpochSeconds): Validity => ({
  notBefore: now - CA_BACKDATE_SECONDS,
  notAfter: now + CA_LIFETIME_SECONDS,
});

/** thisUpdate and nextUpdate of a list: back-dated, and never beyond its CA's end. */
export function crlValidity(request: {
  readonly now: EpochSeconds;
  readonly lifeSeconds?: number;
  readonly caNotAfter: EpochSeconds;
}): { readonly thisUpdate: EpochSeconds; readonly nextUpdate: EpochSeconds } {
  const { now, lifeSeconds = CRL_LIFE_SECONDS, caNotAfter } = request;
  const { notBefore, notAfter } = within(
    { notBefore: now - BACKDATE_SECONDS, notAfter: now + lifeSeconds },
    now,
    caNotAfter,
  );
  return { thisUpdate: notBefore, nextUpdate: notAfter };
}
