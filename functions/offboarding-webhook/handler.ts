import { DomainError } from '../../shared/domain/errors.ts';
import { parseSourceId, type SourceId } from '../../shared/domain/identity.ts';
import type { Lookup } from '../../shared/domain/lookup.ts';
import type { EpochMilliseconds } from '../../shared/domain/time.ts';
import { apiHandler, type ApiHandler } from '../../shared/http/api-handler.ts';
import { answerWithin } from '../../shared/http/deadline.ts';
import type { Observability } from '../../shared/http/observability.ts';
import { viewEventResult } from '../../shared/http/api/event-result.ts';
import { bodyText, pathParameter, SOURCE_BODY_LIMIT_OCTETS } from '../../shared/http/request.ts';
import { json } from '../../shared/http/response.ts';
import { authenticate } from '../../shared/http/webhooks/authentication.ts';
import type { WebhookSource } from '../../shared/http/webhooks/configured.ts';
import {
  answerChallenge,
  answerOrigin,
  isPing,
  verificationTokenIn,
} from '../../shared/http/webhooks/handshake.ts';
import { readEvents, type Said } from '../../shared/http/webhooks/read-events.ts';
import { eventFrom } from '../../shared/http/webhooks/said-event.ts';
import type { LookupQueue } from '../../shared/ports/directory-lookup.ts';
import type { SourceVerifications } from '../../shared/ports/source-verifications.ts';
import type { WebhookSecrets } from '../../shared/ports/webhook-secrets.ts';
import type { ReceiveEventDeps } from '../../shared/use-cases/receive-event.ts';
import {
  directoryAlias,
  receiveWebhook,
  type SaidEvent,
  type WebhookResult,
} from '../../shared/use-cases/receive-webhook.ts';

export interface OffboardingWebhookDeps extends ReceiveEventDeps, Observability {
  readonly webhookSecrets: WebhookSecrets;
  readonly sourceVerifications: SourceVerifications;
  readonly webhookSources: ReadonlyMap<SourceId, WebhookSource>;
  /** The sources whose vendor's directory may be asked. */
  readonly lookupSources: ReadonlySet<SourceId>;
  readonly lookupQueue: LookupQueue;
  /** The company's. */
  readonly timeZone: string;
}

type Request = Parameters<Parameters<typeof apiHandler>[1][string]>[0];

/** HR or the identity provider says something of people. 2xx means that it is written, all of it. */
export const offboardingWebhookHandler = (deps: OffboardingWebhookDeps): ApiHandler =>
  apiHandler(
    deps,
    {
      'GET /v1/offboarding/{source}': async (event) =>
        json(200, answerChallenge(sourceOf(deps, event).scheme, event.headers)),
      'OPTIONS /v1/offboarding/{source}': async (event) =>
        json(200, {}, answerOrigin(sourceOf(deps, event).scheme, event.headers)),
      'POST /v1/offboarding/{source}': async (event) => {
        const receivedAt = deps.clock.now();
        const webhookSource = sourceOf(deps, event);
        const results = await answerWithin(
          receive(deps, webhookSource, event, receivedAt),
          webhookSource.scheme.answerWithinMilliseconds,
        );
        const views = results.map(viewEventResult);
        const [only] = views;
        return json(200, views.length === 1 && only !== undefined ? only : { events: views });
      },
    },
    (event) => parseSourceId(pathParameter(event, 'source')),
  );

function sourceOf({ webhookSources }: OffboardingWebhookDeps, event: Request): WebhookSource {
  const source = parseSourceId(pathParameter(event, 'source'));
  const found = source === undefined ? undefined : webhookSources.get(source);
  if (found === undefined) throw new DomainError('sourceNotFound', 'no source has this name');
  return found;
}

async function receive(
  deps: OffboardingWebhookDeps,
  { source, scheme, aliasKind, arguments: named }: WebhookSource,
  event: Request,
  receivedAt: EpochMilliseconds,
): Promise<WebhookResult[]> {
  const request = { headers: event.headers, body: bodyText(event, SOURCE_BODY_LIMIT_OCTETS) };
  if (isPing(scheme, request.body)) return [{ outcome: 'ignored' }];
  const secrets = await deps.webhookSecrets.live(source);
  if (secrets.length === 0) {
    const token = verificationTokenIn(scheme, request.body);
    if (token !== undefined) {
      await deps.sourceVerifications.keep(source, token, receivedAt);
      deps.logger.info('verification token kept', { source });
      return [{ outcome: 'ignored' }];
    }
    // Our fault, not the sender's: it must try again, not give up.
    throw new DomainError('sourceNotConfigured', 'this source has no secret yet');
  }
  const authenticated = authenticate(scheme.authentication, request, secrets, receivedAt);
  const reading = { scheme, aliasKind, arguments: named, receivedAt, timeZone: deps.timeZone };
  const said = readEvents(reading, request, authenticated);
  return receiveWebhook(
    deps,
    source,
    said.map((one) => saidEventOf(deps, source, one, receivedAt)),
  );
}

function saidEventOf(
  deps: OffboardingWebhookDeps,
  source: SourceId,
  said: Said,
  receivedAt: EpochMilliseconds,
): SaidEvent {
  if (said.kind === 'ignored' || said.kind === 'refused') return said;
  if (said.kind === 'lookup' && said.facet === undefined && deps.lookupSources.has(source)) {
    const { directoryId, eventId, eventTime, bodySha256Hex, means } = said;
    const lookup: Lookup = {
      source,
      directoryId,
      eventId,
      eventTime,
      bodySha256Hex,
      receivedAt,
      ...(means === undefined ? {} : { means }),
    };
    return { kind: 'lookup', eventId, ask: () => deps.lookupQueue.ask(lookup) };
  }
  const { means } = said;
  if (means === undefined) return { kind: 'ignored', type: 'changed' };
  const alias = said.kind === 'event' ? said.alias : directoryAlias(source, said.directoryId);
  return { kind: 'event', event: eventFrom(source, { ...said, means }, alias, receivedAt) };
}
