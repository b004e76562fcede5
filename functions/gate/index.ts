import { tableSlice } from '../../shared/config.ts';
import { audit, clock, configure, gateStore, observability, table } from '../composition.ts';
import { gateHandler } from './handler.ts';

const config = configure({ table: tableSlice });
const observed = observability();

// Two tries of one second, then the gate denies: the endpoint's user waits for the answer.
export const handler = gateHandler({
  ...observed,
  audit: audit(observed),
  clock: clock(),
  gateStore: gateStore(table(config.table, { attempts: 2, timeoutMilliseconds: 1_000 })),
});
