import { ec2EndpointFactory } from '../../shared/adapters/ec2/endpoint-factory.ts';
import { ec2Endpoints } from '../../shared/adapters/ec2/endpoints.ts';
import { nodeKeyPairs } from '../../shared/adapters/node-key-pairs.ts';
import { authoritySlice, profileSlice, queuesSlice, setUpSlice, tableSlice } from '../../shared/config.ts';
import {
  clock,
  configure,
  ec2,
  endpoints,
  observability,
  random,
  serverCertificates,
  signer,
  table,
  wake,
} from '../composition.ts';
import { setUpHandler } from './handler.ts';

const config = configure({
  table: tableSlice,
  authority: authoritySlice,
  profile: profileSlice,
  queues: queuesSlice,
  setUp: setUpSlice,
});
const observed = observability();
const client = ec2();

export const handler = setUpHandler({
  ...observed,
  request: { ...config.setUp, ...config.authority, organization: config.profile.organization },
  clock: clock(),
  random,
  keyPairs: nodeKeyPairs,
  signer: signer(),
  serverCertificates: serverCertificates(),
  vpnEndpoints: ec2Endpoints({ client }),
  vpnEndpointFactory: ec2EndpointFactory({ client }),
  wake: wake(config.queues, observed),
  endpoints: endpoints(table(config.table)),
});
