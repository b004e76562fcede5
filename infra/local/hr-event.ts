import { Webhook } from 'standardwebhooks';

export type HrEventType = 'person.left' | 'person.suspended' | 'person.returned';

export interface HrEvent {
  readonly type: HrEventType;
  readonly email: string;
  /** `webhook-id`: the same id twice is the same event twice. */
  readonly id: string;
  readonly at: Date;
}

/** The webhook of the HR system, as the Standard Webhooks scheme signs it. */
export interface SignedHrEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** @param secret `whsec_…` */
export function signHrEvent(secret: string, { type, email, id, at }: HrEvent): SignedHrEvent {
  const body = JSON.stringify({ type, timestamp: at.toISOString(), data: { email } });
  return {
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    },
    body,
  };
}
