import { queuesSlice, sourceSecretsSlice, sourcesSlice, tableSlice } from '../../shared/config.ts';
import {
  audit,
  clock,
  configure,
  endpoints,
  observability,
  offboardings,
  people,
  random,
  table,
  wake,
  webhookSecrets,
} from '../composition.ts';
import { offboardingWebhookHandler } from './handler.ts';

const config = configure({
  table: tableSlice,
  sources: sourcesSlice,
  secrets: sourceSecretsSlice,
  queues: queuesSlice,
});
const observed = observability();
const store = table(config.table);

export const handler = offboardingWebhookHandler({
  ...observed,
  aliasKindOf: config.sources.aliasKindOf,
  webhookSecrets: webhookSecrets(config.secrets),
  audit: audit(observed),
  clock: clock(),
  random,
  wake: wake(config.queues, observed),
  people: people(store),
  offboardings: offboardings(store),
  endpoints: endpoints(store),
});
