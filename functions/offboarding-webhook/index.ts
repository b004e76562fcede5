import {
  lookupQueueSlice,
  lookupsSlice,
  mappingsSlice,
  sourceSecretsSlice,
  sourceVerificationsSlice,
  sourcesSlice,
  calendarSlice,
} from '../../shared/config.ts';
import { webhookSources } from '../../shared/http/webhooks/configured.ts';
import { lookupSources } from '../../shared/http/webhooks/lookup-sources.ts';
import * as compose from '../composition.ts';
import { offboardingWebhookHandler } from './handler.ts';

const config = compose.configure({
  ...compose.RECEIVING,
  sources: sourcesSlice,
  mappings: mappingsSlice,
  lookups: lookupsSlice,
  lookupQueue: lookupQueueSlice,
  secrets: sourceSecretsSlice,
  verifications: sourceVerificationsSlice,
  calendar: calendarSlice,
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
