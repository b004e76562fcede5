import { DomainError } from '../domain/errors.ts';
import { aliasFrom, type Alias, type SourceId } from '../domain/identity.ts';
import type { OffboardingEvent } from '../domain/offboarding.ts';
import { receiveEvent, type EventResult, type ReceiveEventDeps } from './receive-event.ts';

/** One event of a request, as its sender's adapter reads it. */
export type SaidEvent =
  | { readonly kind: 'ignored'; readonly type: string }
  | { readonly kind: 'event'; readonly event: OffboardingEvent }
  /** The vendor's directory has to be asked; `ask` returns when that is sure to happen. */
  | { readonly kind: 'lookup'; readonly eventId: string; readonly ask: () => Promise<void> }
  | { readonly kind: 'refused'; readonly error: DomainError };

export type WebhookResult = EventResult | { readonly outcome: 'ignored' | 'asked' };

/** Events of different people do not wait for each other; more at once would only wait for the table. */
const AT_ONCE = 8;

/**
 * Acts on every event of a request. When it returns, all are written; one that cannot be is told only after the
 * others were, and what is repeated then acts once.
 *
 * @throws what receiveEvent throws, a fault of ours before a refusal
 */
export async function receiveWebhook(
  deps: ReceiveEventDeps,
  source: SourceId,
  said: readonly SaidEvent[],
): Promise<WebhookResult[]> {
  const results: WebhookResult[] = [];
  const faults: unknown[] = [];
  const chains = [...groups(said).values()];
  const work = async (): Promise<void> => {
    for (let chain = chains.shift(); chain !== undefined; chain = chains.shift()) {
      for (const [index, one] of chain) {
        try {
          results[index] = await receiveOne(deps, source, one);
        } catch (error) {
          faults.push(error);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (faults.length > 0) throw gravest(faults);
  return results;
}

/** One person's events stay in the order in which they were sent. */
function groups(said: readonly SaidEvent[]): Map<string, [number, SaidEvent][]> {
  const found = new Map<string, [number, SaidEvent][]>();
  for (const [index, one] of said.entries()) {
    const key = one.kind === 'event' ? JSON.stringify(one.event.whom) : String(index);
    found.set(key, [...(found.get(key) ?? []), [index, one]]);
  }
  return found;
}

async function receiveOne(deps: ReceiveEventDeps, source: SourceId, one: SaidEvent): Promise<WebhookResult> {
  if (one.kind === 'refused') throw one.error;
  if (one.kind === 'event') return receiveEvent(deps, one.event);
  if (one.kind === 'lookup') {
    await one.ask();
    deps.audit.eventReceived({ source, eventId: one.eventId, kind: 'changed', outcome: 'asked' });
    return { outcome: 'asked' };
  }
  deps.audit.eventIgnored({ source, type: wordOf(one.type) });
  return { outcome: 'ignored' };
}

/** A sender's word in our log, where it is one: anything else could name somebody. */
const wordOf = (type: string): string => (/^[A-Za-z0-9._:-]{1,64}$/.test(type) ? type : 'no word');

/** What a later try may mend comes first: the sender has to come again, and finds the others written. */
const gravest = (faults: readonly unknown[]): unknown =>
  faults.find((fault) => !(fault instanceof DomainError)) ??
  faults.find((fault) => fault instanceof DomainError && fault.code === 'tryAgain') ??
  faults[0];

/** Stands for somebody whom only the source's own directory knows by a name: it is nobody's, so somebody is asked. */
export function directoryAlias(source: SourceId, directoryId: string): Alias {
  const alias = aliasFrom('employeeNumber', `${source}:${directoryId}`);
  if (alias === undefined) throw new DomainError('malformedRequest', 'the event names nobody');
  return alias;
}
