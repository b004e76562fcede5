import {
  accessSlice,
  claimsSlice,
  queuesSlice,
  tableSlice,
  breakGlassSlice,
  directoryKindSlice,
  calendarSlice,
  sourcesSlice,
  surgeSlice,
} from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { adminWriteHandler } from './handler.ts';

const config = compose.configure({
  table: tableSlice,
  claims: claimsSlice,
  access: accessSlice,
  queues: queuesSlice,
  sources: sourcesSlice,
  surge: surgeSlice,
  calendar: calendarSlice,
  breakGlass: breakGlassSlice,
  directory: directoryKindSlice,
});
const observed = compose.observability();
const store = compose.table(config.table, observed);

export const handler = adminWriteHandler({
  ...observed,
  claims: config.claims,
  access: config.access,
  audit: compose.audit(observed),
  clock: compose.clock(),
  random: compose.random,
  wake: compose.wake(config.queues, observed),
  people: compose.people(store),
  certificates: compose.certificates(store),
  offboardings: compose.offboardings(store),
  surges: compose.surges(store),
  aliasKindOf: compose.knownSources(config.sources, config.directory),
  reconciliations: compose.reconciliations(store),
  hasDirectory: config.directory.hasDirectory,
  surgePolicy: config.surge,
  timeZone: config.calendar.timeZone,
  breakGlass: config.breakGlass.breakGlass,
  endpoints: compose.endpoints(store),
});
