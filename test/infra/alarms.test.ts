import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { readServiceFile } from '../../infra/local/runner/service-file.ts';
import { childOf, isTreeObject, type Tree } from '../../infra/local/runner/yaml.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { resources, tree } = readServiceFile(join(ROOT, 'serverless.yml'), {
  stage: 'local',
  params: { oidcIssuer: 'https://issuer.example' },
});
const ofType = (type: string): string[] =>
  Object.keys(resources).filter((logicalId) => childOf(resources[logicalId], 'Type') === type);
const alarms = ofType('AWS::CloudWatch::Alarm');
const propertiesOf = (logicalId: string): Tree => childOf(resources[logicalId], 'Properties');
const textOf = (tree_: Tree): string => JSON.stringify(tree_ ?? '');

const at = (tree_: Tree, ...keys: string[]): Tree => keys.reduce<Tree>(childOf, tree_);

const watching = (...words: readonly string[]): string[] =>
  alarms.filter((alarm) => words.every((word) => textOf(propertiesOf(alarm)).includes(`"${word}"`)));

describe('the alarms', () => {
  it.each(
    ofType('AWS::SQS::Queue').map((queue) => [
      queue,
      childOf(propertiesOf(queue), 'RedrivePolicy') === undefined
        ? 'ApproximateNumberOfMessagesVisible'
        : 'ApproximateAgeOfOldestMessage',
    ]),
  )('watch %s: %s', (queue, metric) => {
    expect(watching(queue, metric)).toHaveLength(1);
  });

  it('watch each function that works without being asked: its faults, and its silence', () => {
    const functions = childOf(tree, 'functions');
    const scheduled = Object.entries(isTreeObject(functions) ? functions : {})
      .filter(([, entry]) => textOf(childOf(entry, 'events')).includes('"schedule"'))
      .map(([key]) => `${key[0]?.toUpperCase()}${key.slice(1)}`.replaceAll('-', 'Dash') + 'LambdaFunction');
    expect(scheduled.length).toBeGreaterThan(2);
    for (const logicalId of scheduled) {
      expect(watching(logicalId, 'Errors', 'Throttles')).toHaveLength(1);
      const [silence] = watching(logicalId, 'Invocations');
      expect(silence && childOf(propertiesOf(silence), 'TreatMissingData')).toBe('breaching');
    }
  });

  it.each(['Errors', 'Throttles', 'Duration'])("watch the gate's %s", (metric) => {
    expect(watching('GateLambdaFunction', metric)).toHaveLength(1);
  });

  it('let the gaps of CrlDaysToExpiry pass, and hours of silence not', () => {
    const [alarm = ''] = watching('CrlDaysToExpiry', 'Endpoint');
    expect(propertiesOf(alarm)).toMatchObject({ TreatMissingData: 'breaching', EvaluationPeriods: 6 });
    expect(childOf(propertiesOf(alarm), 'DatapointsToAlarm')).toBeGreaterThan(1);
  });

  it('come at 70, 85 and 95 % of the entries that an endpoint takes', () => {
    const thresholds = watching('CrlEntries').map((alarm) => childOf(propertiesOf(alarm), 'Threshold'));
    expect(thresholds).toEqual([0.7, 0.85, 0.95].map((part) => part * 20_000));
  });

  it("come when the CA's end is near, and when its server certificate was not renewed", () => {
    expect(watching('CaDaysLeft')).toHaveLength(2);
    const [renewal = ''] = watching('ServerCertificateDaysLeft');
    expect(propertiesOf(renewal)).toMatchObject({ TreatMissingData: 'breaching', DatapointsToAlarm: 3 });
  });

  it('have names of their own, and tell the topic when they come and when they go', () => {
    expect(new Set(alarms.map((alarm) => childOf(propertiesOf(alarm), 'AlarmName'))).size).toBe(
      alarms.length,
    );
    for (const alarm of alarms) {
      expect(propertiesOf(alarm)).toMatchObject({
        AlarmActions: [{ Ref: 'AlarmTopic' }],
        OKActions: [{ Ref: 'AlarmTopic' }],
      });
    }
  });

  it("hear of the CA's key whatever CloudWatch knows", () => {
    const properties = propertiesOf('CaKeyInDangerRule');
    for (const name of ['DisableKey', 'ScheduleKeyDeletion', 'CaKey'])
      expect(textOf(properties)).toContain(`"${name}"`);
    expect(childOf(properties, 'Targets')).toEqual([expect.objectContaining({ Arn: { Ref: 'AlarmTopic' } })]);
  });
});

