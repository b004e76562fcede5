import { accessSlice, claimsSlice, queuesSlice, tableSlice } from '../../shared/config.ts';
import {
  audit,
  certificates,
  clock,
  configure,
  endpoints,
  observability,
  offboardings,
  people,
  random,
  table,
  wake,
} from '../composition.ts';
import { adminWriteHandler } from './handler.ts';

const config = configure({
  table: tableSlice,
  claims: claimsSlice,
  access: accessSlice,
  queues: queuesSlice,
});
const observed = observability();
const store = table(config.table);

export const handler = adminWriteHandler({
  ...observed,
  claims: config.claims,
  access: config.access,
  audit: audit(observed),
  clock: clock(),
  random,
  wake: wake(config.queues, observed),
  people: people(store),
  certificates: certificates(store),
  offboardings: offboardings(store),
  endpoints: endpoints(store),
});
