import { PublishCommand } from '@aws-sdk/client-sns';
import type { SNSClient } from '@aws-sdk/client-sns';
import { digestLetter, endingLetter, issuedLetter, type Letter } from '../domain/notice-words.ts';
import { failingLetter, tellingLetter, tellingsLetter } from '../domain/operator-words.ts';
import { isoFromSeconds, secondsFrom } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { HolderNotice, Notices } from '../ports/notices.ts';

/**
 * Notices through two topics. What is for a holder goes to the holders' topic, whom a company's mailer or chat reads:
 * one message for each, whose attributes say whom it is for, so that a subscription can filter by them. E-mail
 * subscribers get the words; everybody else JSON with the words and the facts. What is for the operators goes where the
 * alarms go, with the kind as attribute.
 */
export function snsNotices({
  client,
  holdersTopicArn,
  operatorsTopicArn,
  clock,
}: {
  readonly client: Pick<SNSClient, 'send'>;
  readonly holdersTopicArn: string;
  readonly operatorsTopicArn: string;
  readonly clock: Pick<Clock, 'now'>;
}): Notices {
  const publish = async (
    topicArn: string,
    kind: string,
    { subject, text }: Letter,
    facts: Readonly<Record<string, string | number | undefined>> = {},
  ): Promise<void> => {
    const attributes = Object.entries({ kind, personId: facts['personId'], email: facts['email'] });
    await client.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: subject,
        MessageStructure: 'json',
        Message: JSON.stringify({
          default: JSON.stringify({ kind, ...facts, subject, text }),
          email: text,
        }),
        MessageAttributes: Object.fromEntries(
          attributes.flatMap(([name, value]) =>
            value === undefined ? [] : [[name, { DataType: 'String', StringValue: String(value) }]],
          ),
        ),
      }),
    );
  };
  return {
    certificateIssued: (notice) =>
      publish(holdersTopicArn, 'certificateIssued', issuedLetter(notice.certificate), factsOf(notice)),
    certificateEnding: ({ daysLeft, ...notice }) =>
      publish(holdersTopicArn, 'certificateEnding', endingLetter(notice.certificate, daysLeft), {
        ...factsOf(notice),
        daysLeft,
      }),
    endingDigest: (digest) =>
      publish(operatorsTopicArn, 'endingDigest', digestLetter(digest, secondsFrom(clock.now()))),
    happened: ([first, ...others]) =>
      others.length === 0
        ? publish(operatorsTopicArn, first.note.kind, tellingLetter(first), { id: first.note.id })
        : publish(operatorsTopicArn, 'digest', tellingsLetter([first, ...others]), {
            count: others.length + 1,
          }),
    failing: (failing) =>
      publish(operatorsTopicArn, 'failed', failingLetter(failing, clock.now()), { count: failing.length }),
  };
}

const factsOf = ({ holder, certificate }: HolderNotice) => ({
  personId: holder.personId,
  login: holder.login,
  email: holder.email,
  certificateId: certificate.certificateId,
  deviceName: certificate.deviceName,
  notAfter: isoFromSeconds(certificate.notAfter),
  predecessorId: certificate.predecessorId,
});
