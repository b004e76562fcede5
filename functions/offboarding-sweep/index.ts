import { breakGlassSlice, queuesSlice, surgeSlice, tableSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { offboardingSweepHandler } from './handler.ts';

const config = compose.configure({
  table: tableSlice,
  queues: queuesSlice,
  surge: surgeSlice,
  breakGlass: breakGlassSlice,
});
const observed = compose.observability();
const store = compose.table(config.table, observed);

export const handler = offboardingSweepHandler({
  ...observed,
  audit: compose.audit(observed),
  clock: compose.clock(),
  random: compose.random,
  wake: compose.wake(config.queues, observed),
  people: compose.people(store),
  certificates: compose.certificates(store),
  revocations: compose.revocations(store),
  endpoints: compose.endpoints(store),
  offboardings: compose.offboardings(store),
  surges: compose.surges(store),
  surgePolicy: config.surge,
  breakGlass: config.breakGlass.breakGlass,
});
