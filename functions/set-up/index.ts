import { authoritySlice, profileSlice, queuesSlice, setUpSlice, tableSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { setUpHandler } from './handler.ts';

const config = compose.configure({
  table: tableSlice,
  authority: authoritySlice,
  profile: profileSlice,
  queues: queuesSlice,
  setUp: setUpSlice,
});
const observed = compose.observability();
const client = compose.ec2();

export const handler = setUpHandler({
  ...observed,
  request: { ...config.setUp, ...config.authority, organization: config.profile.organization },
  clock: compose.clock(),
  random: compose.random,
  keyPairs: compose.keyPairs,
  signer: compose.signer(),
  serverCertificates: compose.serverCertificates(),
  vpnEndpoints: compose.vpnEndpoints(client),
  vpnEndpointFactory: compose.vpnEndpointFactory(client),
  wake: compose.wake(config.queues, observed),
  endpoints: compose.endpoints(compose.table(config.table, observed)),
});
