import { SQSClient } from '@aws-sdk/client-sqs';
import type { Cloud } from '../../../infra/local/cloud/server.ts';
import { sqsWake } from '../../../shared/adapters/sqs-wake.ts';
import { systemRandom } from '../../../shared/adapters/system-random.ts';
import type { Wake } from '../../../shared/ports/wake.ts';
import { startCloudForClients } from '../../support/cloud-environment.ts';

const ENDPOINT = 'cvpn-endpoint-0123456789abcdef0';

let cloud: Cloud;
let client: SQSClient;
let wake: Wake;
let connections: { url: string; arn: string };
let publication: { url: string; arn: string };

beforeAll(async () => {
  cloud = await startCloudForClients();
  connections = cloud.sqs.ensureQueue({ name: 'connections.fifo', fifo: true, visibilityTimeoutSeconds: 30 });
  publication = cloud.sqs.ensureQueue({ name: 'publication.fifo', fifo: true, visibilityTimeoutSeconds: 30 });
  client = new SQSClient({ maxAttempts: 3 });
  wake = sqsWake({
    client,
    connectionsQueueUrl: connections.url,
    publicationQueueUrl: publication.url,
    randomOctets: systemRandom,
  });
});
afterAll(async () => {
  client.destroy();
  await cloud.close();
});

const takeAll = (arn: string) =>
  cloud.sqs.receive(arn, 10).map((message) => {
    cloud.sqs.delete(arn, message.receiptHandle);
    return message;
  });

describe('sqsWake', () => {
  it('sends each kind of wake to its queue, in the group of its endpoint', async () => {
    await wake.connections(ENDPOINT);
    await wake.publication('cvpn-endpoint-2');
    expect(takeAll(connections.arn)).toEqual([
      expect.objectContaining({
        body: JSON.stringify({ endpointId: ENDPOINT }),
        attributes: expect.objectContaining({ MessageGroupId: ENDPOINT }) as object,
      }),
    ]);
    expect(takeAll(publication.arn).map(({ body }) => body)).toEqual(['{"endpointId":"cvpn-endpoint-2"}']);
  });

  it('loses no wake that comes after the worker began to look', async () => {
    await wake.connections(ENDPOINT);
    const [working] = cloud.sqs.receive(connections.arn, 10);
    await wake.connections(ENDPOINT);
    cloud.sqs.delete(connections.arn, working?.receiptHandle ?? '');
    expect(takeAll(connections.arn)).toHaveLength(1);
  });

  it('wakes once although the answer to the first try was lost', async () => {
    cloud.faults.add({ service: 'sqs', action: 'SendMessage', kind: 'after' });
    await wake.connections(ENDPOINT);
    expect(cloud.faults.pending()).toEqual([]);
    expect(takeAll(connections.arn)).toHaveLength(1);
  });

  it('throws when the queue is not there', async () => {
    const lost = sqsWake({
      client,
      connectionsQueueUrl: connections.url.replace('connections', 'absent'),
      publicationQueueUrl: publication.url,
      randomOctets: systemRandom,
    });
    await expect(lost.connections(ENDPOINT)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });
});
