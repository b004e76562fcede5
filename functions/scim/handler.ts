import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { DomainError } from '../../shared/domain/errors.ts';
import { SCIM } from '../../shared/domain/identity.ts';
import { parseFilter } from '../../shared/domain/scim/filter.ts';
import { applyPatch, operationsFrom } from '../../shared/domain/scim/patch.ts';
import { attributesFrom } from '../../shared/domain/scim/resource.ts';
import { apiHandler, type ApiHandler, type Route } from '../../shared/http/api-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import { pathParameter } from '../../shared/http/request.ts';
import { assertBearer } from '../../shared/http/scim/bearer.ts';
import { RESOURCE_TYPES, SCHEMAS, SERVICE_PROVIDER_CONFIG } from '../../shared/http/scim/discovery.ts';
import { scimErrorAnswer } from '../../shared/http/scim/error.ts';
import {
  ifMatch,
  isKnownVersion,
  listView,
  pageAnswer,
  pagingOf,
  scimBody,
  scimJson,
  userAnswer,
} from '../../shared/http/scim/resource.ts';
import type { BearerTokens } from '../../shared/ports/bearer-tokens.ts';
import { getScimUser, listScimUsers } from '../../shared/use-cases/scim/find-users.ts';
import {
  changeScimUser,
  createScimUser,
  deleteScimUser,
  type ScimWriteDeps,
} from '../../shared/use-cases/scim/write-user.ts';

export interface ScimDeps extends ScimWriteDeps, Observability {
  readonly scimTokens: BearerTokens;
}

const idOf = (event: APIGatewayProxyEventV2): string => pathParameter(event, 'id');

const nothing = (): never => {
  throw new DomainError('notFound', 'there is nothing here');
};

/** One of a list, by the id in the path. @throws DomainError notFound */
const oneOf = (all: readonly { readonly id: string }[]): Route => {
  return async (event) => scimJson(200, all.find(({ id }) => id === idOf(event)) ?? nothing());
};

/** Users as an identity provider provisions them (RFC 7644). 2xx means that what follows from it is written. */
export const scimHandler = (deps: ScimDeps): ApiHandler => {
  const routes: Readonly<Record<string, Route>> = {
    'GET /scim/v2/ServiceProviderConfig': async () => scimJson(200, SERVICE_PROVIDER_CONFIG),
    'GET /scim/v2/ResourceTypes': async () => scimJson(200, listView(RESOURCE_TYPES)),
    'GET /scim/v2/ResourceTypes/{id}': oneOf(RESOURCE_TYPES),
    'GET /scim/v2/Schemas': async () => scimJson(200, listView(SCHEMAS)),
    'GET /scim/v2/Schemas/{id}': oneOf(SCHEMAS),
    'GET /scim/v2/Users': async (event) => {
      const filter = event.queryStringParameters?.['filter'];
      return pageAnswer(
        await listScimUsers(deps, filter === undefined ? undefined : parseFilter(filter), pagingOf(event)),
      );
    },
    'POST /scim/v2/Users': async (event) =>
      userAnswer(201, await createScimUser(deps, attributesFrom(scimBody(event)))),
    'GET /scim/v2/Users/{id}': async (event) => {
      const user = await getScimUser(deps, idOf(event));
      return isKnownVersion(event, user) ? { statusCode: 304 } : userAnswer(200, user);
    },
    'PUT /scim/v2/Users/{id}': async (event) => {
      const body = scimBody(event);
      return userAnswer(
        200,
        await changeScimUser(deps, idOf(event), ifMatch(event), (before) => attributesFrom(body, before)),
      );
    },
    'PATCH /scim/v2/Users/{id}': async (event) => {
      const operations = operationsFrom(scimBody(event));
      return userAnswer(
        200,
        await changeScimUser(deps, idOf(event), ifMatch(event), (before) => applyPatch(before, operations)),
      );
    },
    'DELETE /scim/v2/Users/{id}': async (event) => {
      await deleteScimUser(deps, idOf(event), ifMatch(event));
      return { statusCode: 204 };
    },
    // Entra asks before it is told that groups are not provisioned.
    'GET /scim/v2/Groups': async () => scimJson(200, listView([])),
    'ANY /scim/v2/{proxy+}': async () => nothing(),
  };
  const guarded = Object.entries(routes).map(([key, route]): [string, Route] => [
    key,
    async (event) => {
      await assertBearer(event, deps.scimTokens);
      return route(event);
    },
  ]);
  return apiHandler(deps, Object.fromEntries(guarded), () => SCIM, scimErrorAnswer);
};
