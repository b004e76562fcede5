import type { ChecklistSection } from './entry.ts';

const EXPORT =
  'aws ec2 export-client-vpn-client-certificate-revocation-list --client-vpn-endpoint-id ENDPOINT --region REGION';
const IMPORT =
  'aws ec2 import-client-vpn-client-certificate-revocation-list --client-vpn-endpoint-id ENDPOINT --region REGION --certificate-revocation-list file://LIST.pem';

/** Use an endpoint that nobody needs for those that import something on purpose. */
export const lists: ChecklistSection = {
  title: 'The list at the endpoint',
  entries: [
    {
      id: 'export-before-import',
      assumed: 'The export of an endpoint that never had a list is empty, or InvalidParameterValue.',
      meanwhile:
        'Any other answer fails the publisher, which tries again every five minutes; `publisher-fails` rings.',
      files: ['shared/adapters/ec2/crl.ts', 'infra/local/cloud/ec2/list-actions.ts'],
      commands: [EXPORT],
      expected: 'on a new endpoint: no list, or that error',
      otherwise: 'add the code to `NO_LIST` in `shared/adapters/ec2/crl.ts`',
    },
    {
      id: 'import-becomes-active',
      assumed:
        'After an import the export says pending and then active, within an hour as a rule, four at the most.',
      meanwhile:
        'A list that was sent is waited for, an hour or, while the endpoint says pending, four; then it is sent again.',
      files: ['shared/use-cases/publication/import-list.ts', 'shared/domain/publication.ts'],
      commands: [
        'npm run -s cli -- publish --wait',
        'npm run -s cli -- doctor --stage prod --region REGION',
        EXPORT,
      ],
      expected: '`publish --wait` ends with a list that is confirmed; note how long it took',
      otherwise: '`PENDING_SECONDS` and `UNSEEN_SECONDS` in `shared/domain/publication.ts`',
      findings: ['crlNotConfirmed', 'crlOnItsWay', 'crlRecorded'],
    },
    {
      id: 'export-is-what-was-imported',
      assumed: 'The exported list has the octets of the imported one, once the PEM is taken off.',
      meanwhile:
        'A list in another form would look like one that somebody imported by hand: an incident, and a new list.',
      files: ['shared/use-cases/publication/endpoint-reading.ts', 'shared/domain/doctor/held-list.ts'],
      commands: ['npm run -s cli -- doctor --stage prod --region REGION'],
      expected: 'the endpoint holds the recorded list',
      otherwise:
        'compare number and signature in `shared/use-cases/publication/endpoint-reading.ts`, not the hash',
      findings: ['crlDrift', 'crlRecorded'],
    },
    {
      id: 'import-resets-connections',
      assumed:
        'An import resets every connection, also one of the same list, at the import or when it lands.',
      meanwhile: 'Nothing is imported that is not due, at most every six hours, and the rest in quiet hours.',
      files: ['shared/domain/publication.ts', 'infra/aws/parameters.yml'],
      commands: [
        EXPORT,
        IMPORT,
        'aws ec2 describe-client-vpn-connections --client-vpn-endpoint-id ENDPOINT --region REGION',
      ],
      expected:
        'with a client connected: whether and when its connection ends, for a new list and for the same one',
      otherwise:
        'where an import disturbs nobody: smaller `publicationSpacingHours` and `publicationLongestWaitHours`',
    },
    {
      id: 'revoked-is-refused',
      assumed: 'Once a list is active, the endpoint refuses who is on it before the gate is asked.',
      meanwhile: 'The gate refuses whoever left in any case; the list is the second lock.',
      files: ['shared/use-cases/gate/switch-gate.ts', 'shared/use-cases/publication/publish.ts'],
      commands: [
        'npm run -s cli -- enrol --device canary',
        'npm run -s cli -- revoke CERTIFICATE --yes',
        'npm run -s cli -- publish --wait',
        'npm run -s cli -- gate off --stage prod',
        'npm run -s cli -- gate on --stage prod',
      ],
      expected:
        'between the last two the canary cannot connect; note how long after `publish` it still could',
      otherwise: 'never switch the gate off for longer than it needs; hold people with the gate alone',
    },
    {
      id: 'foreign-list',
      assumed:
        'The endpoint may take a list of another issuer or key, and then let everybody in, as OpenVPN does.',
      meanwhile: 'Every list is verified with other code than built it, before it is imported.',
      files: ['shared/domain/x509/crl-verify.ts', 'shared/use-cases/publication/sign-list.ts'],
      commands: [IMPORT],
      expected:
        'on an endpoint that nobody needs, a list of another CA: refused at the import, or who gets in afterwards',
      otherwise: 'nothing: the check stays',
    },
    {
      id: 'import-errors',
      assumed:
        'A malformed, foreign, expired or too long list (20,001 entries) gets a 4xx that a repetition does not cure.',
      meanwhile: 'Whatever the code, the publisher fails, rings, and builds a new list the next time.',
      files: [
        'shared/adapters/ec2/crl.ts',
        'shared/adapters/ec2/error.ts',
        'infra/local/cloud/ec2/certificate-list.ts',
      ],
      commands: [IMPORT],
      expected: 'the code and words for each, to be written into the stand-in',
      otherwise: 'the answers of `infra/local/cloud/ec2/certificate-list.ts`',
    },
    {
      id: 'largest-list',
      assumed:
        'EC2 takes a request of 0.9 MB, which a list of 20,000 entries with our short serial numbers is.',
      meanwhile: 'Alarms ring at 70, 85 and 95 % of 20,000.',
      files: [
        'shared/domain/x509/crl-entries.ts',
        'shared/domain/crl-quota.ts',
        'test/infra/large-list.test.ts',
      ],
      commands: [IMPORT],
      expected: 'on an endpoint that nobody needs, a list of 20,000 entries becomes active',
      otherwise: 'the most entries in `shared/domain/crl-quota.ts`: who ends soonest rests on the gate',
    },
    {
      id: 'days-metric',
      assumed: 'CrlDaysToExpiry comes with the dimension Endpoint, with gaps of some hours at most.',
      meanwhile: '`crl-days` would ring for want of data: it errs on the loud side.',
      files: ['infra/aws/alarms/endpoint.yml', 'infra/aws/dashboard.yml'],
      commands: [
        'npm run -s cli -- doctor --stage prod --region REGION',
        'aws cloudwatch list-metrics --namespace AWS/ClientVPN --region REGION',
      ],
      expected: 'the metric with that dimension, and a day later no alarm without data',
      otherwise: 'dimension, and M of N, of `CrlDaysAlarm`',
      findings: ['alarmsWithoutData', 'alarmsQuiet'],
    },
  ],
};
