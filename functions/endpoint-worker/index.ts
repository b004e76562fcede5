import { tableSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { endpointWorkerHandler } from './handler.ts';

const config = compose.configure({ table: tableSlice });
const observed = compose.observability();
const store = compose.table(config.table, observed);
const endpoints = compose.endpoints(store);

export const handler = endpointWorkerHandler({
  ...observed,
  audit: compose.audit(observed),
  clock: compose.clock(),
  connections: compose.vpnConnections(compose.ec2(endpoints)),
  gateStore: compose.gateStore(store),
  certificates: compose.certificates(store),
  offboardings: compose.offboardings(store),
  endpoints,
});
