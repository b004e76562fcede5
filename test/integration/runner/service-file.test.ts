import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { functionReferences, readService } from '../../../infra/local/runner/service.ts';
import { readServiceFile } from '../../../infra/local/runner/service-file.ts';
import { byPhase, makeResources } from '../../../infra/local/runner/resources.ts';
import { FIXTURE, fixtureService, MADE_TYPES, namingMaker } from './fixture-stack.ts';

describe('the service file', () => {
  it('gives each function its own environment over the common one, every reference resolved', async () => {
    const { functions } = await fixtureService();
    expect(functions.find(({ key }) => key === 'echo')?.environment).toEqual({
      STAGE: 'local',
      GREETING: 'hello',
      TABLE_NAME: 'ref-of-Table',
      SECRET_ARN: 'ref-of-HrSecret',
      KEY_ARN: 'arn-of-Key',
      JOBS_QUEUE_ARN: 'arn-of-Jobs',
      GATE_ARN: 'arn:aws:lambda:eu-west-1:111122223333:function:AWSClientVPN-fixture-local',
      PLACE: 'laptop',
      SUBSTITUTED: 'arn:aws:x:eu-west-1:ref-of-Table:name-of-Jobs',
    });
  });

  it('lets parameters given win over those of the file', async () => {
    const { functions } = await fixtureService({ greeting: 'moin' });
    expect(functions[0]?.environment['GREETING']).toBe('moin');
  });

  it('reads queues, schedules, routes and authorizers', async () => {
    const { functions, routes, authorizers } = await fixtureService({ oidcIssuer: 'http://issuer.example' });
    expect(functions.find(({ key }) => key === 'worker')?.queues).toEqual([
      { queueArn: 'arn-of-Jobs', batchSize: 2, reportBatchItemFailures: true },
    ]);
    expect(functions.find(({ key }) => key === 'ticker')?.schedules).toEqual([
      { everyMilliseconds: 300_000, expression: 'rate(5 minutes)', enabled: true, input: { wake: 'all' } },
      { everyMilliseconds: 3_600_000, expression: 'rate(1 hour)', enabled: true, input: undefined },
    ]);
    expect(routes.find(({ route }) => route.routeKey === 'GET /scoped')?.authorizer).toEqual({
      name: 'people',
      scopes: ['vpn', 'vpn.admin'],
    });
    expect(authorizers['people']).toMatchObject({
      issuerUrl: 'http://issuer.example',
      audience: ['https://fixture.example'],
    });
  });

  it('names functions and sets timeouts as the Serverless Framework does', async () => {
    const { functions } = await fixtureService();
    expect(functions.map(({ name, timeoutSeconds }) => [name, timeoutSeconds])).toEqual([
      ['fixture-local-echo', 5],
      ['fixture-local-shapes', 1],
      ['fixture-local-worker', 5],
      ['fixture-local-ticker', 5],
      ['fixture-local-set-up', 5],
      ['AWSClientVPN-fixture-local', 5],
    ]);
  });

  it('makes resources after those that they refer to, and leaves out what means nothing locally', async () => {
    const order: string[] = [];
    const file = readServiceFile(FIXTURE, { stage: 'local' });
    const noting: typeof namingMaker = (request) => {
      order.push(request.logicalId);
      return namingMaker(request);
    };
    const makers = Object.fromEntries(MADE_TYPES.map((type) => [type, noting]));
    const { beforeFunctions, afterFunctions } = byPhase(file.resources);
    await makeResources(beforeFunctions, makers, () => undefined);
    expect(order).toEqual(['DeadJobs', 'Jobs', 'Table', 'Key', 'HrSecret']);
    expect(Object.keys(afterFunctions)).toEqual(['Registration', 'Authority']);
  });
});

describe('what the runner does not know is an error that names its place', () => {
  const directory = mkdtempSync(join(tmpdir(), 'service-file-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  const read = async (yaml: string) => {
    const path = join(directory, 'serverless.yml');
    writeFileSync(path, yaml);
    const file = readServiceFile(path, { stage: 'local' });
    return readService(file, await makeResources(file.resources, {}, functionReferences(file)));
  };
  const oneFunction = (rest: string) =>
    `service: s\nprovider: {}\nfunctions:\n  f:\n    handler: f.handler\n${rest}`;

  it.each([
    ['another source of variables', 'service: s\ncustom: { a: "${ssm:/x}" }', /custom\.a: .*\$\{ssm:\/x\}/],
    [
      'a variable that finds nothing',
      'service: s\ncustom: { a: "${self:custom.b}" }',
      /custom\.a: .*finds nothing/,
    ],
    [
      'a parameter that has to be given',
      'service: s\nparams: { default: { a: null } }\ncustom: { a: "${param:a}" }',
      /custom\.a: .*finds nothing/,
    ],
    [
      'a variable that leads to itself',
      'service: s\ncustom: { a: "${self:custom.a}" }',
      /leads back to itself/,
    ],
    ['a file that is not there', 'service: s\ncustom: ${file(none.yml)}', /none\.yml: cannot be read/],
    [
      'another intrinsic function',
      oneFunction('    environment: { A: { Fn::If: [a, b, c] } }'),
      /functions\.f\.environment\.A: .*Fn::If/,
    ],
    [
      'a reference to nothing',
      oneFunction('    environment: { A: { Ref: Nobody } }'),
      /environment\.A: Nobody is not known/,
    ],
    [
      'a substitution outside Fn::Sub',
      oneFunction("    environment: { A: '${Table}' }"),
      /environment\.A: .*outside Fn::Sub/,
    ],
    ['another kind of event', oneFunction('    events: [{ s3: bucket }]'), /functions\.f: [^]*events/],
    ['a cron schedule', oneFunction('    events: [{ schedule: cron(0 3 * * ? *) }]'), /functions\.f: .*cron/],
    [
      'an authorizer that is not there',
      oneFunction('    events: [{ httpApi: { method: GET, path: /, authorizer: x } }]'),
      /functions\.f: no authorizer x/,
    ],
    [
      'another type of resource',
      'service: s\nresources: { Resources: { B: { Type: AWS::S3::Bucket } } }',
      /resources\.Resources\.B\.Type: .*AWS::S3::Bucket/,
    ],
    ['another section of a template', 'service: s\nresources: { Conditions: {} }', /Conditions/],
    [
      'a resource that stands twice',
      'service: s\nresources: [{ Resources: { L: { Type: AWS::IAM::Role } } }, { Resources: { L: { Type: AWS::IAM::Role } } }]',
      /Resources\.L stands twice/,
    ],
  ])('%s', async (_what, yaml, words) => {
    await expect(read(yaml)).rejects.toThrow(words);
  });
});
