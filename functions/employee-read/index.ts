import { accessSlice, claimsSlice, enrolmentSlice, sourcesSlice, tableSlice } from '../../shared/config.ts';
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
} from '../composition.ts';
import { employeeReadHandler } from './handler.ts';

const config = configure({
  table: tableSlice,
  claims: claimsSlice,
  access: accessSlice,
  enrolment: enrolmentSlice,
  sources: sourcesSlice,
});
const observed = observability();
const store = table(config.table);

export const handler = employeeReadHandler({
  ...observed,
  ...config.sources,
  claims: config.claims,
  access: config.access,
  enrolment: config.enrolment,
  audit: audit(observed),
  clock: clock(),
  random,
  people: people(store),
  certificates: certificates(store),
  endpoints: endpoints(store),
  incidents: offboardings(store),
});
