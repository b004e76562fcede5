import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import { ALIAS_KINDS } from '../../shared/domain/identity.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { secondsFrom } from '../../shared/domain/time.ts';
import { apiHandler, type ApiHandler, type Route } from '../../shared/http/api-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import {
  parseAlias,
  viewEndpoint,
  viewExported,
  viewOffboarding,
  viewPerson,
  viewPersonDetails,
} from '../../shared/http/api/administration.ts';
import { viewFoundIncident, viewIncident } from '../../shared/http/api/incidents.ts';
import { viewPlannedOffboarding } from '../../shared/http/api/planned-offboardings.ts';
import { viewChain } from '../../shared/http/api/audit.ts';
import { viewReconciliation } from '../../shared/http/api/reconciliation.ts';
import { viewSources } from '../../shared/http/api/sources.ts';
import { viewCertificate } from '../../shared/http/api/certificate-views.ts';
import { viewHolders } from '../../shared/http/api/holders.ts';
import { callerFrom, personAsking, type ClaimNames } from '../../shared/http/caller.ts';
import { parseValue, pathParameter } from '../../shared/http/request.ts';
import { json } from '../../shared/http/response.ts';
import type { OffboardingStore } from '../../shared/ports/offboarding-store.ts';
import type { PersonStore } from '../../shared/ports/person-store.ts';
import { listSources, type SourcesReadDeps } from '../../shared/use-cases/administration/sources.ts';
import {
  readReconciliation,
  type ReconciliationReadDeps,
} from '../../shared/use-cases/administration/reconciliation.ts';
import { listPlanned } from '../../shared/use-cases/administration/planned.ts';
import { listAudited, readChain, type AuditReadDeps } from '../../shared/use-cases/administration/audit.ts';
import { listHolders } from '../../shared/use-cases/administration/holders.ts';
import {
  exportCertificates,
  exportOffboardings,
  type ExportDeps,
} from '../../shared/use-cases/administration/export.ts';
import {
  explainCommonName,
  findCertificate,
  findIncident,
  findOffboarding,
  findPerson,
  listEndpoints,
  listIncidents,
  listOpenOffboardings,
  type AdministrationReadDeps,
} from '../../shared/use-cases/administration/read.ts';

export interface AdminReadDeps
  extends
    AdministrationReadDeps,
    AuditReadDeps,
    ExportDeps,
    ReconciliationReadDeps,
    SourcesReadDeps,
    Observability {
  readonly claims: ClaimNames;
  readonly people: PersonStore;
  readonly offboardings: OffboardingStore;
}

const explanationQuery = z.strictObject({
  commonName: z.string().check(z.minLength(1)),
  endpointId: z.optional(z.string()),
  signedInAs: z.optional(z.string().check(z.maxLength(254))),
});
const cursor = z.optional(z.string().check(z.maxLength(64)));
const certificatesQuery = z.strictObject({ endsFrom: z.optional(z.iso.date()), cursor });
const offboardingsQuery = z.strictObject({
  month: z.optional(z.string().check(z.regex(/^\d{4}-(0[1-9]|1[0-2])$/))),
  state: z.optional(z.literal('open')),
  cursor,
});
const pageQuery = z.strictObject({ cursor });
const personQuery = z.strictObject(
  Object.fromEntries(ALIAS_KINDS.map((kind) => [kind, z.optional(z.string().check(z.maxLength(254)))])),
);

const query = <Output>(schema: z.ZodMiniType<Output>, event: APIGatewayProxyEventV2): Output =>
  parseValue(schema, event.queryStringParameters ?? {}, 'the query is not as promised');

