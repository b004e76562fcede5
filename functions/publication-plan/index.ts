import { accessSlice, claimsSlice, publicationSlice, tableSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { publicationPlanHandler } from './handler.ts';

const config = compose.configure({
  table: tableSlice,
  claims: claimsSlice,
  access: accessSlice,
  publication: publicationSlice,
});
const observed = compose.observability();
const store = compose.table(config.table, observed);
const endpoints = compose.endpoints(store);

export const handler = publicationPlanHandler({
  ...observed,
  claims: config.claims,
  access: config.access,
  policy: config.publication,
  clock: compose.clock(),
  people: compose.people(store),
  certificates: compose.certificates(store),
  offboardings: compose.offboardings(store),
  endpoints,
  revocations: compose.revocations(store),
  crls: compose.crls(store),
  vpnCrl: compose.vpnCrl(endpoints),
  vpnEndpoints: compose.vpnEndpoints(compose.ec2(endpoints)),
});
