import { awsCure, deployCure } from '../cures.ts';
import type { AlarmFacts, PortalFacts } from '../facts.ts';
import { info, warning, well, type Finding } from '../finding.ts';
import { counted, firstOf } from '../words.ts';
import type { PortalRule } from './rule.ts';

/** Every alarm is there, none rings, and each can be heard. */
export const alarmsWatch: PortalRule = ({ alarms, alarmNames, place }) => {
  if (alarmNames.length === 0) {
    // Where a stage could not list what it is made of, that has been said.
    if (place.stage !== undefined) return [];
    return [
      info({ code: 'notLookedAt', impact: 'look' }, 'not looked at: alarms, which only a stack on AWS has'),
    ];
  }
  if (alarms === undefined) return [];
  const found = new Set(alarms.value.map(({ name }) => name));
  const missing = alarmNames.filter((name) => !found.has(name));
  const findings = [...ringing(alarms.value, place), ...deaf(alarms.value, place)];
  if (missing.length > 0) {
    findings.push(
      warning(
        { code: 'alarmsMissing', impact: 'notice' },
        {
          seen: `${counted(missing.length, 'alarm')} of ${alarmNames.length} gone: ${firstOf(missing)}`,
          why: 'Somebody deleted what would have told you.',
          cure: deployCure(place, 'make them again'),
        },
      ),
    );
  }
  const blind = alarms.value.filter(({ state }) => state === 'INSUFFICIENT_DATA').length;
  if (blind > 0) {
    findings.push(
      info({ code: 'alarmsWithoutData', impact: 'notice' }, `${counted(blind, 'alarm')} without data yet`),
    );
  }
  if (findings.every(({ severity }) => severity === 'info')) {
    findings.push(
      well({ code: 'alarmsQuiet', impact: 'notice' }, `${counted(found.size, 'alarm')}, none rings`),
    );
  }
  return findings;
};

const ringing = (alarms: readonly AlarmFacts[], place: PortalFacts['place']): Finding[] =>
  alarms
    .filter(({ state }) => state === 'ALARM')
    .map(({ name, description }) =>
      warning(
        { code: 'alarmRings', impact: 'notice' },
        {
          seen: `the alarm ${name} rings`,
          why: description,
          cure: awsCure(
            place,
            'see since when, and why',
            `cloudwatch describe-alarm-history --alarm-name ${name} --max-items 5`,
          ),
        },
      ),
    );

function deaf(alarms: readonly AlarmFacts[], place: PortalFacts['place']): Finding[] {
  const silent = alarms.filter(({ hasActions }) => !hasActions).map(({ name }) => name);
  if (silent.length === 0) return [];
  return [
    warning(
      { code: 'alarmsSilenced', impact: 'notice' },
      {
        seen: `${counted(silent.length, 'alarm')} silenced: ${firstOf(silent)}`,
        why: 'They ring and tell nobody.',
        cure: awsCure(
          place,
          'let them speak',
          `cloudwatch enable-alarm-actions --alarm-names ${silent.join(' ')}`,
        ),
      },
    ),
  ];
}

/** Somebody reads what the alarms say. */
export const somebodyIsTold: PortalRule = ({ confirmedSubscriptions, topicArn, place }) => {
  if (confirmedSubscriptions === undefined || topicArn === undefined) return [];
  const { confirmed, unconfirmed } = confirmedSubscriptions.value;
  if (confirmed > 0) {
    return [
      well(
        { code: 'alarmsHeard', impact: 'notice' },
        `alarms go to ${counted(confirmed, 'confirmed subscription')}`,
      ),
      ...(unconfirmed === 0
        ? []
        : [
            info(
              { code: 'subscriptionUnconfirmed', impact: 'notice' },
              `${counted(unconfirmed, 'subscription')} not confirmed`,
            ),
          ]),
    ];
  }
  return [
    warning(
      { code: 'alarmsUnheard', impact: 'notice' },
      {
        seen: unconfirmed > 0 ? "nobody has confirmed SNS's letter" : 'nobody is subscribed to the alarms',
        why: 'Alarms ring and nobody hears them.',
        cure: awsCure(
          place,
          unconfirmed > 0 ? 'open the letter and confirm; or have it sent again' : 'subscribe somebody',
          `sns subscribe --topic-arn ${topicArn} --protocol email --notification-endpoint YOU@EXAMPLE.COM`,
        ),
      },
    ),
  ];
};

/** Holders learn of what is issued to them. */
export const holdersAreTold: PortalRule = ({ holdersSubscriptions, holdersTopicArn, place }) => {
  if (holdersSubscriptions === undefined || holdersTopicArn === undefined) return [];
  const { confirmed, unconfirmed } = holdersSubscriptions.value;
  if (confirmed > 0) {
    const heard = counted(confirmed, 'confirmed subscription');
    return [well({ code: 'holdersHeard', impact: 'notice' }, `notices to holders go to ${heard}`)];
  }
  return [
    warning(
      { code: 'holdersUnheard', impact: 'notice' },
      {
        seen: unconfirmed > 0 ? "nobody has confirmed the holders' topic" : "nobody reads the holders' topic",
        why: 'Nobody learns that a certificate was issued in her name, or that hers ends.',
        cure: awsCure(
          place,
          "let your mailer read it; put your own function's ARN in the place of ARN",
          `sns subscribe --topic-arn ${holdersTopicArn} --protocol lambda --notification-endpoint ARN`,
        ),
      },
    ),
  ];
};
