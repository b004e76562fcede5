import type { ChecklistSection } from './entry.ts';

const DENIED = (eventName: string): string =>
  `aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=${eventName} --region REGION`;

export const rights: ChecklistSection = {
  title: 'Rights, events and alarms',
  entries: [
    {
      id: 'encrypted-topic',
      assumed:
        'A function may publish to a topic that is encrypted with `alias/aws/sns` without a right on that key.',
      meanwhile: '`notices-fails` rings at the first issue; nobody is kept out.',
      files: ['infra/aws/notices.yml', 'infra/aws/roles/notices.yml', 'shared/adapters/sns-notices.ts'],
      commands: [
        'npm run -s cli -- enrol --device canary',
        'npm run -s cli -- doctor --stage prod --region REGION',
      ],
      expected: 'a letter about the certificate within minutes, and no alarm',
      otherwise:
        "a key of the company's for the holders' topic, with `kms:GenerateDataKey` and `kms:Decrypt` on it for the role of notices",
      findings: ['alarmRings', 'alarmsQuiet'],
    },
    {
      id: 'leading-keys',
      assumed: '`dynamodb:LeadingKeys` is given for each action of a transaction, as for single calls.',
      meanwhile:
        '`ForAllValues` makes the condition hold: nothing fails, and transactions are held by the action alone.',
      files: ['infra/aws/roles/employee.yml', 'infra/aws/roles/gate.yml', 'test/infra/roles.test.ts'],
      commands: [
        'aws dynamodb transact-get-items --transact-items file://ITEMS.json --region REGION',
        'aws dynamodb transact-write-items --transact-items file://ITEMS.json --region REGION',
      ],
      expected: 'as a role with one of our policies, for a key that it does not name: AccessDeniedException',
      otherwise: 'nothing that is safe to change: write it into docs/deploy.md',
    },
    {
      id: 'describe-by-arn',
      assumed: 'EC2’s Describe calls of Client VPN take no resource, so that `*` is allowed for them.',
      meanwhile: 'They read only.',
      files: ['infra/aws/roles/endpoint.yml', 'infra/aws/policy.guard'],
      commands: [
        'aws ec2 describe-client-vpn-connections --client-vpn-endpoint-id ENDPOINT --region REGION --dry-run',
      ],
      expected: 'as a role that has the right on `client-vpn-endpoint/*` alone: UnauthorizedOperation',
      otherwise: 'put the ARN into the roles, and take the two out of `policy.guard`',
    },
    {
      id: 'lists-by-arn',
      assumed:
        'Export and import of lists, and the end of connections, take `client-vpn-endpoint/*` as resource.',
      meanwhile: 'The publisher or the worker of connections fails with UnauthorizedOperation, and rings.',
      files: ['infra/aws/roles/endpoint.yml', 'infra/aws/policy.guard'],
      commands: [
        'npm run -s cli -- publish --wait',
        DENIED('ImportClientVpnClientCertificateRevocationList'),
        DENIED('TerminateClientVpnConnections'),
      ],
      expected: 'events without an errorCode',
      otherwise: 'the calls go to `without_resource` in `infra/aws/policy.guard`, with `*` in the roles',
    },
    {
      id: 'rule-to-topic',
      assumed: 'EventBridge may not deliver to a topic whose policy has a condition.',
      meanwhile: 'The statement for it has none.',
      files: ['infra/aws/alarms/topic.yml'],
      commands: ['aws sns get-topic-attributes --topic-arn ALARM_TOPIC --region REGION'],
      expected: 'with `aws:SourceArn` in the statement: whether a test event still arrives',
      otherwise: 'where it does, add the condition',
    },
    {
      id: 'sign-time',
      assumed: 'EventBridge writes a Sign to the log with the time of the call.',
      meanwhile: 'A signature about midnight UTC counts on two days, and `signatures` rings once.',
      files: ['infra/aws/alarms/signatures.yml'],
      commands: ['aws logs tail /aws/events/vpn-portal-prod-ca-signatures --since 1d --region REGION'],
      expected: "the line's time beside `eventTime` in it",
      otherwise: 'a longer period for the alarm `signatures`',
      findings: ['alarmRings', 'alarmsQuiet'],
    },
    {
      id: 'sign-names-key',
      assumed: 'CloudTrail names the key of a Sign in `resources`, by the ARN that the rules ask for.',
      meanwhile: '`signatures` rings: fewer signatures than records means that CloudTrail is deaf.',
      files: ['infra/aws/alarms/signatures.yml', 'infra/aws/alarms/security.yml'],
      commands: [DENIED('Sign')],
      expected: 'the ARN of the key of Region and account, once for each signature',
      otherwise: 'the patterns of the rules in both files',
      findings: ['alarmRings', 'alarmsQuiet'],
    },
    {
      id: 'move-put-aside',
      assumed:
        'SQS moves letters that no queue gave up, where it is told where to (StartMessageMoveTask), and of FIFO queues too.',
      meanwhile:
        'The letters stay where they are, two weeks long, and `redrive` says that SQS stopped; with `--limit` it sends them back without SQS moving anything.',
      files: ['shared/adapters/operator/sqs-dead-letter-queue.ts', 'infra/aws/roles/endpoint.yml'],
      commands: [
        'aws s3 cp /dev/null s3://LEAVERS_BUCKET/empty.csv --region REGION',
        'npm run -s cli -- redrive --stage prod --region REGION',
        'npm run -s cli -- redrive leavers-file --stage prod --region REGION',
      ],
      expected: 'one letter with its reason; sent back; and after a minute there again, as a new one',
      otherwise: 'the two files: the destination, or a right that `OperatorRole` lacks',
    },
    {
      id: 'group-claims',
      assumed: 'Tokens of your identity provider hold scope, groups and roles as the parameters name them.',
      meanwhile:
        'Who has no scope gets 403 from API Gateway, who is in no group from the portal: nobody gets too much.',
      files: ['shared/domain/caller.ts', 'infra/aws/parameters.yml'],
      commands: ['npm run -s cli -- login', 'npm run -s cli -- whoami'],
      expected: 'your person id, and that you may enrol',
      otherwise: 'the `claim…` parameters; not `claimPerson` once somebody has enrolled',
    },
  ],
};
