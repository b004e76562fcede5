import { SNSClient, PublishCommand } from '@aws-sdk/client-sns';
import { createFaults } from '../../../infra/local/cloud/faults.ts';
import { startCloud, type Cloud } from '../../../infra/local/cloud/server.ts';
import { snsNotices } from '../../../shared/adapters/sns-notices.ts';
import { certificateIdFrom } from '../../../shared/domain/certificate-id.ts';
import { datedIdFrom } from '../../../shared/domain/dated-id.ts';
import { personIdFrom, type SourceId } from '../../../shared/domain/identity.ts';
import type { OffboardingRecord } from '../../../shared/domain/offboarding.ts';
import type { Telling, TellingKind } from '../../../shared/domain/telling.ts';
import type { HolderNotice } from '../../../shared/ports/notices.ts';

const NOW = Date.UTC(2026, 2, 1, 9);
const faults = createFaults();
let cloud: Cloud;
let client: SNSClient;
let topics: { holdersTopicArn: string; operatorsTopicArn: string };

beforeAll(async () => {
  cloud = await startCloud({ faults });
  client = new SNSClient({
    endpoint: cloud.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  topics = {
    holdersTopicArn: cloud.sns.ensureTopic('holders'),
    operatorsTopicArn: cloud.sns.ensureTopic('operators'),
  };
});
afterAll(async () => {
  client.destroy();
  await cloud.close();
});

const notices = () => snsNotices({ client, ...topics, clock: { now: () => NOW } });
const personId = personIdFrom('https://id.example', 'alice');
const certificateId = certificateIdFrom(new Uint8Array(10).fill(9));
const noticeOf = (changes: Partial<HolderNotice['certificate']> = {}): HolderNotice => ({
  holder: { personId, login: 'alice', email: 'alice@example.com' },
  certificate: {
    certificateId,
    deviceName: 'Büro-Rechner',
    notAfter: NOW / 1000 + 86_400 * 7 + 60,
    ...changes,
  },
});
const last = (topicArn: string) => cloud.sns.messages(topicArn).at(-1);

const HOUR = 3_600_000;
const HR = 'hr' as SourceId;
const offboardingId = datedIdFrom(NOW, new Uint8Array(10));
const record: OffboardingRecord = {
  offboardingId,
  personId,
  source: HR,
  kind: 'left',
  eventId: 'alice@example.com',
  eventTime: NOW - HOUR,
  receivedAt: NOW,
  deniedAt: NOW + 40,
  revokedAt: NOW + 60_000,
  revokedCertificates: 2,
  cutAt: { 'cvpn-1': NOW + 7_000 },
  terminated: [{ endpointId: 'cvpn-1', connectionId: 'c1', terminatedAt: NOW + 2_000 }],
  publishedAt: { 'cvpn-1': { at: NOW + 9 * HOUR, crlNumber: 7 } },
  closedAt: NOW + 9 * HOUR,
  comment: 'alice was told',
};
const parked: Telling = {
  note: { kind: 'parked', id: offboardingId },
  offboarding: { ...record, kind: 'surge' },
};
const TELLINGS: readonly [
  [TellingKind, Telling, readonly string[]],
  ...[TellingKind, Telling, readonly string[]][],
] = [
  [
    'offboarded',
    { note: { kind: 'offboarded', id: offboardingId }, offboarding: record },
    [
      'somebody left and is out (hr)',
      personId,
      'less than a second',
      '7 s',
      '9 h 0 min',
      `offboarding ${offboardingId}`,
    ],
  ],
  [
    'incident',
    {
      note: { kind: 'incident', id: offboardingId },
      incident: {
        incidentId: offboardingId,
        kind: 'unknownPerson',
        openedAt: NOW,
        source: HR,
        alias: { kind: 'email', value: 'alice@example.com' },
        words: 'Somebody left whom nobody knows: alice@example.com.',
      },
    },
    ['unknownPerson', 'names nobody we know', 'incidents'],
  ],
  [
    'held',
    { note: { kind: 'held', id: offboardingId }, offboarding: { ...record, kind: 'suspended' } },
    ['somebody is held (hr)', `why ${personId}`, `reinstate ${personId}`],
  ],
  ['parked', parked, ['hr says too much at once', 'sources', 'source confirm hr', 'source release hr']],
  [
    'planned',
    {
      note: { kind: 'planned', id: offboardingId },
      plan: {
        ...record,
        planId: offboardingId,
        whom: { alias: { kind: 'email', value: 'alice@example.com' } },
        lastDay: '2026-03-31',
        effectiveAt: NOW + 30 * 24 * HOUR,
      },
    },
    ['2026-03-31', 'nobody we know yet', `cancel-plan ${offboardingId}`],
  ],
];

describe('notices over SNS', () => {
  it('say whom they are for in attributes, in words for people and as JSON for programs', async () => {
    await notices().certificateEnding({ ...noticeOf(), daysLeft: 7 });
    const message = last(topics.holdersTopicArn);
    expect(message?.attributes).toEqual({ kind: 'certificateEnding', personId, email: 'alice@example.com' });
    expect(message?.subject).toBe('Your VPN certificate ends in 7 days');
    expect(message?.email).toContain('Büro-Rechner');
    expect(JSON.parse(message?.text ?? '')).toEqual({
      kind: 'certificateEnding',
      personId,
      login: 'alice',
      email: 'alice@example.com',
      certificateId,
      deviceName: 'Büro-Rechner',
      notAfter: '2026-03-08T09:01:00Z',
      daysLeft: 7,
      subject: message?.subject,
      text: message?.email,
    });
  });

  it('are sent for who has no address too', async () => {
    await notices().certificateIssued({ ...noticeOf(), holder: { personId, login: 'alice' } });
    expect(last(topics.holdersTopicArn)?.attributes).toEqual({ kind: 'certificateIssued', personId });
  });

  it.each([
    [undefined, 'A VPN certificate was issued to you'],
    [certificateIdFrom(new Uint8Array(10).fill(7)), 'Your VPN certificate was renewed'],
  ])('of a certificate that renews %s say so', async (predecessorId, subject) => {
    await notices().certificateIssued(noticeOf(predecessorId === undefined ? {} : { predecessorId }));
    expect(last(topics.holdersTopicArn)).toMatchObject({
      subject,
      email: expect.stringContaining('If you did not ask for it, revoke it') as string,
    });
  });

  it.each([
    [0, 'today'],
    [1, 'tomorrow'],
    [30, 'in 30 days'],
  ])('with %s days left say %s', async (daysLeft, words) => {
    await notices().certificateEnding({ ...noticeOf(), daysLeft });
    expect(last(topics.holdersTopicArn)?.subject).toBe(`Your VPN certificate ends ${words}`);
  });

  it('tell the operators counts and ids, and no name', async () => {
    const next = [{ certificateId, personId, notAfter: NOW / 1000 + 3_600 }];
    const within = [
      { days: 30, count: 3 },
      { days: 1, count: 1 },
    ];
    await notices().endingDigest({ within, ended: 2, reminded: 1, next });
    const message = last(topics.operatorsTopicArn);
    expect(message).toMatchObject({
      subject: 'VPN certificates: 3 end within 30 days',
      attributes: { kind: 'endingDigest' },
    });
    for (const part of ['within 1 days: 1', 'ended in the last day: 2', certificateId, personId])
      expect(message?.email).toContain(part);
    expect(message?.text).not.toMatch(/alice|@/);
  });

  it.each(TELLINGS)(
    'tell the operators of %s, by ids and with the next command',
    async (kind, telling, words) => {
      await notices().happened([telling]);
      const message = last(topics.operatorsTopicArn);
      expect(message?.attributes).toEqual({ kind });
      for (const part of words) expect(`${message?.subject}\n${message?.email}`).toContain(part);
      expect(message?.email).toContain('npm run -s cli -- ');
      expect(message?.text).not.toMatch(/alice|@/);
    },
  );

  it('tell of many things in one letter, with counts, and of no more than a few by id', async () => {
    const many = Array.from({ length: 100 }, () => parked);
    const leaver = TELLINGS[0][1];
    await notices().happened([leaver, ...many]);
    const message = last(topics.operatorsTopicArn);
    expect(message).toMatchObject({ subject: 'VPN: 101 things happened', attributes: { kind: 'digest' } });
    for (const part of [
      '100 held, since a source says too much at once',
      '(hr: 100)',
      'and 80 more',
      'incidents',
    ])
      expect(message?.email).toContain(part);
    expect(message?.text).not.toMatch(/alice|@/);
  });

  it('tell what does not go on, since when, and whom to ask', async () => {
    const late = { fault: 'unconfirmed', since: NOW - 6 * HOUR } as const;
    await notices().failing([
      { endpointId: 'cvpn-1', late },
      { offboarding: { ...record, receivedAt: NOW - HOUR } },
    ]);
    const message = last(topics.operatorsTopicArn);
    expect(message).toMatchObject({ subject: 'VPN: 2 things do not go on', attributes: { kind: 'failed' } });
    for (const part of ['cvpn-1', 'since 6 h 0 min', 'since 60 min', 'doctor', 'publish --wait'])
      expect(message?.email).toContain(part);
  });

  it('that SNS does not take are an error, whose text holds nothing of the message', async () => {
    faults.add({ service: 'sns', action: 'Publish', kind: 'throttle' });
    const failed = notices().certificateEnding({ ...noticeOf(), daysLeft: 7 });
    await expect(failed).rejects.toMatchObject({ name: 'ThrottledException' });
    await failed.catch((error: unknown) => expect(String(error)).not.toContain('alice'));
  });
});

describe('the stand-in for SNS', () => {
  const good = () => ({ TopicArn: topics.holdersTopicArn, Message: 'words' });

  it.each<[string, object, string]>([
    [
      'a topic that is not there',
      { TopicArn: 'arn:aws:sns:eu-west-1:111122223333:other' },
      'NotFoundException',
    ],
    ['an empty message', { Message: '' }, 'InvalidParameterException'],
    ['a message of more than 256 KiB', { Message: 'a'.repeat(262_145) }, 'InvalidParameterException'],
    ['a subject of 100 letters', { Subject: 'a'.repeat(100) }, 'InvalidParameterException'],
    ['a subject that is not ASCII', { Subject: 'für dich' }, 'InvalidParameterException'],
    ['a subject in two lines', { Subject: 'a\nb' }, 'InvalidParameterException'],
    [
      'structure without a default',
      { Message: '{"email":"a"}', MessageStructure: 'json' },
      'InvalidParameterException',
    ],
    ['structure that is not JSON', { MessageStructure: 'json' }, 'InvalidParameterException'],
    [
      'an empty attribute',
      { MessageAttributes: { kind: { DataType: 'String', StringValue: '' } } },
      'InvalidParameterValueException',
    ],
  ])('refuses %s as SNS does', async (_what, changes, name) => {
    const before = cloud.sns.messages().length;
    await expect(client.send(new PublishCommand({ ...good(), ...changes }))).rejects.toMatchObject({ name });
    expect(cloud.sns.messages()).toHaveLength(before);
  });
});
