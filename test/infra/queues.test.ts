import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readServiceFile } from '../../infra/local/runner/service-file.ts';
import { childOf } from '../../infra/local/runner/yaml.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { resources } = readServiceFile(join(ROOT, 'serverless.yml'), {
  stage: 'local',
  params: { oidcIssuer: 'https://issuer.example' },
});
const queues = Object.entries(resources).filter(([, one]) => childOf(one, 'Type') === 'AWS::SQS::Queue');
const property = (logicalId: string, name: string) =>
  childOf(childOf(resources[logicalId], 'Properties'), name);
const deadLettersOf = (logicalId: string) =>
  childOf(childOf(childOf(property(logicalId, 'RedrivePolicy'), 'deadLetterTargetArn'), 'Fn::GetAtt'), '0');
const working = queues.map(([id]) => id).filter((id) => property(id, 'RedrivePolicy') !== undefined);
const dead = queues.map(([id]) => id).filter((id) => property(id, 'RedrivePolicy') === undefined);

describe('the queues', () => {
  it('have dead-letter queues of their own, one each', () => {
    expect(working.length).toBeGreaterThan(1);
    expect(working.map(deadLettersOf).sort()).toEqual(dead.sort());
  });

  it.each(working)('keep the order of %s in its dead letters: SQS refuses another kind', (logicalId) => {
    const target = deadLettersOf(logicalId);
    if (typeof target !== 'string') throw new Error(`${logicalId} has no dead letters`);
    expect(property(target, 'FifoQueue')).toBe(property(logicalId, 'FifoQueue'));
  });
});
