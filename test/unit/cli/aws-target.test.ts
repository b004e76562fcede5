import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awsFailure, awsTarget, callerArn } from '../../../cli/aws/target.ts';
import { Failure } from '../../../cli/failure.ts';
import { worldOf } from '../../../cli/world.ts';
import { startCloud } from '../../../infra/local/cloud/server.ts';
import { fakeMachine } from './fake-world.ts';

const machine = fakeMachine();
afterAll(() => machine.remove());
const world = { ...worldOf(process), env: {}, workingDirectory: machine.directory };
const thrown = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error instanceof Failure ? error.facts : error;
  }
};

describe('where a command that speaks to AWS goes', () => {
  it('is nowhere unless a stage is named or a stack runs here', () => {
    expect(thrown(() => awsTarget(world, { stage: undefined, region: undefined }))).toMatchObject({
      exitCode: 2,
      title: 'No stage is named',
    });
    expect(thrown(() => awsTarget(world, { stage: 'Prod;', region: undefined }))).toMatchObject({
      exitCode: 2,
    });
  });

  it('is the stage on AWS, with what the SDK finds by itself, also while a stack runs here', () => {
    const target = awsTarget(world, { stage: 'prod', region: 'eu-central-1' });
    expect(target).toMatchObject({ words: 'vpn-portal-prod in eu-central-1', stage: 'prod' });
    expect(target.clientOptions('any')).toEqual({ region: 'eu-central-1' });
  });

  it('is the stack of this machine, as a caller that STS names', async () => {
    const cloud = await startCloud();
    const aws = {
      cloudUrl: cloud.url,
      lambdaUrl: 'http://l',
      dynamoDbUrl: 'http://d',
      resources: { Table: 't' },
    };
    mkdirSync(join(machine.directory, '.local'), { recursive: true });
    const running = { apiUrl: 'http://127.0.0.1:1', issuer: 'http://127.0.0.1:2', aws };
    writeFileSync(join(machine.directory, '.local/stack.json'), JSON.stringify({ ports: {}, running }));
    const target = awsTarget(world, { stage: undefined, region: undefined });
    expect(target.clientOptions('dynamodb')).toMatchObject({ endpoint: 'http://d' });
    expect([...(await target.resources())]).toEqual([['Table', 't']]);
    expect(await callerArn(target)).toBe('arn:aws:iam::111122223333:user/local');
    await cloud.close();
    await expect(callerArn(target)).rejects.toMatchObject({ facts: { exitCode: 3 } });
  });
});

it.each([
  ['CredentialsProviderError', '', 'noAwsCredentials'],
  ['Error', 'Region is missing', 'noAwsCredentials'],
  ['AccessDeniedException', '', 'noAwsRight'],
  ['UnauthorizedOperation', '', 'noAwsRight'],
  ['ValidationError', 'Stack with id x does not exist', 'awsRefused'],
])('an error of the SDK is said in words: %s %s is %s', (name, message, code) => {
  const error = Object.assign(new Error(message), { name });
  expect(awsFailure(error, 'the key', 'kms:Sign').facts).toMatchObject({ code });
  if (code === 'noAwsRight') expect(awsFailure(error, 'the key', 'kms:Sign').message).toContain('kms:Sign');
});
