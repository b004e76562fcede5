import type { Context } from 'aws-lambda';
import { publisherHandler } from '../../../functions/publisher/handler.ts';
import { quietObservability } from '../../support/observability.ts';
import { ENDPOINT_ID, newWorld } from '../../support/world.ts';

const context = { awsRequestId: 'r-1', functionName: 'publisher', getRemainingTimeInMillis: () => 300_000 };

describe('the publisher on its schedule', () => {
  it('publishes at every endpoint that answers, says which does not, and fails for an alarm to see', async () => {
    const world = await newWorld();
    const first = await world.stores.endpoints.find(ENDPOINT_ID);
    if (first === undefined) throw new Error('no endpoint');
    // Before and behind the one that answers.
    for (const endpointId of ['cvpn-endpoint-00', 'cvpn-endpoint-ff']) {
      await world.stores.endpoints.add({ ...first, endpointId, region: 'us-east-1' });
    }
    const { export: exported } = world.deps.vpnCrl;
    world.deps.vpnCrl.export = async (endpointId) => {
      if (endpointId !== ENDPOINT_ID) throw new Error('UnauthorizedOperation');
      return exported(endpointId);
    };
    const handler = publisherHandler({ ...quietObservability().observability, ...world.deps });
    await expect(handler({}, context as Context)).rejects.toThrow('not every endpoint');
    expect((await world.stores.endpoints.find(ENDPOINT_ID))?.crl).toMatchObject({ crlNumber: 1 });
    expect(world.vpn.imports).toBe(1);
  });
});
