import { ownCure } from '../cures.ts';
import type { Unread } from '../facts.ts';
import { broken, info, warning, well, type Finding } from '../finding.ts';
import type { PortalRule } from './rule.ts';

/** What could not be looked at, and what would help. */
export const everythingIsSeen: PortalRule = ({ unread, caller }) => {
  if (unread.some(({ kind }) => kind === 'noCredentials')) return [noCredentials(unread)];
  const notHere = new Map<string, string[]>();
  const findings: Finding[] = [];
  for (const read of uniqueByAction(unread)) {
    if (read.kind === 'notHere') {
      const service = serviceOf(read.action);
      notHere.set(service, [...(notHere.get(service) ?? []), read.tells]);
    } else findings.push(unreadFinding(read, caller?.value.arn));
  }
  for (const [service, tells] of notHere) {
    findings.push(
      info(
        { code: 'notLookedAt', impact: 'look' },
        `not looked at: ${service} does not answer here (${tells.join(', ')})`,
      ),
    );
  }
  return findings;
};

/** One right opens many things; what it would have told is said together. */
function uniqueByAction(unread: readonly Unread[]): Unread[] {
  const byAction = new Map<string, Unread>();
  for (const read of unread) {
    const name = `${read.kind} ${read.action}`;
    const same = byAction.get(name);
    const tells =
      same === undefined || same.tells.includes(read.tells) ? same?.tells : `${same.tells}, ${read.tells}`;
    byAction.set(name, {
      ...read,
      tells: tells ?? read.tells,
      isEssential: read.isEssential || same?.isEssential === true,
    });
  }
  return [...byAction.values()];
}

const noCredentials = (unread: readonly Unread[]): Finding =>
  broken(
    { code: 'noCredentials', impact: 'look' },
    {
      seen: `AWS does not know who asks: ${unread.find(({ kind }) => kind === 'noCredentials')?.words ?? ''}`,
      why: 'Nothing could be looked at.',
      cure: {
        words: 'sign in, and name the profile in AWS_PROFILE; put your own in the place of NAME',
        command: 'aws sso login --profile NAME && export AWS_PROFILE=NAME',
      },
    },
  );

function unreadFinding(
  { kind, action, tells, words, isEssential }: Unread,
  caller: string | undefined,
): Finding {
  const finding = isEssential ? broken : warning;
  if (kind === 'refused') {
    return finding(
      { code: 'notAllowed', impact: 'look' },
      {
        seen: `${caller ?? 'whoever asks'} may not ${action}`,
        why: `Not looked at: ${tells}.`,
        cure: ownCure('let an administrator of the account give you this policy', 'doctor --policy'),
      },
    );
  }
  return finding(
    { code: 'noAnswer', impact: 'look' },
    { seen: `${serviceOf(action)} did not answer ${action}: ${words}`, why: `Not looked at: ${tells}.` },
  );
}

const SERVICES: Readonly<Record<string, string>> = {
  acm: 'ACM',
  cloudformation: 'CloudFormation',
  cloudwatch: 'CloudWatch',
  dynamodb: 'DynamoDB',
  ec2: 'EC2',
  kms: 'KMS',
  lambda: 'Lambda',
  s3: 'S3',
  secretsmanager: 'Secrets Manager',
  sns: 'SNS',
  sqs: 'SQS',
  sts: 'STS',
};

function serviceOf(action: string): string {
  const prefix = action.split(':')[0] ?? '';
  return SERVICES[prefix] ?? prefix;
}

const SKEW_WARNING_MILLISECONDS = 60_000;
/** Standard Webhooks and AWS's signatures allow five minutes. */
const SKEW_BROKEN_MILLISECONDS = 300_000;

/** This machine and AWS agree on the time. */
export const clocksAgree: PortalRule = ({ clockAheadMilliseconds: ahead }) => {
  if (ahead === undefined) return [];
  const seconds = Math.round(Math.abs(ahead) / 1000);
  const seen =
    seconds < 2
      ? "this machine's clock is right"
      : `this machine's clock is ${seconds} s ${ahead > 0 ? 'fast' : 'slow'}`;
  const trouble = {
    seen,
    why: 'AWS refuses signatures that are five minutes off, and days and ages here are wrong by as much.',
    cure: {
      words: 'let the machine take its time from the network',
      command: 'sudo timedatectl set-ntp true',
    },
  };
  if (Math.abs(ahead) >= SKEW_BROKEN_MILLISECONDS)
    return [broken({ code: 'clockWrong', impact: 'look' }, trouble)];
  if (Math.abs(ahead) >= SKEW_WARNING_MILLISECONDS)
    return [warning({ code: 'clockOff', impact: 'look' }, trouble)];
  return [well({ code: 'clockRight', impact: 'look' }, seen)];
};
