import { randomUUID } from 'node:crypto';
import { eventResultView } from '../../shared/http/api/event-result.ts';
import { signStandardWebhook } from '../../shared/http/standard-webhook.ts';
import { defineCommand } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { apiPath, portalApi } from '../portal/api.ts';
import { parseWho } from '../who.ts';

export const event = defineCommand({
  name: 'event',
  audience: 'source',
  summary: 'send a signed event as an HR system would (Standard Webhooks)',
  notes: ['Needs no sign-in: the secret is what the portal trusts. Prefer the variable: others see options.'],
  arguments: {
    KIND: { words: 'what happened', choices: ['left', 'suspended', 'returned'] },
    WHO: { words: 'an e-mail address, login:NAME or employeeNumber:NUMBER, as the source knows people' },
  },
  options: {
    source: { value: 'NAME', words: 'who says so; hr when absent' },
    secret: { value: 'WHSEC', words: 'whsec_…; HR_WEBHOOK_SECRET when absent' },
    id: { value: 'ID', words: 'the event’s id, to send the same one again' },
    at: { value: 'TIME', words: 'when it happened, ISO 8601; now when absent' },
  },
  examples: ['event left alice@example.com'],
  async run({ world, screen, configuration }, { KIND: kind, WHO: who, source = 'hr', secret, id, at }) {
    const webhookSecret = webhookSecretFrom(secret ?? world.env['HR_WEBHOOK_SECRET'] ?? '');
    const named = parseWho(who);
    if (!('alias' in named))
      throw usageFailure('A source names people by what it knows', 'not by a person id');
    const eventTime = at === undefined ? world.now() : Date.parse(at);
    if (Number.isNaN(eventTime)) throw usageFailure(`"${at ?? ''}" is no ISO 8601 time`);
    const body = JSON.stringify({
      type: `person.${kind}`,
      timestamp: new Date(eventTime).toISOString(),
      data: { [named.alias.kind]: named.alias.value },
    });
    const eventId = id ?? `evt_${randomUUID()}`;
    const api = portalApi(world, configuration().portalUrl, undefined);
    if (!/^[\x21-\x7e]{1,256}$/.test(eventId)) throw usageFailure('An event id is printable ASCII');
    const sentAt = Math.floor(world.now() / 1000);
    const headers = signStandardWebhook(webhookSecret, { webhookId: eventId, at: sentAt, body });
    const result = await api.post(apiPath`/v1/offboarding/${source}`, body, eventResultView, { headers });
    const { outcome, offboardingId, incidentId } = result;
    if (outcome === 'unknownPerson')
      screen.warn(`Unresolved: nobody is surely known by that; incident ${incidentId ?? ''} is open`);
    else screen.done(`${source} said that ${named.alias.value} ${VERBS[kind]}: ${outcome}`);
    screen.fields([
      ['event', eventId],
      ['offboarding', offboardingId],
      ['incident', incidentId],
    ]);
    return { eventId, ...result };
  },
});

const VERBS = { left: 'left', suspended: 'is suspended', returned: 'is back' } as const;

/** @throws Failure for what is no secret; its words never hold it */
function webhookSecretFrom(secret: string): string {
  if (!/^whsec_[A-Za-z0-9+/]{16,}={0,2}$/.test(secret.trim())) {
    throw usageFailure(
      secret === '' ? 'No secret is given' : 'The secret is not of the form whsec_…',
      'set HR_WEBHOOK_SECRET; npm start prints that of a portal on this machine',
    );
  }
  return secret.trim();
}
