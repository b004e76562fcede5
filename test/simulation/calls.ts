import type { OffboardingEvent } from '../../shared/domain/offboarding.ts';
import type { Invocation } from './invocation.ts';
import type { End } from './machine.ts';

/** What somebody outside asked of the portal. */
export type Asked =
  | {
      readonly what: 'enrol';
      readonly login: string;
      readonly publicKeyDer?: Uint8Array;
      readonly renews?: string;
    }
  | { readonly what: 'revoke'; readonly login: string; readonly serialNumber: string }
  | { readonly what: 'event'; readonly login: string; readonly event: ToldEvent }
  | {
      readonly what: 'decide';
      readonly login: string;
      readonly incidentId: string;
      readonly isBound: boolean;
    }
  /** What the directory that provisions people has of one; a later order is its later word. */
  | {
      readonly what: 'scim';
      readonly login: string;
      readonly wants: 'active' | 'inactive' | 'gone';
      readonly order: number;
    }
  /** An administrator's word on what HR said of too many at once. */
  | { readonly what: 'settle'; readonly decision: 'confirm' | 'release' }
  | { readonly what: 'publication'; readonly endpointId: string | undefined }
  /** What must be refused, with this code, and change nothing. */
  | { readonly what: 'bad'; readonly words: string; readonly code: string };

/** An event, or an administrator's order, which takes the same path. */
export type ToldEvent = Pick<OffboardingEvent, 'kind' | 'eventTime'> & {
  readonly source: 'hr' | 'administrator';
  readonly eventId: string;
  /** When her last day is over. */
  readonly effectiveAt?: number;
};

/** One call of the API, from its beginning to what its caller heard. */
export interface Call {
  readonly asked: Asked;
  readonly invocation: Invocation;
  readonly startedAtStep: number;
  readonly startedAt: number;
  endedAtStep: number | undefined;
  endedAt: number | undefined;
  end: End<unknown> | undefined;
}

/** What an answer says became of an event; undefined where there is none. */
export function outcomeOf({
  end,
}: Call): { outcome: string; offboardingId?: string; incidentId?: string; planId?: string } | undefined {
  if (end?.how !== 'answered') return undefined;
  const { value } = end;
  return typeof value === 'object' && value !== null && 'outcome' in value
    ? (value as { outcome: string; offboardingId?: string; incidentId?: string; planId?: string })
    : undefined;
}

/** Whether the caller may take it for done. */
export const isAcknowledged = ({ end }: Call): boolean => end?.how === 'answered';
