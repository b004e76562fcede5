import type { ChecklistSection } from './entry.ts';

const DRY_RUN = 'npm run deploy -- --stage prod --dry-run';
const STACK_EVENTS = 'aws cloudformation describe-stack-events --stack-name vpn-portal-prod --region REGION';

export const deployment: ChecklistSection = {
  title: 'The deploy',
  entries: [
    {
      id: 'change-set-words',
      assumed: 'A change set says Replacement True, False or Conditional, of custom resources too.',
      meanwhile: 'A word that it does not know stops a deploy, and the stack policy is the second wall.',
      files: ['infra/deploy/judge.ts', 'infra/deploy/protected.ts', 'infra/deploy/stack-policy.ts'],
      commands: [DRY_RUN],
      expected: 'on a stack that is there: nothing would be replaced or removed',
      otherwise: 'the words in `infra/deploy/judge.ts`',
    },
    {
      id: 'adopt-key',
      assumed: 'CloudFormation imports a key whose policy the template of the import leaves out.',
      meanwhile: 'An adoption that fails leaves key and table as they are.',
      files: ['infra/deploy/adopt.ts', 'infra/aws/key.yml'],
      commands: ['npm run deploy -- --stage try2 --adopt Table=TABLE --adopt CaKey=KEY'],
      expected: 'a stage that was deleted is deployed again, with the same CA',
      otherwise: "put the key's policy into the template of `infra/deploy/adopt.ts`",
    },
    {
      id: 'codedeploy-alarms',
      assumed: 'CodeDeploy reads alarms with a role that names them.',
      meanwhile: 'It stops the deployment otherwise, and the alias stays.',
      files: ['infra/aws/gate-alias.yml', 'infra/aws/roles/gate-probe.yml'],
      commands: [STACK_EVENTS, 'aws deploy list-deployments --region REGION'],
      expected: 'the second deploy with a changed gate moves the alias',
      otherwise:
        '`*` for `cloudwatch:DescribeAlarms` of `GateDeploymentRole`, with its reason in `infra/aws/policy.guard`',
      findings: ['gateNotActive', 'gateActive'],
    },
    {
      id: 'new-role-in-time',
      assumed: 'The rights of a role that is seconds old come within half a minute.',
      meanwhile: 'The set-up fails with words, and the same deploy goes on.',
      files: ['shared/http/custom-resource.ts', 'functions/set-up/handler.ts'],
      commands: [STACK_EVENTS],
      expected: '`Authority` and `EndpointRegistration` are complete at the first deploy',
      otherwise:
        'a longer patience in `shared/http/custom-resource.ts`, within its time-out in `serverless.yml`',
      findings: ['stackMissing', 'stackNotWhole', 'stackWhole'],
    },
    {
      id: 'export-without-subnet',
      assumed: 'EC2 may not export the configuration of an endpoint that has no subnet yet.',
      meanwhile: 'The registration waits for the associations.',
      files: ['infra/aws/registration.yml', 'infra/deploy/register-last.ts'],
      commands: [
        'aws ec2 export-client-vpn-client-configuration --client-vpn-endpoint-id ENDPOINT --region REGION',
      ],
      expected: 'on an endpoint without a subnet: a configuration, or an error',
      otherwise: 'nothing: waiting does no harm',
    },
    {
      id: 'rules-one-by-one',
      assumed:
        'CloudFormation makes rules and routes of one endpoint one after the other, fast enough; at once EC2 takes ten.',
      meanwhile: 'A deploy with many networks takes longer, and loses nothing.',
      files: ['infra/package/networks.ts', 'infra/aws/networks.yml'],
      commands: [STACK_EVENTS],
      expected: 'no rule or route fails for want of room',
      otherwise: 'more of `DependsOn` in `infra/package/networks.ts`',
    },
    {
      id: 'account-concurrency',
      assumed: 'The account has a limit of 310 concurrent executions or more.',
      meanwhile: 'A deploy to a smaller one fails before the endpoint is made.',
      files: ['serverless.yml', 'shared/domain/doctor/rules/foundations.ts'],
      commands: [
        'npm run -s cli -- doctor --stage prod --region REGION',
        'aws lambda get-account-settings --region REGION',
      ],
      expected: '`ConcurrentExecutions` of 310 at least',
      otherwise: 'have it raised (Service Quotas), or lower `gateReservedConcurrency`',
      findings: ['accountConcurrencyLow', 'accountConcurrency'],
    },
  ],
};
