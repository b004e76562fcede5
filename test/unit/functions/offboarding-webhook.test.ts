import { readFileSync } from 'node:fs';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { offboardingWebhookHandler } from '../../../functions/offboarding-webhook/handler.ts';
import { parseConfig, sourcesSlice } from '../../../shared/config.ts';
import type { OffboardingStore } from '../../../shared/ports/offboarding-store.ts';
import { presetOf, webhookSources } from '../../../shared/http/webhooks/configured.ts';
import { powertoolsAudit } from '../../../shared/adapters/powertools-audit.ts';
import { quietObservability } from '../../support/observability.ts';
import { newWorld, type World } from '../../support/world.ts';

const context = { awsRequestId: 'r-1', functionName: 'offboarding-webhook' } as Context;
const SECRET = 'Basic b2t0YTphLWxvbmctc2VjcmV0';
const { declarations } = parseConfig(
  { OFFBOARDING_SOURCES: 'okta:email:okta:0oa1vpn' },
  { sources: sourcesSlice },
).sources;

const vectorUrl = new URL('../../vectors/webhooks/okta/several-events.json', import.meta.url);
const golden = JSON.parse(readFileSync(vectorUrl, 'utf8')) as { body: string };
interface LogEvent {
  readonly uuid: string;
  readonly eventType: string;
  readonly published: string;
  readonly target: readonly { readonly type: string; readonly id?: string; readonly alternateId: string }[];
}
const [template] = (JSON.parse(golden.body) as { data: { events: LogEvent[] } }).data.events;
if (template === undefined) throw new Error('the golden request holds no event');

/** What Okta logs of somebody: by default that she was deactivated. */
const logged = (world: World, login: string, changes: Partial<LogEvent> = {}): LogEvent => ({
  ...template,
  uuid: `uuid-${login}-${changes.eventType ?? ''}`,
  published: new Date(world.clock.now()).toISOString(),
  target: [{ type: 'User', alternateId: `${login}@example.com` }],
  ...changes,
});

const ofApp = (id: string, login: string): LogEvent['target'] => [
  { type: 'AppInstance', id, alternateId: 'VPN portal' },
  { type: 'User', alternateId: `${login}@example.com` },
];

const SOURCES = webhookSources(declarations, '{}');

function oktaOf(
  world: World,
  changes: Partial<OffboardingStore> = {},
  scheme: { readonly answerWithinMilliseconds?: number } = {},
) {
  const { observability, written } = quietObservability();
  const handler = offboardingWebhookHandler({
    ...observability,
    ...world.deps,
    audit: powertoolsAudit(observability.logger, observability.metrics),
    offboardings: { ...world.deps.offboardings, ...changes },
    timeZone: 'UTC',
    webhookSecrets: { live: async () => [SECRET] },
    sourceVerifications: { keep: async () => undefined },
    lookupSources: new Set(),
    lookupQueue: { ask: async () => undefined },
    webhookSources: new Map(
      [...SOURCES].map(([name, one]) => [name, { ...one, scheme: { ...one.scheme, ...scheme } }]),
    ),
  });
  const call = async (method: 'GET' | 'POST', headers: object, body?: string) => {
    const event = {
      routeKey: `${method} /v1/offboarding/{source}`,
      pathParameters: { source: 'okta' },
      headers,
      ...(body === undefined ? {} : { body }),
      isBase64Encoded: false,
      requestContext: { requestId: 'r-1' },
    } as unknown as APIGatewayProxyEventV2;
    const { statusCode, body: text } = await handler(event, context);
    return { status: statusCode, json: JSON.parse(text ?? '') as unknown };
  };
  return {
    written,
    verify: (challenge: string) => call('GET', { 'x-okta-verification-challenge': challenge }),
    send: (...events: object[]) =>
      call(
        'POST',
        { 'content-type': 'application/json', authorization: SECRET },
        JSON.stringify({ data: { events } }),
      ),
  };
}

const denialsOf = async (world: World, login: string) => {
  const { personId } = world.caller(login);
  return (await world.stores.people.find(personId))?.denials.map(({ source, kind }) => `${source} ${kind}`);
};

