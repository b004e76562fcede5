import {
  lookupQueueSlice,
  lookupsSlice,
  mappingsSlice,
  queuesSlice,
  sourceSecretsSlice,
  sourceVerificationsSlice,
  sourcesSlice,
  tableSlice,
  breakGlassSlice,
  calendarSlice,
  surgeSlice,
} from '../../shared/config.ts';
import { webhookSources } from '../../shared/http/webhooks/configured.ts';
import { lookupSources } from '../../shared/http/webhooks/lookup-sources.ts';
import * as compose from '../composition.ts';
import { offboardingWebhookHandler } from './handler.ts';

const config = compose.configure({
  table: tableSlice,
  sources: sourcesSlice,
  mappings: mappingsSlice,
  lookups: lookupsSlice,
  lookupQueue: lookupQueueSlice,
  secrets: sourceSecretsSlice,
  verifications: sourceVerificationsSlice,
  queues: queuesSlice,
  surge: surgeSlice,
  calendar: calendarSlice,
  breakGlass: breakGlassSlice,
});
const observed = compose.observability();
const store = compose.table(config.table, observed);

const declared = webhookSources(config.sources.declarations, config.mappings.mappingsJson);

export const handler = offboardingWebhookHandler({
  ...compose.receiving(config, store, observed),
  webhookSources: declared,
  lookupSources: new Set(lookupSources(declared, config.lookups.lookups).keys()),
  lookupQueue: compose.lookupQueue(config.lookupQueue),
  webhookSecrets: compose.webhookSecrets(config.secrets),
  sourceVerifications: compose.sourceVerifications(config.verifications),
  timeZone: config.calendar.timeZone,
});
