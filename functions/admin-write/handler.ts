import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { OffboardingEvent } from '../../shared/domain/offboarding.ts';
import { secondsFrom, SECONDS_PER_HOUR } from '../../shared/domain/time.ts';
import { apiHandler, type ApiHandler, type Route } from '../../shared/http/api-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import {
  adminRevocationRequest,
  aliasOffboardingRequest,
  aliasOrderRequest,
  incidentDecisionRequest,
  parseAlias,
  personOffboardingRequest,
  personOrderRequest,
  publicationRequest,
} from '../../shared/http/api/administration.ts';
import { viewEventResult } from '../../shared/http/api/event-result.ts';
import { readLastDay, viewPlannedOffboarding } from '../../shared/http/api/planned-offboardings.ts';
import { reconciliationRequest, viewWish } from '../../shared/http/api/reconciliation.ts';
import { viewCertificate } from '../../shared/http/api/certificate-views.ts';
import {
  expectationRequest,
  settlementRequest,
  viewExpectation,
  viewSettlement,
} from '../../shared/http/api/sources.ts';
import { callerFrom, personAsking, type ClaimNames } from '../../shared/http/caller.ts';
import { bodyText, idempotencyKey, parseJson, pathParameter } from '../../shared/http/request.ts';
import { json } from '../../shared/http/response.ts';
import type { PersonStore } from '../../shared/ports/person-store.ts';
import type { SurgeStore } from '../../shared/ports/surge-store.ts';
import { cancelPlanned } from '../../shared/use-cases/administration/planned.ts';
import {
  requestReconciliation,
  type RequestReconciliationDeps,
} from '../../shared/use-cases/administration/reconciliation.ts';
import {
  expectLeavers,
  settleSurge,
  type SourcesWriteDeps,
} from '../../shared/use-cases/administration/sources.ts';
import {
  orderForPerson,
  requestPublication,
  resolveIncident,
  revokeAnyCertificate,
  type AdministrationWriteDeps,
  type PersonOrder,
} from '../../shared/use-cases/administration/write.ts';

export interface AdminWriteDeps
  extends AdministrationWriteDeps, SourcesWriteDeps, RequestReconciliationDeps, Observability {
  readonly claims: ClaimNames;
  /** The company's. */
  readonly timeZone: string;
  readonly surges: SurgeStore;
  readonly people: PersonStore;
}

type Kind = OffboardingEvent['kind'];

/** An absent body is an empty one: most orders need no words. */
const orderText = (event: APIGatewayProxyEventV2): string => bodyText(event) || '{}';

export function adminWriteHandler(deps: AdminWriteDeps): ApiHandler {
  return apiHandler(
    deps,
    {
      'POST /v1/admin/people/{personId}/offboarding': personOrder(deps, 'left'),
      'POST /v1/admin/people/{personId}/hold': personOrder(deps, 'suspended'),
      'POST /v1/admin/people/{personId}/reinstatement': personOrder(deps, 'returned'),
      'POST /v1/admin/offboardings': aliasOrder(deps, 'left'),
      'POST /v1/admin/holds': aliasOrder(deps, 'suspended'),
      'POST /v1/admin/certificates/{certificateId}/revocation': async (event) => {
        const caller = callerFrom(event, deps.claims);
        const { reason } = parseJson(adminRevocationRequest, bodyText(event));
        const certificateId = pathParameter(event, 'certificateId');
        const record = await revokeAnyCertificate(deps, { caller, certificateId, reason });
        return json(200, viewCertificate(record, secondsFrom(deps.clock.now())));
      },
      'POST /v1/admin/crl/publication': async (event) => {
        const caller = callerFrom(event, deps.claims);
        const { endpointId } = parseJson(publicationRequest, orderText(event));
        const asked = await requestPublication(deps, {
          caller,
          ...(endpointId === undefined ? {} : { endpointId }),
        });
        return json(202, { endpointIds: asked });
      },
      'POST /v1/admin/incidents/{incidentId}/decision': async (event) => {
        const caller = callerFrom(event, deps.claims);
        const incidentId = pathParameter(event, 'incidentId');
        const { comment, ...rest } = parseJson(incidentDecisionRequest, bodyText(event));
        const decision =
          rest.decision === 'bind'
            ? { kind: rest.decision, personId: rest.personId }
            : { kind: rest.decision };
        const applied = await resolveIncident(deps, {
          caller,
          incidentId,
          decision,
          ...(comment === undefined ? {} : { comment }),
        });
        return json(200, {
          incidentId,
          decision: decision.kind,
          ...(applied && { event: viewEventResult(applied) }),
        });
      },
      'POST /v1/admin/planned-offboardings/{planId}/cancellation': async (event) => {
        const caller = callerFrom(event, deps.claims);
        const plan = await cancelPlanned(deps, caller, pathParameter(event, 'planId'));
        return json(200, viewPlannedOffboarding(plan));
      },
      ...sourceRoutes(deps),
    },
    personAsking(deps.claims),
  );
}

