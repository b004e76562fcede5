import * as z from 'zod/mini';
import { apiHandler, type ApiHandler } from '../../shared/http/api-handler.ts';
import { viewPublicationPlan } from '../../shared/http/api/publication-plans.ts';
import { callerFrom, personAsking, type ClaimNames } from '../../shared/http/caller.ts';
import { withoutAttributes, type Observability } from '../../shared/http/observability.ts';
import { parseValue } from '../../shared/http/request.ts';
import { json } from '../../shared/http/response.ts';
import {
  planPublications,
  type PublicationPlansDeps,
} from '../../shared/use-cases/administration/publication-plans.ts';

export interface PublicationPlanDeps extends PublicationPlansDeps, Observability {
  readonly claims: ClaimNames;
}

const planQuery = z.strictObject({ endpointId: z.optional(z.string().check(z.maxLength(64))) });

/** What the publisher would do, read from endpoints and table. It cannot sign, write or import. */
export function publicationPlanHandler(deps: PublicationPlanDeps): ApiHandler {
  return apiHandler(
    deps,
    {
      'GET /v1/admin/crl/publication': async (event) => {
        const query = event.queryStringParameters ?? {};
        const { endpointId } = parseValue(planQuery, query, 'the query is not as promised');
        const found = await planPublications(deps, {
          caller: callerFrom(event, deps.claims),
          ...(endpointId === undefined ? {} : { endpointId }),
        });
        const failed = found.flatMap(({ endpoint, ...rest }) => {
          if (!('failure' in rest)) return [];
          const { endpointId: failedId } = endpoint;
          deps.logger.error('endpoint not planned', {
            endpointId: failedId,
            error: withoutAttributes(rest.failure),
          });
          return [{ endpointId: failedId, words: 'it could not be looked at; the log says why' }];
        });
        return json(200, {
          plans: found.flatMap((one) => ('plan' in one ? [viewPublicationPlan(one.plan)] : [])),
          failed,
        });
      },
    },
    personAsking(deps.claims),
  );
}
