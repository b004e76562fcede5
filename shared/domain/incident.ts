import type { Alias, PersonId, SourceId } from './identity.ts';
import type { EpochMilliseconds } from './time.ts';

export const INCIDENT_KINDS = [
  /** An event names nobody we know; its alias cannot enrol until somebody decides. */
  'unknownPerson',
  /** A person signs in with an alias that belongs to another. */
  'aliasContested',
  /** The endpoint's connect handler is missing, changed or off. */
  'gateOff',
  /** The endpoint holds a list that is not ours. */
  'crlDrift',
  /** More revoked certificates than the endpoint takes. */
  'crlQuota',
  /** A source denies more people within an hour than it may. */
  'surge',
  /** A source denies somebody whom no source may deny. */
  'breakGlass',
  /** The company's directory cannot be compared with, or is not believed. */
  'directoryDisbelieved',
  /** The directory lacks people who hold certificates, and only reports are made of it. */
  'certificatesWithoutPerson',
  /** A vendor's directory was asked about somebody, and what it says means nothing to us. */
  'lookupUndecided',
  /** The table knows less than its journal. */
  'tableRestored',
] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

/** Something that only a person can decide. It stays open until one did. */
export interface Incident {
  /** Time-ordered; its month is where it is kept. */
  readonly incidentId: string;
  readonly kind: IncidentKind;
  readonly openedAt: EpochMilliseconds;
  readonly source?: SourceId;
  readonly alias?: Alias;
  readonly personId?: PersonId;
  readonly endpointId?: string;
  /** The event that could not be tied to one person, to be applied when somebody says to whom. */
  readonly event?: {
    readonly eventId: string;
    readonly kind: 'left' | 'suspended' | 'returned';
    readonly eventTime: EpochMilliseconds;
  };
  /** One sentence for the operator: what happened and what to do. */
  readonly words: string;
  readonly resolution?: {
    readonly at: EpochMilliseconds;
    readonly actor: PersonId | 'portal';
    readonly decision: 'bind' | 'dismiss' | 'mended' | 'confirm' | 'release';
    readonly comment?: string;
  };
}
