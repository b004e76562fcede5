import type { Alias, SourceId } from '../../domain/identity.ts';
import type { OffboardingEvent } from '../../domain/offboarding.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import { appFacetOf } from '../../source-declarations.ts';
import type { Said } from './read-events.ts';

type SaidOfSomebody = Extract<Said, { readonly kind: 'event' | 'lookup' }>;

/** The event of what a source said of somebody. Words of a facet are those of a source of its own. */
export function eventFrom(
  source: SourceId,
  said: SaidOfSomebody & { readonly means: OffboardingEvent['kind'] },
  alias: Alias,
  receivedAt: EpochMilliseconds,
): OffboardingEvent {
  const { eventId, eventTime, bodySha256Hex, facet, means } = said;
  return {
    source: facet === undefined ? source : appFacetOf(source),
    eventId,
    kind: means,
    eventTime,
    ...(said.kind === 'event' ? said.ends : {}),
    whom: { alias },
    bodySha256Hex,
    receivedAt,
  };
}
