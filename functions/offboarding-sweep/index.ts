import { tableSlice } from '../../shared/config.ts';
import {
  audit,
  certificates,
  clock,
  configure,
  endpoints,
  observability,
  offboardings,
  revocations,
  table,
} from '../composition.ts';
import { offboardingSweepHandler } from './handler.ts';

const config = configure({ table: tableSlice });
const observed = observability();
const store = table(config.table);

export const handler = offboardingSweepHandler({
  ...observed,
  audit: audit(observed),
  clock: clock(),
  certificates: certificates(store),
  revocations: revocations(store),
  endpoints: endpoints(store),
  offboardings: offboardings(store),
});
