import { noticesSlice, tableSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { noticesHandler } from './handler.ts';

const config = compose.configure({ table: tableSlice, notices: noticesSlice });
const observed = compose.observability();
const store = compose.table(config.table, observed);

export const handler = noticesHandler({
  ...observed,
  audit: compose.audit(observed),
  clock: compose.clock(),
  notices: compose.notices(config.notices),
  noticeStore: compose.noticeStore(store),
  certificates: compose.certificates(store),
  people: compose.people(store),
  endpoints: compose.endpoints(store),
  offboardings: compose.offboardings(store),
  revocations: compose.revocations(store),
});
