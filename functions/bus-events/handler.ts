import { DomainError } from '../../shared/domain/errors.ts';
import { messageHandler, type MessageHandler } from '../../shared/http/message-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import { busEvent, busSourceOf, type BusSource } from '../../shared/http/webhooks/bus-schemes.ts';
import { readEvents, type Said } from '../../shared/http/webhooks/read-events.ts';
import { eventFrom } from '../../shared/http/webhooks/said-event.ts';
import type { DeadLetters } from '../../shared/ports/dead-letters.ts';
import type { ReceiveEventDeps } from '../../shared/use-cases/receive-event.ts';
import { receiveWebhook, type SaidEvent } from '../../shared/use-cases/receive-webhook.ts';

export interface BusEventsDeps extends ReceiveEventDeps, Observability {
  readonly deadLetters: DeadLetters;
  readonly busSources: readonly BusSource[];
  /** The company's. */
  readonly timeZone: string;
}

/** What came through EventBridge: the rule has seen who sent it. */
export const busEventsHandler = (deps: BusEventsDeps): MessageHandler =>
  messageHandler(deps, async (message) => {
    const receivedAt = deps.clock.now();
    const event = busEvent.parse(message);
    const from = busSourceOf(deps.busSources, event);
    if (from === undefined) throw new DomainError('sourceNotFound', 'no source is declared for its sender');
    const { source, aliasKind, events } = from;
    const reading = {
      scheme: { events },
      aliasKind,
      arguments: from.arguments,
      receivedAt,
      timeZone: deps.timeZone,
    };
    const body = JSON.stringify(event);
    const said = readEvents(reading, { headers: {}, body }, { signedText: body });
    await receiveWebhook(
      deps,
      source,
      said.map((one) => saidEventOf(from, one, receivedAt)),
    );
  });

function saidEventOf({ source }: BusSource, said: Said, receivedAt: number): SaidEvent {
  if (said.kind === 'ignored' || said.kind === 'refused') return said;
  if (said.kind === 'lookup') return { kind: 'ignored', type: 'changed' };
  return { kind: 'event', event: eventFrom(source, said, said.alias, receivedAt) };
}
