import {
  breakGlassSlice,
  calendarSlice,
  deadLettersSlice,
  queuesSlice,
  sourcesSlice,
  surgeSlice,
  tableSlice,
} from '../../shared/config.ts';
import { busSources } from '../../shared/http/webhooks/bus-schemes.ts';
import * as compose from '../composition.ts';
import { busEventsHandler } from './handler.ts';

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

export const handler = busEventsHandler({
  ...compose.receiving(config, store, observed),
  busSources: busSources(config.sources.declarations),
  deadLetters: compose.deadLetters(config.deadLetters),
  timeZone: config.calendar.timeZone,
});
