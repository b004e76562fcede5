import { accessSlice, claimsSlice, tableSlice } from '../../shared/config.ts';
import {
  certificates,
  clock,
  configure,
  endpoints,
  observability,
  offboardings,
  people,
  revocations,
  table,
} from '../composition.ts';
import { adminReadHandler } from './handler.ts';

const config = configure({ table: tableSlice, claims: claimsSlice, access: accessSlice });
const store = table(config.table);

export const handler = adminReadHandler({
  ...observability(),
  claims: config.claims,
  access: config.access,
  clock: clock(),
  people: people(store),
  certificates: certificates(store),
  offboardings: offboardings(store),
  endpoints: endpoints(store),
  revocations: revocations(store),
});
