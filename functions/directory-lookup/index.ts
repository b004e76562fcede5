import {
  calendarSlice,
  deadLettersSlice,
  lookupSecretsSlice,
  lookupsSlice,
  mappingsSlice,
  sourcesSlice,
} from '../../shared/config.ts';
import { webhookSources } from '../../shared/http/webhooks/configured.ts';
import { lookupSources } from '../../shared/http/webhooks/lookup-sources.ts';
import * as compose from '../composition.ts';
import { directoryLookupHandler } from './handler.ts';

const config = compose.configure({
  ...compose.RECEIVING,
  sources: sourcesSlice,
  mappings: mappingsSlice,
  lookups: lookupsSlice,
  secrets: lookupSecretsSlice,
  deadLetters: deadLettersSlice,
  calendar: calendarSlice,
});
const observed = compose.observability();
const store = compose.table(config.table, observed);
const declared = webhookSources(config.sources.declarations, config.mappings.mappingsJson);

export const handler = directoryLookupHandler({
  ...compose.receiving(config, store, observed),
  directories: compose.vendorDirectories(
    lookupSources(declared, config.lookups.lookups),
    config.secrets,
    config.calendar,
  ),
  lookups: compose.lookups(store),
  deadLetters: compose.deadLetters(config.deadLetters),
});
