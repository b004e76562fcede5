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
  ...compose.receiving(config, store, observed),
  claims: config.claims,
  access: config.access,
  certificates: compose.certificates(store),
  aliasKindOf: compose.knownSources(config.sources, config.directory),
  reconciliations: compose.reconciliations(store),
  hasDirectory: config.directory.hasDirectory,
  timeZone: config.calendar.timeZone,
});
