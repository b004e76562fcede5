import {
  accessSlice,
  breakGlassSlice,
  directoryKindSlice,
  claimsSlice,
  sourcesSlice,
  surgeSlice,
  tableSlice,
} from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { adminReadHandler } from './handler.ts';

const config = compose.configure({
  table: tableSlice,
  claims: claimsSlice,
  access: accessSlice,
  sources: sourcesSlice,
  surge: surgeSlice,
  breakGlass: breakGlassSlice,
  directory: directoryKindSlice,
});
const observed = compose.observability();
const store = compose.table(config.table, observed);

export const handler = adminReadHandler({
  ...observed,
  claims: config.claims,
  access: config.access,
  clock: compose.clock(),
  people: compose.people(store),
  certificates: compose.certificates(store),
  offboardings: compose.offboardings(store),
  endpoints: compose.endpoints(store),
  auditStore: compose.auditStore(store),
  exports: compose.exportStore(store),
  revocations: compose.revocations(store),
  surges: compose.surges(store),
  surgePolicy: config.surge,
  breakGlass: config.breakGlass.breakGlass,
  aliasKindOf: compose.knownSources(config.sources, config.directory),
  reconciliations: compose.reconciliations(store),
  hasDirectory: config.directory.hasDirectory,
});
