import type { Alias, PersonId, SourceId } from './identity.ts';
import type { EpochMilliseconds } from './time.ts';

/**
 * Why a person is refused. `left` ends with every certificate on the list; `suspended` is lifted again and stays
 * with the gate; `surge` is a source's word beyond what it may say in an hour, and `review` our own, while an event
 * waits for somebody to say whom it meant: both until somebody decides.
 */
export const DENIAL_KINDS = ['left', 'suspended', 'surge', 'review'] as const;
export type DenialKind = (typeof DENIAL_KINDS)[number];

/** A source's word against a person. The person is allowed only while there is none. */
export interface Denial {
  readonly source: SourceId;
  readonly kind: DenialKind;
  /** When the source says that it happened; for order, never for trust. */
  readonly eventTime: EpochMilliseconds;
  /** The record that shows what followed. */
  readonly offboardingId: string;
}

export interface Person {
  readonly personId: PersonId;
  readonly issuer: string;
  readonly subject: string;
  readonly login: string;
  readonly email?: string;
  readonly aliases: readonly Alias[];
  readonly denials: readonly Denial[];
  /** Counts reservations; each reservation says which count it saw, so that limits hold when two run at once. */
  readonly enrolments: number;
  readonly createdAt: EpochMilliseconds;
}

/**
 * A denial that is no revocation: its person keeps her certificates, and the gate alone refuses them. Where there is no
 * gate they go on the list as certificateHold (RFC 5280 section 5.3.1).
 */
export interface Hold {
  readonly offboardingId: string;
  readonly personId: PersonId;
  readonly since: EpochMilliseconds;
  /** Whose decision ends it, where it is a review. */
  readonly incidentId?: string;
}

/** Whether a denial holds; one that says "left" ends with revocations instead. */
export const isHold = ({ kind }: Pick<Denial, 'kind'>): boolean => kind !== 'left';

export const isDenied = (person: Pick<Person, 'denials'>): boolean => person.denials.length > 0;
