import { gateSlice, homeSlice, tableSlice } from '../../../shared/config.ts';
import * as compose from '../../composition.ts';
import { gateHandler } from '../handler.ts';

/*
 * The gate of an endpoint in another account or Region: the same, but for where its table is. It reads the portal's own
 * table through a role there and never a copy, which would let in who was denied a moment ago.
 */
const config = compose.configure({ table: tableSlice, home: homeSlice, gate: gateSlice });
const observed = compose.observability();

// Two tries each, for the role and for the table; then the gate denies.
export const handler = gateHandler({
  ...observed,
  audit: compose.audit(observed),
  clock: compose.clock(),
  gatePolicy: config.gate,
  gateStore: compose.gateStore(
    compose.tableAtHome({ ...config.table, ...config.home }, observed, {
      attempts: 2,
      timeoutMilliseconds: 1_500,
    }),
  ),
});
