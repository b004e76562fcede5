import {
  breakGlassSlice,
  calendarSlice,
  deadLettersSlice,
  queuesSlice,
  sourcesSlice,
  surgeSlice,
  tableSlice,
} from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { leaversFileHandler } from './handler.ts';

const config = compose.configure({
  table: tableSlice,
  sources: sourcesSlice,
  deadLetters: deadLettersSlice,
  queues: queuesSlice,
  surge: surgeSlice,
  calendar: calendarSlice,
  breakGlass: breakGlassSlice,
});
const observed = compose.observability();
const store = compose.table(config.table, observed);

export const handler = leaversFileHandler({
  ...observed,
  source: config.sources.declarations.find(({ scheme }) => scheme === 'leaversFile')?.source,
  aliasKinds: config.sources.requiredAliasKinds,
  files: compose.leaversFiles(),
  deadLetters: compose.deadLetters(config.deadLetters),
  audit: compose.audit(observed),
  clock: compose.clock(),
  random: compose.random,
  wake: compose.wake(config.queues, observed),
  people: compose.people(store),
  offboardings: compose.offboardings(store),
  surges: compose.surges(store),
  surgePolicy: config.surge,
  timeZone: config.calendar.timeZone,
  breakGlass: config.breakGlass.breakGlass,
  endpoints: compose.endpoints(store),
});