const personOrder =
  (deps: AdminWriteDeps, kind: Kind): Route =>
  async (event) => {
    const caller = callerFrom(event, deps.claims);
    const asked = parseJson(
      kind === 'left' ? personOffboardingRequest : personOrderRequest,
      orderText(event),
    );
    const whom = { personId: pathParameter(event, 'personId') };
    return ordered(deps, { caller, whom, kind, ...optional(event, asked, deps.timeZone) });
  };

const aliasOrder =
  (deps: AdminWriteDeps, kind: Kind): Route =>
  async (event) => {
    const caller = callerFrom(event, deps.claims);
    const asked = parseJson(kind === 'left' ? aliasOffboardingRequest : aliasOrderRequest, bodyText(event));
    const whom = { alias: parseAlias(asked.alias) };
    const eventTime = asked.eventTime === undefined ? {} : { eventTime: Date.parse(asked.eventTime) };
    return ordered(deps, { caller, whom, kind, ...eventTime, ...optional(event, asked, deps.timeZone) });
  };

const ordered = async (deps: AdminWriteDeps, order: PersonOrder): ReturnType<Route> =>
  json(200, viewEventResult(await orderForPerson(deps, order)));

function optional(
  event: APIGatewayProxyEventV2,
  { comment, lastDay }: { readonly comment?: string | undefined; readonly lastDay?: string | undefined },
  timeZone: string,
): Pick<PersonOrder, 'comment' | 'idempotencyKey' | 'lastDay'> {
  const key = idempotencyKey(event);
  const day = readLastDay(lastDay, timeZone, '/lastDay');
  return {
    ...(day === undefined ? {} : { lastDay: day }),
    ...(comment === undefined ? {} : { comment }),
    ...(key === undefined ? {} : { idempotencyKey: key }),
  };
}

const sourceRoutes = (deps: AdminWriteDeps): Readonly<Record<string, Route>> => ({
  'POST /v1/admin/reconciliation': async (event) => {
    const caller = callerFrom(event, deps.claims);
    const { mode, dryRun = false, evenIfMany = false } = parseJson(reconciliationRequest, orderText(event));
    const asked = { ...(mode === undefined ? {} : { mode }), dryRun, evenIfMany };
    return json(202, viewWish(await requestReconciliation(deps, caller, asked)));
  },
  'POST /v1/admin/sources/{source}/settlement': async (event) => {
    const caller = callerFrom(event, deps.claims);
    const { decision, since, comment } = parseJson(settlementRequest, bodyText(event));
    const settlement = await settleSurge(deps, {
      caller,
      source: pathParameter(event, 'source'),
      decision,
      since: Date.parse(since),
      ...(comment === undefined ? {} : { comment }),
    });
    return json(202, viewSettlement(settlement));
  },
  'POST /v1/admin/sources/{source}/expectation': async (event) => {
    const caller = callerFrom(event, deps.claims);
    const { people, forHours } = parseJson(expectationRequest, bodyText(event));
    const source = pathParameter(event, 'source');
    const order = { caller, source, people, forSeconds: forHours * SECONDS_PER_HOUR };
    return json(200, viewExpectation(await expectLeavers(deps, order)));
  },
});