describe('an event hook of Okta', () => {
  it('is verified once, by its challenge', async () => {
    const okta = oktaOf(await newWorld());
    expect(await okta.verify('abc')).toEqual({ status: 200, json: { verification: 'abc' } });
  });

  it('acts on every event, on the target and never on the actor', async () => {
    const world = await newWorld();
    for (const login of ['alice', 'bob', 'adam']) await world.enrol(login);
    const answer = await oktaOf(world).send(
      logged(world, 'alice'),
      logged(world, 'bob', { eventType: 'user.lifecycle.suspend' }),
      logged(world, 'adam', { eventType: 'user.session.start' }),
    );
    expect(answer).toMatchObject({
      status: 200,
      json: { events: [{ outcome: 'denied' }, { outcome: 'denied' }, { outcome: 'ignored' }] },
    });
    expect(await denialsOf(world, 'alice')).toEqual(['okta left']);
    expect(await denialsOf(world, 'bob')).toEqual(['okta suspended']);
    expect(await denialsOf(world, 'adam')).toEqual([]);
  });

  it('that fails for one event writes the others, answers 5xx, and acts once when it comes again', async () => {
    const world = await newWorld();
    for (const login of ['alice', 'bob']) await world.enrol(login);
    const both = [logged(world, 'alice'), logged(world, 'bob')];
    const { personId } = world.caller('alice');
    const broken = oktaOf(world, {
      deny: (record, event) =>
        record.personId === personId
          ? Promise.reject(new Error('the table is down'))
          : world.deps.offboardings.deny(record, event),
    });
    expect((await broken.send(...both)).status).toBe(500);
    expect(await denialsOf(world, 'bob')).toEqual(['okta left']);
    expect(await oktaOf(world).send(...both)).toMatchObject({
      status: 200,
      json: { events: [{ outcome: 'denied' }, { outcome: 'duplicate' }] },
    });
    expect(await denialsOf(world, 'alice')).toEqual(['okta left']);
    expect(await denialsOf(world, 'bob')).toEqual(['okta left']);
  });

  it('with one event that names nobody writes the others, and is refused', async () => {
    const world = await newWorld();
    await world.enrol('bob');
    const nobody = logged(world, 'alice', { target: [] });
    expect(await oktaOf(world).send(nobody, logged(world, 'bob'))).toMatchObject({
      status: 400,
      json: { code: 'malformedRequest' },
    });
    expect(await denialsOf(world, 'bob')).toEqual(['okta left']);
  });

  it('about the application keeps its word apart from the rest', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    const okta = oktaOf(world);
    const of = (eventType: string, target: LogEvent['target']) =>
      logged(world, 'alice', { eventType, target });
    const user = [{ type: 'User', alternateId: 'alice@example.com' }];
    await okta.send(of('application.user_membership.remove', ofApp('0oa2wiki', 'alice')));
    expect(await denialsOf(world, 'alice')).toEqual([]);
    await okta.send({
      ...of('application.user_membership.remove', ofApp('0oa1vpn', 'alice')),
      uuid: 'second',
    });
    world.moveTime(1);
    await okta.send(of('user.lifecycle.suspend', user));
    world.moveTime(1);
    await okta.send(of('user.lifecycle.unsuspend', user));
    expect(await denialsOf(world, 'alice')).toEqual(['okta-app left']);
    await okta.send(of('application.user_membership.add', ofApp('0oa1vpn', 'alice')));
    expect(await denialsOf(world, 'alice')).toEqual([]);
  });

  it('is answered within three seconds, whatever the table does', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    const never = { findEvent: () => new Promise<undefined>(() => undefined) };
    const stuck = oktaOf(world, never, { answerWithinMilliseconds: 20 });
    expect(await stuck.send(logged(world, 'alice'))).toMatchObject({
      status: 503,
      json: { code: 'tryAgain' },
    });
    for (const name of ['okta', 'personio'] as const) {
      expect(presetOf(name).answerWithinMilliseconds).toBeLessThanOrEqual(2_500);
    }
  });

  it('leaves no name of anybody in the log, and of an unknown kind its word alone', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    const okta = oktaOf(world);
    const odd = { ...logged(world, 'alice'), eventType: 'alice@example.com left\n' };
    await okta.send(logged(world, 'alice'), odd);
    expect(okta.written()).not.toContain('alice@example.com');
    expect(okta.written()).toContain('EventsIgnored');
  });
});

describe('the first request of Gusto', () => {
  const TOKEN = '6590f590-3dba-495e-9bea-c361e1e2efc0';
  const gustoOf = async (secrets: readonly string[]) => {
    const world = await newWorld();
    const { observability, written } = quietObservability();
    const kept: unknown[] = [];
    const { declarations: declared } = parseConfig(
      { OFFBOARDING_SOURCES: 'gusto:email:gusto hr:email' },
      { sources: sourcesSlice },
    ).sources;
    const handler = offboardingWebhookHandler({
      ...observability,
      ...world.deps,
      timeZone: 'UTC',
      webhookSecrets: { live: async () => secrets },
      sourceVerifications: { keep: async (source, token) => void kept.push([source, token]) },
      lookupSources: new Set(),
      lookupQueue: { ask: async () => undefined },
      webhookSources: webhookSources(declared, '{}'),
    });
    const send = async (source: string, body: string): Promise<number | undefined> => {
      const event = {
        routeKey: 'POST /v1/offboarding/{source}',
        pathParameters: { source },
        headers: { 'content-type': 'application/json' },
        body,
        isBase64Encoded: false,
        requestContext: { requestId: 'r-1' },
      } as unknown as APIGatewayProxyEventV2;
      return (await handler(event, context)).statusCode;
    };
    return { send, kept, written };
  };
  const body = JSON.stringify({ verification_token: TOKEN });

  it('is kept for an operator while there is no secret, and told to no log', async () => {
    const { send, kept, written } = await gustoOf([]);
    expect(await send('gusto', body)).toBe(200);
    expect(kept).toEqual([['gusto', TOKEN]]);
    expect(written()).toContain('verification token kept');
    expect(written()).not.toContain(TOKEN);
    expect(await send('gusto', '{"uuid":"e1","event_type":"employee.deleted"}')).toBe(503);
    expect(await send('hr', body)).toBe(503);
    expect(kept).toHaveLength(1);
  });

  it('is nobody’s once there is one', async () => {
    const { send, kept } = await gustoOf([TOKEN]);
    expect(await send('gusto', body)).toBe(401);
    expect(kept).toEqual([]);
  });
});
