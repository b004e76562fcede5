import { queuesSlice, tableSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { setUpHandler } from './handler.ts';

const config = compose.configure({ table: tableSlice, queues: queuesSlice });
const observed = compose.observability();
const store = compose.table(config.table, observed);
const endpoints = compose.endpoints(store);

export const handler = setUpHandler({
  ...observed,
  audit: compose.audit(observed),
  clock: compose.clock(),
  random: compose.random,
  keyPairs: compose.keyPairs,
  signer: compose.signer(),
  serverCertificates: compose.serverCertificates(),
  vpnEndpoints: compose.vpnEndpoints(compose.ec2(endpoints)),
  deploymentStack: compose.deploymentStack(),
  wake: compose.wake(config.queues, observed),
  endpoints,
  serverCertificateStore: compose.serverCertificateStore(store),
});
