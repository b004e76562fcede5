import { DescribeAlarmsCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { paginateListSubscriptionsByTopic, type SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { AlarmFacts } from '../../domain/doctor/facts.ts';
import type { Inspection } from '../../ports/inspection.ts';

/** DescribeAlarms, botocore cloudwatch 2010-08-01: AlarmNames has at most 100. */
const ALARMS_AT_ONCE = 100;

/** The alarms, and who hears them. */
export const inspectWatching = ({
  cloudWatch,
  sns,
  sqs,
}: {
  readonly cloudWatch: CloudWatchClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}): Pick<Inspection, 'alarms' | 'subscriptions' | 'deadLetters'> => ({
  async alarms(names) {
    const found: AlarmFacts[] = [];
    for (let start = 0; start < names.length; start += ALARMS_AT_ONCE) {
      const { MetricAlarms = [] } = await cloudWatch.send(
        new DescribeAlarmsCommand({
          AlarmNames: names.slice(start, start + ALARMS_AT_ONCE),
          MaxRecords: ALARMS_AT_ONCE,
        }),
      );
      for (const alarm of MetricAlarms) {
        found.push({
          name: alarm.AlarmName ?? '',
          state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
          description: alarm.AlarmDescription ?? '',
          hasActions: alarm.ActionsEnabled !== false && (alarm.AlarmActions ?? []).length > 0,
        });
      }
    }
    return found;
  },

  async deadLetters(queueUrl) {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'QueueArn'],
      }),
    );
    const { QueueArn: queueArn, ApproximateNumberOfMessages: messages } = Attributes;
    return queueArn === undefined ? undefined : { queueArn, messages: Number(messages ?? 0) };
  },

  async subscriptions(topicArn) {
    let [confirmed, unconfirmed] = [0, 0];
    for await (const page of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn: topicArn })) {
      for (const { SubscriptionArn } of page.Subscriptions ?? []) {
        // In the place of an ARN it says `PendingConfirmation`, or `Deleted`.
        if (SubscriptionArn?.startsWith('arn:') === true) confirmed += 1;
        else if (SubscriptionArn !== 'Deleted') unconfirmed += 1;
      }
    }
    return { confirmed, unconfirmed };
  },
});
