import { accessSlice, claimsSlice, queuesSlice, tableSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { revokeCertificateHandler } from './handler.ts';

const config = compose.configure({
  table: tableSlice,
  claims: claimsSlice,
  access: accessSlice,
  queues: queuesSlice,
});
const observed = compose.observability();
const store = compose.table(config.table, observed);

export const handler = revokeCertificateHandler({
  ...observed,
  claims: config.claims,
  access: config.access,
  audit: compose.audit(observed),
  clock: compose.clock(),
  wake: compose.wake(config.queues, observed),
  certificates: compose.certificates(store),
  endpoints: compose.endpoints(store),
});
