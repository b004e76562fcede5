import { publicationSlice, tableSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { publisherHandler } from './handler.ts';

const config = compose.configure({ table: tableSlice, publication: publicationSlice });
const observed = compose.observability();
const store = compose.table(config.table, observed);
const endpoints = compose.endpoints(store);

export const handler = publisherHandler({
  ...observed,
  audit: compose.audit(observed),
  clock: compose.clock(),
  random: compose.random,
  signer: compose.signer(),
  policy: config.publication,
  vpnCrl: compose.vpnCrl(endpoints),
  vpnEndpoints: compose.vpnEndpoints(compose.ec2(endpoints)),
  endpoints,
  crls: compose.crls(store),
  revocations: compose.revocations(store),
  incidents: compose.offboardings(store),
  offboardings: compose.offboardings(store),
  certificates: compose.certificates(store),
});
