import { calendarSlice, deadLettersSlice, sourcesSlice } from '../../shared/config.ts';
import { busSources } from '../../shared/http/webhooks/bus-schemes.ts';
import * as compose from '../composition.ts';
import { busEventsHandler } from './handler.ts';

const config = compose.configure({
  ...compose.RECEIVING,
  sources: sourcesSlice,
  deadLetters: deadLettersSlice,
  calendar: calendarSlice,
});
const observed = compose.observability();
const store = compose.table(config.table, observed);

export const handler = busEventsHandler({
  ...compose.receiving(config, store, observed),
  busSources: busSources(config.sources.declarations),
  deadLetters: compose.deadLetters(config.deadLetters),
  timeZone: config.calendar.timeZone,
});
