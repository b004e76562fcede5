import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { DomainError } from '../../../shared/domain/errors.ts';
import { signStandardWebhook } from '../../../shared/http/standard-webhook.ts';
import { authenticate } from '../../../shared/http/webhooks/authentication.ts';
import { presetOf } from '../../../shared/http/webhooks/configured.ts';

/** From the Standard Webhooks specification's own reference tests. */
const PUBLISHED = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  body: '{"test": 2432232314}',
  headers: {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
};
const AT = 1_614_265_330_000;
const { secret, body, headers } = PUBLISHED;
const other = `whsec_${randomBytes(32).toString('base64')}`;
const OTHER_SIGNATURE = `v1,${randomBytes(32).toString('base64')}`;

const { authentication } = presetOf('standardWebhooks');

const codeOf = (changes: Record<string, string>, secrets = [secret], now = AT, text = body): string => {
  try {
    authenticate(authentication, { headers: { ...headers, ...changes }, body: text }, secrets, now);
    return 'accepted';
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
};

describe('a webhook of the Standard Webhooks scheme', () => {
  it('is accepted as the specification signs it', () => {
    expect(authenticate(authentication, { headers, body }, [secret], AT)).toEqual({
      signedText: `msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.${body}`,
    });
    const signed = signStandardWebhook(secret, { webhookId: 'msg_1', at: AT / 1000, body });
    expect(codeOf(signed)).toBe('accepted');
  });

  it.each([
    ['with any of the live secrets', {}, [other, secret], 'accepted'],
    ['with none of them', {}, [other], 'badWebhookSignature'],
    [
      'with any of several signatures',
      { 'webhook-signature': `${OTHER_SIGNATURE} v1a,x ${headers['webhook-signature']}` },
      [secret],
      'accepted',
    ],
    [
      'behind ten signatures, the most that are looked at',
      { 'webhook-signature': `${`${OTHER_SIGNATURE} `.repeat(10)}${headers['webhook-signature']}` },
      [secret],
      'badWebhookSignature',
    ],
    ['with a signature cut short', { 'webhook-signature': 'v1,g0hM9SsE' }, [secret], 'badWebhookSignature'],
    ['with an id of 257 letters', { 'webhook-id': 'x'.repeat(257) }, [secret], 'badWebhookSignature'],
    ['with a space in its id', { 'webhook-id': 'a b' }, [secret], 'badWebhookSignature'],
    ['with a time in words', { 'webhook-timestamp': 'now' }, [secret], 'badWebhookSignature'],
    ['with a time beyond all', { 'webhook-timestamp': '999999999999' }, [secret], 'badWebhookSignature'],
    ['with a negative time', { 'webhook-timestamp': '-1' }, [secret], 'badWebhookSignature'],
  ])('%s', (_, changes, secrets, code) => {
    expect(codeOf(changes, secrets)).toBe(code);
  });

  it.each([
    [300, 'accepted'],
    [301, 'staleWebhook'],
    [-300, 'accepted'],
    [-301, 'staleWebhook'],
  ])('that is %i seconds old by our clock', (ageSeconds, code) => {
    expect(codeOf({}, [secret], AT + ageSeconds * 1000)).toBe(code);
  });

  it('tells nothing of our clock to who knows no secret', () => {
    expect(codeOf({}, [other], AT + 3_600_000)).toBe('badWebhookSignature');
  });

  it('has its body signed to the octet', () => {
    expect(codeOf({}, [secret], AT, `${body} `)).toBe('badWebhookSignature');
    const text = '{"name":"Zoë \\u0000"}';
    const signature = new Webhook(secret).sign(headers['webhook-id'], new Date(AT), text);
    expect(codeOf({ 'webhook-signature': signature }, [secret], AT, text)).toBe('accepted');
  });

  it.each(['whsec_short', `secret_${secret.slice(6)}`, secret.slice(6)])(
    'is not checked with the secret %s, which is none: that is our fault, and not quoted',
    (broken) => {
      expect(() => codeOf({}, [broken])).toThrow('a secret of this source is not whsec_ and base64');
    },
  );
});