describe("what the CA's key signs", () => {
  const signers = at(resources['CaKeySigning'], 'Properties', 'Roles');

  it('is told at once where no function that may sign asked for it, so an operator too', () => {
    const pattern = at(propertiesOf('CaKeyAskedByAnotherRule'), 'EventPattern', 'detail');
    const issuers = z
      .array(
        z.object({
          userIdentity: z.object({
            sessionContext: z.object({ sessionIssuer: z.object({ arn: z.array(z.looseObject({})) }) }),
          }),
        }),
      )
      .parse(at(pattern, '$or'))
      .map(({ userIdentity }) => userIdentity.sessionContext.sessionIssuer.arn);
    const roles = z
      .array(z.object({ Ref: z.string() }))
      .parse(signers)
      .filter(({ Ref }) => Ref !== 'OperatorRole');
    expect(issuers).toEqual([
      [{ exists: false }],
      [{ 'anything-but': roles.map(({ Ref }) => ({ 'Fn::GetAtt': [Ref, 'Arn'] })) }],
    ]);
    expect(at(propertiesOf('CaKeyAskedByAnotherRule'), 'Targets')).toEqual([
      expect.objectContaining({ Arn: { Ref: 'AlarmTopic' } }),
    ]);
  });

  it.each(['CaSignatureRule', 'CaKeyAskedByAnotherRule'])(
    'reaches %s, although CloudTrail calls it reading',
    (rule) => {
      expect(at(propertiesOf(rule), 'State')).toBe('ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS');
      expect(textOf(at(propertiesOf(rule), 'EventPattern'))).toContain('"CaKey"');
    },
  );

  it('is counted, and compared with what the portal recorded', () => {
    const [transformation] = z
      .array(z.looseObject({ MetricName: z.string(), MetricNamespace: z.string() }))
      .parse(at(propertiesOf('CaSignatureCount'), 'MetricTransformations'));
    const [alarm, ...others] = watching('SignaturesRecorded', 'CaSignatures', 'VpnPortal');
    expect(others).toEqual([]);
    expect(transformation).toMatchObject({ MetricName: 'CaSignatures', MetricNamespace: 'VpnPortal' });
    expect(textOf(propertiesOf(alarm ?? ''))).toContain('ABS(FILL(signed, 0) - FILL(recorded, 0))');
  });
});

describe('the dashboard', () => {
  const [dashboard = ''] = ofType('AWS::CloudWatch::Dashboard');
  const body = z.string().parse(childOf(childOf(propertiesOf(dashboard), 'DashboardBody'), 'Fn::Sub'));

  it('is JSON, and shows every alarm', () => {
    const { widgets } = z.object({ widgets: z.array(z.looseObject({})) }).parse(JSON.parse(body));
    expect(widgets.length).toBeGreaterThan(8);
    const shown = [...body.matchAll(/\$\{(\w+Alarm)\.Arn\}/g)].map(([, name]) => name);
    expect(shown.sort()).toEqual(alarms.sort());
  });

  it('names no resource that is not there', () => {
    const made = [/LambdaFunction$/, /^AWS::/, /^HttpApi$/];
    const missing = [...body.matchAll(/\$\{([\w:]+)[^}]*\}/g)]
      .map(([, name = '']) => name)
      .filter((name) => !Object.hasOwn(resources, name) && !made.some((one) => one.test(name)));
    expect(missing).toEqual([]);
  });
});
