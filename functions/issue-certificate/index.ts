import { nodeKeyPairs } from '../../shared/adapters/node-key-pairs.ts';
import {
  accessSlice,
  authoritySlice,
  claimsSlice,
  enrolmentSlice,
  profileSlice,
  sourcesSlice,
  tableSlice,
} from '../../shared/config.ts';
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
  signer,
  table,
} from '../composition.ts';
import { issueCertificateHandler } from './handler.ts';

const config = configure({
  table: tableSlice,
  claims: claimsSlice,
  access: accessSlice,
  enrolment: enrolmentSlice,
  authority: authoritySlice,
  profile: profileSlice,
  sources: sourcesSlice,
});
const observed = observability();
const store = table(config.table);

export const handler = issueCertificateHandler({
  ...observed,
  ...config.authority,
  ...config.sources,
  claims: config.claims,
  access: config.access,
  enrolment: config.enrolment,
  profile: config.profile,
  audit: audit(observed),
  clock: clock(),
  random,
  keyPairs: nodeKeyPairs,
  signer: signer(),
  people: people(store),
  certificates: certificates(store),
  endpoints: endpoints(store),
  incidents: offboardings(store),
});
