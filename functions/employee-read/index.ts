import {
  accessSlice,
  claimsSlice,
  enrolmentSlice,
  issuingSlice,
  sourcesSlice,
  tableSlice,
} from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { employeeReadHandler } from './handler.ts';

const config = compose.configure({
  table: tableSlice,
  claims: claimsSlice,
  access: accessSlice,
  enrolment: enrolmentSlice,
  issuing: issuingSlice,
  sources: sourcesSlice,
});
const observed = compose.observability();
const store = compose.table(config.table, observed);

export const handler = employeeReadHandler({
  ...observed,
  ...config.issuing,
  ...config.sources,
  claims: config.claims,
  access: config.access,
  enrolment: config.enrolment,
  audit: compose.audit(observed),
  clock: compose.clock(),
  random: compose.random,
  people: compose.people(store),
  certificates: compose.certificates(store),
  endpoints: compose.endpoints(store),
  incidents: compose.offboardings(store),
});
