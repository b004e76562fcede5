import { serverRenewalSlice, tableSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { serverCertificateRenewalHandler } from './handler.ts';

const config = compose.configure({ table: tableSlice, renewal: serverRenewalSlice });
const observed = compose.observability();
const store = compose.table(config.table, observed);

export const handler = serverCertificateRenewalHandler({
  ...observed,
  audit: compose.audit(observed),
  clock: compose.clock(),
  random: compose.random,
  renewal: config.renewal,
  keyPairs: compose.keyPairs,
  signer: compose.signer(),
  serverCertificates: compose.serverCertificates(),
  serverCertificateStore: compose.serverCertificateStore(store),
  endpoints: compose.endpoints(store),
});