export function adminReadHandler(deps: AdminReadDeps): ApiHandler {
  const caller = (event: APIGatewayProxyEventV2) => callerFrom(event, deps.claims);
  const now = (): number => secondsFrom(deps.clock.now());
  return apiHandler(
    deps,
    {
      'GET /v1/admin/people': async (event) => {
        const details = await findPerson(deps, caller(event), { alias: aliasOf(event) });
        return json(200, viewPersonDetails(details, now()));
      },
      'GET /v1/admin/people/{personId}': async (event) => {
        const personId = pathParameter(event, 'personId');
        const details = await findPerson(deps, caller(event), { personId });
        return json(200, viewPersonDetails(details, now()));
      },
      ...listRoutes(deps),
      'GET /v1/admin/certificates/{certificate}': async (event) => {
        const found = await findCertificate(deps, caller(event), pathParameter(event, 'certificate'));
        return json(200, {
          certificate: viewCertificate(found.certificate, now()),
          ...(found.person && { person: viewPerson(found.person) }),
        });
      },
      'GET /v1/admin/explanation': async (event) => {
        const asked = query(explanationQuery, event);
        const { access, certificate, person, ...rest } = await explainCommonName(deps, caller(event), asked);
        return json(200, {
          ...access,
          ...rest,
          ...(certificate && { certificate: viewCertificate(certificate, now()) }),
          ...(person && { person: viewPerson(person) }),
        });
      },
      'GET /v1/admin/offboardings/{offboardingId}': async (event) =>
        json(
          200,
          viewOffboarding(await findOffboarding(deps, caller(event), pathParameter(event, 'offboardingId'))),
        ),
      'GET /v1/admin/incidents': async (event) =>
        json(200, {
          incidents: (await listIncidents(deps, caller(event))).map((incident) => viewIncident(incident)),
        }),
      'GET /v1/admin/incidents/{incidentId}': async (event) =>
        json(
          200,
          viewFoundIncident(await findIncident(deps, caller(event), pathParameter(event, 'incidentId'))),
        ),
      'GET /v1/admin/ca/{caId}/holders': holdersRoute(deps),
      'GET /v1/admin/endpoints': async (event) => {
        const details = await listEndpoints(deps, caller(event));
        return json(200, {
          endpoints: details.map(({ endpoint, ...pending }) => viewEndpoint(endpoint, pending)),
        });
      },
      'GET /v1/admin/sources': async (event) =>
        json(200, viewSources(await listSources(deps, caller(event)))),
    },
    personAsking(deps.claims),
  );
}

/** What grows for years is answered a page at a time. */
function listRoutes(deps: AdminReadDeps): Record<string, Route> {
  return {
    'GET /v1/admin/people/{personId}/audit': async (event) => {
      const personId = pathParameter(event, 'personId');
      const asked = { personId, ...query(pageQuery, event) };
      return json(200, viewChain(await readChain(deps, callerFrom(event, deps.claims), asked)));
    },
    'GET /v1/admin/audit/people': async (event) => {
      const { cursor: after } = query(pageQuery, event);
      return json(200, await listAudited(deps, callerFrom(event, deps.claims), after));
    },
    'GET /v1/admin/certificates': async (event) => {
      const { endsFrom, cursor: after } = query(certificatesQuery, event);
      const { records, ...rest } = await exportCertificates(deps, callerFrom(event, deps.claims), {
        endsFrom: endsFrom === undefined ? undefined : secondsFrom(Date.parse(endsFrom)),
        cursor: after,
      });
      const now = secondsFrom(deps.clock.now());
      return json(200, { certificates: records.map((one) => viewExported(one, now)), ...rest });
    },
    'GET /v1/admin/offboardings': async (event) => {
      const { state, ...asked } = query(offboardingsQuery, event);
      if (state === 'open') {
        const open = await listOpenOffboardings(deps, callerFrom(event, deps.claims));
        return json(200, { offboardings: open.map(viewOffboarding), unreadable: [] });
      }
      const { records, ...rest } = await exportOffboardings(deps, callerFrom(event, deps.claims), asked);
      return json(200, { offboardings: records.map(viewOffboarding), ...rest });
    },
    'GET /v1/admin/reconciliation': async (event) => {
      const { cursor: after } = query(pageQuery, event);
      const report = await readReconciliation(deps, callerFrom(event, deps.claims), after);
      return json(200, viewReconciliation(report));
    },
    'GET /v1/admin/planned-offboardings': async (event) => {
      const { cursor: after } = query(pageQuery, event);
      const { plans, next } = await listPlanned(deps, callerFrom(event, deps.claims), after);
      const planned = plans.map(viewPlannedOffboarding);
      return json(200, { planned, ...(next === undefined ? {} : { nextCursor: next }) });
    },
  };
}

const holdersRoute =
  (deps: AdminReadDeps): Route =>
  async (event) => {
    const caId = pathParameter(event, 'caId');
    const { cursor: after } = query(pageQuery, event);
    const page = await listHolders(deps, callerFrom(event, deps.claims), caId, after);
    return json(200, viewHolders(caId, page, secondsFrom(deps.clock.now())));
  };

/** Exactly one name, for example `?email=alice@example.com`. */
function aliasOf(event: APIGatewayProxyEventV2): ReturnType<typeof parseAlias> {
  const names = query(personQuery, event);
  const given = ALIAS_KINDS.flatMap((kind) => {
    const value = names[kind];
    return value === undefined ? [] : [{ kind, value }];
  });
  const [only] = given;
  if (only === undefined || given.length > 1) {
    throw new DomainError('malformedRequest', `ask by exactly one of ${ALIAS_KINDS.join(', ')}`);
  }
  return parseAlias(only);
}
