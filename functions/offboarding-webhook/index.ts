import {
  mappingsSlice,
  queuesSlice,
  sourceSecretsSlice,
  sourcesSlice,
  tableSlice,
  breakGlassSlice,
  calendarSlice,
  surgeSlice,
} from '../../shared/config.ts';
import { webhookSources } from '../../shared/http/webhooks/configured.ts';
import * as compose from '../composition.ts';
import { offboardingWebhookHandler } from './handler.ts';

const config = compose.configure({
  table: tableSlice,
  sources: sourcesSlice,
  mappings: mappingsSlice,
  secrets: sourceSecretsSlice,
  queues: queuesSlice,
  surge: surgeSlice,
  calendar: calendarSlice,
  breakGlass: breakGlassSlice,
});
const observed = compose.observability();
const store = compose.table(config.table, observed);

export const handler = offboardingWebhookHandler({
  ...observed,
  webhookSources: webhookSources(config.sources.declarations, config.mappings.mappingsJson),
  webhookSecrets: compose.webhookSecrets(config.secrets),
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
