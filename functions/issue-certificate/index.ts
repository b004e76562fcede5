import {
  accessSlice,
  claimsSlice,
  enrolmentSlice,
  issuingSlice,
  profileSlice,
  sourcesSlice,
  tableSlice,
} from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { issueCertificateHandler } from './handler.ts';

const config = compose.configure({
  table: tableSlice,
  claims: claimsSlice,
  access: accessSlice,
  enrolment: enrolmentSlice,
  issuing: issuingSlice,
  profile: profileSlice,
  sources: sourcesSlice,
});
const observed = compose.observability();
const store = compose.table(config.table, observed);

export const handler = issueCertificateHandler({
  ...observed,
  ...config.issuing,
  ...config.sources,
  claims: config.claims,
  access: config.access,
  enrolment: config.enrolment,
  profile: config.profile,
  audit: compose.audit(observed),
  clock: compose.clock(),
  random: compose.random,
  keyPairs: compose.keyPairs,
  signer: compose.signer(),
  people: compose.people(store),
  certificates: compose.certificates(store),
  endpoints: compose.endpoints(store),
  incidents: compose.offboardings(store),
});
