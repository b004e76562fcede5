import { ec2Crl } from '../../shared/adapters/ec2/crl.ts';
import { ec2Endpoints } from '../../shared/adapters/ec2/endpoints.ts';
import { publicationSlice, tableSlice } from '../../shared/config.ts';
import {
  audit,
  certificates,
  clock,
  configure,
  crls,
  ec2,
  endpoints,
  observability,
  offboardings,
  random,
  revocations,
  signer,
  table,
} from '../composition.ts';
import { publisherHandler } from './handler.ts';

const config = configure({ table: tableSlice, publication: publicationSlice });
const observed = observability();
const store = table(config.table);
const client = ec2();

export const handler = publisherHandler({
  ...observed,
  audit: audit(observed),
  clock: clock(),
  random,
  signer: signer(),
  policy: config.publication,
  vpnCrl: ec2Crl({ client }),
  vpnEndpoints: ec2Endpoints({ client }),
  endpoints: endpoints(store),
  crls: crls(store),
  revocations: revocations(store),
  incidents: offboardings(store),
  offboardings: offboardings(store),
  certificates: certificates(store),
});
