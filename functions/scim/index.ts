import { scimSlice, sourcesSlice } from '../../shared/config.ts';
import { SCIM } from '../../shared/domain/identity.ts';
import * as compose from '../composition.ts';
import { scimHandler } from './handler.ts';

const config = compose.configure({ ...compose.RECEIVING, sources: sourcesSlice, scim: scimSlice });
const observed = compose.observability();
const store = compose.table(config.table, observed);

export const handler = scimHandler({
  ...compose.receiving(config, store, observed),
  scimTokens: compose.bearerTokens({ secretId: config.scim.tokensSecretArn }),
  scimUsers: compose.scimUsers(store),
  scimAliasKind: config.sources.aliasKindOf.get(SCIM),
  requiredAliasKinds: config.sources.requiredAliasKinds,
  scimDeactivation: config.scim.deactivation,
});
