import { accessSlice, claimsSlice, queuesSlice, tableSlice } from '../../shared/config.ts';
import { audit, certificates, clock, configure, observability, table, wake } from '../composition.ts';
import { revokeCertificateHandler } from './handler.ts';

const config = configure({
  table: tableSlice,
  claims: claimsSlice,
  access: accessSlice,
  queues: queuesSlice,
});
const observed = observability();

export const handler = revokeCertificateHandler({
  ...observed,
  claims: config.claims,
  access: config.access,
  audit: audit(observed),
  clock: clock(),
  wake: wake(config.queues, observed),
  certificates: certificates(table(config.table)),
});
