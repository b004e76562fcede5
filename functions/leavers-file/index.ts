import { calendarSlice, deadLettersSlice, sourcesSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { leaversFileHandler } from './handler.ts';

const config = compose.configure({
  ...compose.RECEIVING,
  sources: sourcesSlice,
  deadLetters: deadLettersSlice,
  calendar: calendarSlice,
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
