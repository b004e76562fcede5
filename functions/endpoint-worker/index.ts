import { ec2Connections } from '../../shared/adapters/ec2/connections.ts';
import { tableSlice } from '../../shared/config.ts';
import {
  audit,
  certificates,
  clock,
  configure,
  ec2,
  endpoints,
  gateStore,
  observability,
  offboardings,
  table,
} from '../composition.ts';
import { endpointWorkerHandler } from './handler.ts';

const config = configure({ table: tableSlice });
const observed = observability();
const store = table(config.table);

export const handler = endpointWorkerHandler({
  ...observed,
  audit: audit(observed),
  clock: clock(),
  connections: ec2Connections({ client: ec2() }),
  gateStore: gateStore(store),
  certificates: certificates(store),
  offboardings: offboardings(store),
  endpoints: endpoints(store),
});
