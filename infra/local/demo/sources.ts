import { createHmac, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { eventResultView } from '../../../shared/http/api/event-result.ts';
import { reconciliationView } from '../../../shared/http/api/reconciliation.ts';
import { deactivate, provision } from './hr.ts';
import { promised, promisedProblem, type Answer } from './portal-api.ts';
import { expectPresent, expectSeen } from './telling.ts';
import type { World } from './world.ts';

/** A family of sources, and how one of it says that somebody left. */
export interface Speaker {
  /** Of the step. */
  readonly name: string;
  /** Who leaves. */
  readonly person: string;
  readonly title: string;
  /** What has to be there before; said before anybody connects. */
  prepare?(world: World): Promise<unknown>;
  say(world: World): Promise<Spoken>;
}

interface Spoken {
  /** How long the sender waited for its 2xx, by which the denial is written. */
  readonly milliseconds?: number;
  readonly words: string;
}

const emailOf = (person: string): string => `${person}@example.com`;

/** Everybody who leaves through a source of their own. */
export const SPEAKERS: readonly Speaker[] = [
  scim('gina'),
  okta('henry'),
  deel('iris'),
  cloudEvents('jack'),
  eventBridge('kate'),
  leaversFile('liam'),
  reconciliation('mona'),
];

function denied(answer: Answer, what: string): number {
  const { outcome } = promised(eventResultView, answer, 200, what);
  expectSeen(outcome === 'denied', `${what}: denied`, outcome);
  return Math.round(answer.milliseconds);
}

const secretOf = ({ stack }: World, source: string): string =>
  expectPresent(stack.webhookSecret(source), `a secret of ${source}`, 'none in the stack');

function scim(person: string): Speaker {
  let scimUserId = '';
  return {
    name: 'scim',
    person,
    title: `SCIM: the identity provider deactivates ${person}, in Entra's words`,
    async prepare(world) {
      scimUserId = await provision(world, person);
    },
    async say(world) {
      const answer = await deactivate(world, scimUserId, 'entra');
      const { active } = promised(z.looseObject({ active: z.boolean() }), answer, 200, 'the answer to PATCH');
      expectSeen(!active, 'a user who is not active', 'active');
      return { milliseconds: Math.round(answer.milliseconds), words: 'PATCH active "False": 200' };
    },
  };
}

function okta(person: string): Speaker {
  return {
    name: 'okta',
    person,
    title: `Okta event hook: verified once, then ${person} is deactivated`,
    async say(world) {
      const path = '/v1/offboarding/okta';
      const challenge: string = randomUUID();
      const verified = await world.api.call('GET', path, {
        headers: { 'x-okta-verification-challenge': challenge },
      });
      const { verification } = promised(
        z.object({ verification: z.string() }),
        verified,
        200,
        'the challenge',
      );
      expectSeen(verification === challenge, 'the challenge itself', verification);
      const json = {
        eventType: 'com.okta.event_hook',
        eventId: randomUUID(),
        data: {
          events: [
            {
              uuid: randomUUID(),
              published: new Date().toISOString(),
              eventType: 'user.lifecycle.deactivate',
              outcome: { result: 'SUCCESS' },
              actor: { type: 'User', alternateId: emailOf('adam') },
              target: [{ type: 'User', alternateId: emailOf(person) }],
            },
          ],
        },
      };
      const headers = { authorization: secretOf(world, 'okta') };
      const milliseconds = denied(await world.api.call('POST', path, { headers, json }), 'the hook');
      return { milliseconds, words: 'the challenge was answered; the target is meant, not the actor' };
    },
  };
}

function deel(person: string): Speaker {
  return {
    name: 'signed-webhook',
    person,
    title: `Deel, a row of the scheme table: the contract of ${person} ends, signed`,
    async say(world) {
      const text = JSON.stringify({
        data: {
          meta: { event_type: 'contract.terminated', event_id: randomUUID() },
          resource: { worker: { email: emailOf(person) } },
        },
        timestamp: new Date().toISOString(),
      });
      const signature = createHmac('sha256', secretOf(world, 'deel')).update(`POST${text}`).digest('hex');
      const send = (body: string): Promise<Answer> =>
        world.api.call('POST', '/v1/offboarding/deel', {
          headers: { 'x-deel-signature': signature },
          text: body,
        });
      // The same signature over somebody else's name.
      const altered = text.replace(emailOf(person), emailOf('bob'));
      promisedProblem(await send(altered), 401, 'badWebhookSignature');
      const milliseconds = denied(await send(text), 'the webhook');
      return { milliseconds, words: "with bob's name in it: 401, and bob stays; as it was signed: 200" };
    },
  };
}

function cloudEvents(person: string): Speaker {
  return {
    name: 'cloud-events',
    person,
    title: `CloudEvents 1.0, binary: ${person} left, and it is said twice`,
    async say(world) {
      const headers = {
        authorization: `Bearer ${secretOf(world, 'events')}`,
        'ce-specversion': '1.0',
        'ce-id': randomUUID(),
        'ce-source': '/hr/example',
        'ce-type': 'com.example.person.left',
        'ce-time': new Date().toISOString(),
      };
      const send = (): Promise<Answer> =>
        world.api.call('POST', '/v1/offboarding/events', { headers, json: { email: emailOf(person) } });
      const milliseconds = denied(await send(), 'the event');
      const again = promised(eventResultView, await send(), 200, 'the same event');
      expectSeen(again.outcome === 'duplicate', 'a duplicate', again.outcome);
      return { milliseconds, words: 'the second time it is a duplicate, and acts no more' };
    },
  };
}

function eventBridge(person: string): Speaker {
  return {
    name: 'event-bridge',
    person,
    title: `EventBridge: an event of the portal's own bus names ${person}`,
    async say({ stack }) {
      const event = { bus: 'vpn-portal-local', source: 'com.example.hr', detailType: 'person.left' };
      const somebody = { ...event, detail: { email: emailOf('bob') } };
      stack.cloud.eventBridge.put({ ...somebody, source: 'com.example.other' });
      stack.cloud.eventBridge.put({ ...somebody, account: '999999999999' });
      stack.cloud.eventBridge.put({ ...event, detail: { email: emailOf(person) } });
      return { words: "another sender and another account name bob: the bus's rule lets neither through" };
    },
  };
}

function leaversFile(person: string): Speaker {
  return {
    name: 'leavers-file',
    person,
    title: `A leavers file is put into the bucket, with ${person} in it`,
    async say({ stack }) {
      const body = `aliasKind,alias,kind\nemail,${emailOf(person)},left\n`;
      const url = `${stack.cloud.url}/vpn-portal-local-leaversbucket/monday.csv`;
      const { status } = await fetch(url, { method: 'PUT', body });
      expectSeen(status === 200, 'the file in the bucket', String(status));
      return { words: 'S3 told of it, and the file was taken whole' };
    },
  };
}

function reconciliation(person: string): Speaker {
  return {
    name: 'reconciliation',
    person,
    title: `Nobody said that ${person} left, but the directory lacks her: reconciliation`,
    async say(world) {
      world.stack.directory.remove(person);
      const token = await world.signIn('adam');
      const path = '/v1/admin/reconciliation';
      const asked = await world.api.call('POST', path, { token, json: { mode: 'offboard' } });
      expectSeen(asked.status === 202, 'a comparison: 202', String(asked.status));
      await world.stack.fireSchedule('reconciliation');
      const { last } = promised(
        reconciliationView,
        await world.api.call('GET', path, { token }),
        200,
        'what it found',
      );
      const { state, entries = 0, compared = 0, outcomes, failure } = last ?? {};
      const words = `${compared} people who hold certificates, compared with ${entries} in the directory`;
      expectSeen(state === 'done' && outcomes?.denied === 1, 'one leaver', failure ?? JSON.stringify(last));
      return { words: `${words}: one is missing` };
    },
  };
}
