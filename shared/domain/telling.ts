import type { Incident } from './incident.ts';
import type { OffboardingRecord } from './offboarding.ts';
import type { PlannedOffboarding } from './planned-offboarding.ts';

/** What operators are told of as it happens. */
export const TELLING_KINDS = [
  /** Somebody left, and nothing is left to do. */
  'offboarded',
  /** Somebody is refused and cut, and nothing is revoked. */
  'held',
  /** The same, since a source said too much at once: it waits for an administrator. */
  'parked',
  /** Somebody's last day lies ahead. */
  'planned',
  /** Something that only a person can decide: an event about nobody we know, for one. */
  'incident',
] as const;
export type TellingKind = (typeof TELLING_KINDS)[number];

/** That operators are to be told of something, written down with it. */
export interface TellingNote {
  readonly kind: TellingKind;
  /** Of the offboarding, the plan or the incident. */
  readonly id: string;
}

/** What such a note leads to, as it is by now. */
export type Telling = { readonly note: TellingNote } & (
  | { readonly offboarding: OffboardingRecord }
  | { readonly plan: PlannedOffboarding }
  | { readonly incident: Incident }
);

/** Of a denial. Of who left operators are told when all is done. */
export const tellingOfDenial = ({
  kind,
  offboardingId: id,
}: Pick<OffboardingRecord, 'kind' | 'offboardingId'>): TellingNote | undefined =>
  kind === 'left' ? undefined : { kind: kind === 'surge' ? 'parked' : 'held', id };

/** Of an end: who was held is known already, and of who was let in again nothing was said. */
export const tellingOfClose = ({
  kind,
  liftedAt,
  offboardingId: id,
}: Pick<OffboardingRecord, 'kind' | 'liftedAt' | 'offboardingId'>): TellingNote | undefined =>
  kind === 'left' && liftedAt === undefined ? { kind: 'offboarded', id } : undefined;
