import { createHash } from 'node:crypto';
import { DomainError } from '../../shared/domain/errors.ts';
import { parseSourceId, type AliasKind, type SourceId } from '../../shared/domain/identity.ts';
import { apiHandler, type ApiHandler } from '../../shared/http/api-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import { viewEventResult } from '../../shared/http/api/event-result.ts';
import { parseOffboardingEvent } from '../../shared/http/api/offboarding-webhook.ts';
import { bodyText, pathParameter } from '../../shared/http/request.ts';
import { json } from '../../shared/http/response.ts';
import { verifyStandardWebhook } from '../../shared/http/standard-webhook.ts';
import type { WebhookSecrets } from '../../shared/ports/webhook-secrets.ts';
import { receiveEvent, type ReceiveEventDeps } from '../../shared/use-cases/receive-event.ts';

export interface OffboardingWebhookDeps extends ReceiveEventDeps, Observability {
  readonly webhookSecrets: WebhookSecrets;
  readonly aliasKindOf: ReadonlyMap<SourceId, AliasKind>;
  /** The company's. */
  readonly timeZone: string;
}

/** HR says something of a person. 2xx means that it is written. */
export const offboardingWebhookHandler = (deps: OffboardingWebhookDeps): ApiHandler =>
  apiHandler(
    deps,
    {
      'POST /v1/offboarding/{source}': async (event) => {
        const receivedAt = deps.clock.now();
        const source = parseSourceId(pathParameter(event, 'source'));
        const aliasKind = source === undefined ? undefined : deps.aliasKindOf.get(source);
        if (source === undefined || aliasKind === undefined) {
          throw new DomainError('sourceNotFound', 'no source has this name');
        }
        const body = bodyText(event);
        const secrets = await deps.webhookSecrets.live(source);
        // Our fault, not the sender's: it must try again, not give up.
        if (secrets.length === 0)
          throw new DomainError('sourceNotConfigured', 'this source has no secret yet');
        const { webhookId } = verifyStandardWebhook(event.headers, body, secrets, receivedAt);
        const { alias, ...said } = parseOffboardingEvent(body, {
          aliasKind,
          now: receivedAt,
          timeZone: deps.timeZone,
        });
        const result = await receiveEvent(deps, {
          source,
          eventId: webhookId,
          ...said,
          whom: { alias },
          bodySha256Hex: createHash('sha256').update(body).digest('hex'),
          receivedAt,
        });
        return json(200, viewEventResult(result));
      },
    },
    (event) => parseSourceId(pathParameter(event, 'source')),
  );
