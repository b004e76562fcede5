import { journalSlice, tableSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { journalHandler } from './handler.ts';

const config = compose.configure({ table: tableSlice, journal: journalSlice });
const observed = compose.observability();
const store = compose.table(config.table, observed);

export const handler = journalHandler({
  ...observed,
  audit: compose.audit(observed),
  clock: compose.clock(),
  random: compose.random,
  journal: compose.journalStore(store),
  archive: compose.journalArchive(config.journal),
  certificates: compose.certificates(store),
  people: compose.people(store),
  endpoints: compose.endpoints(store),
  incidents: compose.offboardings(store),
});
