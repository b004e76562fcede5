import { gateSlice, tableSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { gateHandler } from './handler.ts';

const config = compose.configure({ table: tableSlice, gate: gateSlice });
const observed = compose.observability();

// Two tries of one second, then the gate denies: the endpoint's user waits for the answer.
export const handler = gateHandler({
  ...observed,
  audit: compose.audit(observed),
  clock: compose.clock(),
  gatePolicy: config.gate,
  gateStore: compose.gateStore(
    compose.table(config.table, observed, { attempts: 2, timeoutMilliseconds: 1_000 }),
  ),
});
