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
  ...compose.receiving(config, store, observed),
  source: config.sources.declarations.find(({ scheme }) => scheme === 'leaversFile')?.source,
  aliasKinds: config.sources.requiredAliasKinds,
  files: compose.leaversFiles(),
  deadLetters: compose.deadLetters(config.deadLetters),
  timeZone: config.calendar.timeZone,
});
