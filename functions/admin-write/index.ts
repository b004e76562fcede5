import {
  accessSlice,
  claimsSlice,
  directoryKindSlice,
  calendarSlice,
  sourcesSlice,
} from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { adminWriteHandler } from './handler.ts';

const config = compose.configure({
  ...compose.RECEIVING,
  claims: claimsSlice,
  access: accessSlice,
  sources: sourcesSlice,
  calendar: calendarSlice,
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
