import * as z from 'zod/mini';
import type { ErrorCode } from '../../../domain/errors.ts';
import {
  adminRevocationRequest,
  aliasOffboardingRequest,
  aliasOrderRequest,
  endpointView,
  certificatesPageView,
  offboardingsPageView,
  explanationView,
  foundCertificateView,
  incidentDecisionRequest,
  offboardingView,
  personDetailsView,
  personOffboardingRequest,
  personOrderRequest,
  publicationRequest,
} from '../administration.ts';
import { incidentView } from '../incidents.ts';
import { auditedPeopleView, auditPageView } from '../audit.ts';
import { certificateView } from '../certificates.ts';
import { eventResultView } from '../event-result.ts';
import { holdersView } from '../holders.ts';
import { plannedOffboardingsPageView, plannedOffboardingView } from '../planned-offboardings.ts';
import { publicationPlansView } from '../publication-plans.ts';
import { reconciliationRequest, reconciliationView, reconciliationWishView } from '../reconciliation.ts';
import {
  expectationRequest,
  settlementRequest,
  settlementView,
  sourceExpectationView,
  sourcesView,
} from '../sources.ts';

import { idempotencyHeader, ok, READER, WRITER, type Operation } from './operation.ts';

const PERSON_ORDER: readonly ErrorCode[] = [...WRITER, 'personNotFound', 'webhookIdReused', 'tryAgain'];

const personOrder = (name: string, summary: string): Operation => ({
  operationId: `${name}Person`,
  method: 'POST',
  path: `/v1/admin/people/{personId}/${{ offboard: 'offboarding', hold: 'hold', reinstate: 'reinstatement' }[name]}`,
  summary,
  access: 'administrator',
  headers: idempotencyHeader,
  request: name === 'offboard' ? personOffboardingRequest : personOrderRequest,
  success: ok(eventResultView),
  problems: PERSON_ORDER,
});

const aliasOrder = (name: string, path: string, summary: string): Operation => ({
  operationId: name,
  method: 'POST',
  path,
  summary,
  access: 'administrator',
  headers: idempotencyHeader,
  request: name === 'offboardAlias' ? aliasOffboardingRequest : aliasOrderRequest,
  success: ok(eventResultView),
  problems: PERSON_ORDER,
});

const adminRead = (
  operationId: string,
  path: string,
  summary: string,
  schema: z.ZodMiniType,
  extra: { problems?: readonly ErrorCode[]; query?: z.ZodMiniObject } = {},
): Operation => ({
  operationId,
  method: 'GET',
  path: `/v1/admin/${path}`,
  summary,
  access: 'administrator',
  ...(extra.query && { query: extra.query }),
  success: ok(schema),
  problems: [...READER, ...(extra.problems ?? [])],
});

const optionalText = z.optional(z.string());

/** What administrators call. */
export const ADMINISTRATOR_OPERATIONS: readonly Operation[] = [
  adminRead('findPerson', 'people', 'A person by e-mail, login or employee number', personDetailsView, {
    query: z.object({ email: optionalText, login: optionalText, employeeNumber: optionalText }),
    problems: ['malformedRequest', 'personNotFound'],
  }),
  adminRead('getPerson', 'people/{personId}', 'A person by id', personDetailsView, {
    problems: ['personNotFound'],
  }),
  adminRead(
    'readAudit',
    'people/{personId}/audit',
    'What was written down of a person, each entry bound to the one before it, a page at a time',
    auditPageView,
    { query: z.object({ cursor: optionalText }), problems: ['malformedRequest', 'personNotFound'] },
  ),
  adminRead(
    'listAudited',
    'audit/people',
    'Everybody of whom something was written down',
    auditedPeopleView,
    {
      query: z.object({ cursor: optionalText }),
      problems: ['malformedRequest'],
    },
  ),
  adminRead(
    'listIssuedCertificates',
    'certificates',
    'Every certificate that was issued, a page at a time, those that end first coming first',
    certificatesPageView,
    {
      query: z.object({ endsFrom: z.optional(z.iso.date()), cursor: optionalText }),
      problems: ['malformedRequest'],
    },
  ),
  adminRead(
    'findCertificate',
    'certificates/{certificate}',
    'A certificate by id, serial number (hex or decimal), common name or SHA-256 fingerprint',
    foundCertificateView,
    { problems: ['certificateNotFound'] },
  ),
  adminRead('explain', 'explanation', 'Why a common name would be refused or let in', explanationView, {
    query: z.object({ commonName: z.string(), endpointId: optionalText, signedInAs: optionalText }),
    problems: ['malformedRequest', 'endpointNotFound'],
  }),
  adminRead(
    'listOffboardings',
    'offboardings',
    'The offboardings of a month, a page at a time, or those not finished',
    offboardingsPageView,
    {
      query: z.object({
        month: optionalText,
        state: z.optional(z.literal('open')),
        cursor: optionalText,
      }),
      problems: ['malformedRequest'],
    },
  ),
  adminRead(
    'getOffboarding',
    'offboardings/{offboardingId}',
    'One offboarding with its timeline',
    offboardingView,
    {
      problems: ['offboardingNotFound'],
    },
  ),
  adminRead(
    'listPlannedOffboardings',
    'planned-offboardings',
    'Whose last day lies ahead, a page at a time, those that fall due first coming first',
    plannedOffboardingsPageView,
    { query: z.object({ cursor: optionalText }), problems: ['malformedRequest'] },
  ),
  adminRead('listIncidents', 'incidents', 'Open incidents', z.object({ incidents: z.array(incidentView) })),
  adminRead('getIncident', 'incidents/{incidentId}', 'One incident', incidentView, {
    problems: ['incidentNotFound'],
  }),
  adminRead(
    'listEndpoints',
    'endpoints',
    'The endpoints and the CRL each was seen to hold',
    z.object({ endpoints: z.array(endpointView) }),
  ),
  adminRead(
    'listSources',
    'sources',
    'The sources of events: what each denied lately, its limit, whom a surge holds',
    sourcesView,
  ),
  adminRead(
    'listHolders',
    'ca/{caId}/holders',
    'Who holds a certificate of a CA that is neither revoked nor over, those that end first coming first',
    holdersView,
    { query: z.object({ cursor: optionalText }), problems: ['malformedRequest', 'notFound'] },
  ),
  adminRead(
    'getReconciliation',
    'reconciliation',
    'What the last comparison of those who hold certificates with the directory found, a page at a time',
    reconciliationView,
    { query: z.object({ cursor: optionalText }), problems: ['malformedRequest'] },
  ),
  {
    operationId: 'requestReconciliation',
    method: 'POST',
    path: '/v1/admin/reconciliation',
    summary: 'Compare those who hold certificates with the directory now',
    access: 'administrator',
    request: reconciliationRequest,
    success: {
      status: 202,
      description: 'Asked for; it begins within a minute',
      schema: reconciliationWishView,
    },
    problems: [...WRITER, 'noDirectory'],
  },
  personOrder('offboard', 'End a person’s access: every certificate is revoked'),
  personOrder('hold', 'Hold a person’s access until it is lifted'),
  personOrder('reinstate', 'Lift every denial of a person; unpublished revocations are undone'),
  aliasOrder('offboardAlias', '/v1/admin/offboardings', 'End the access of whoever has a name, known or not'),
  aliasOrder('holdAlias', '/v1/admin/holds', 'Hold the access of whoever has a name, known or not'),
  {
    operationId: 'revokeAnyCertificate',
    method: 'POST',
    path: '/v1/admin/certificates/{certificateId}/revocation',
    summary: 'Revoke one certificate of anybody',
    access: 'administrator',
    request: adminRevocationRequest,
    success: ok(certificateView),
    problems: [
      ...WRITER,
      'certificateNotFound',
      'badRevocationReason',
      'alreadyRevoked',
      'certificateNotActive',
    ],
  },
  {
    operationId: 'cancelPlannedOffboarding',
    method: 'POST',
    path: '/v1/admin/planned-offboardings/{planId}/cancellation',
    summary: 'Take back an offboarding whose day lies ahead',
    access: 'administrator',
    success: ok(plannedOffboardingView),
    problems: [...WRITER, 'planNotFound'],
  },
  {
    operationId: 'requestPublication',
    method: 'POST',
    path: '/v1/admin/crl/publication',
    summary: 'Publish the CRL now; nothing is imported where nothing changed',
    access: 'administrator',
    request: publicationRequest,
    success: {
      status: 202,
      description: 'Asked for; the endpoint’s state shows when it is done',
      schema: z.object({ endpointIds: z.array(z.string()) }),
    },
    problems: [...WRITER, 'endpointNotFound'],
  },
  adminRead(
    'planPublication',
    'crl/publication',
    'What the publisher would do now, and the next list; nothing is signed or imported',
    publicationPlansView,
    { query: z.object({ endpointId: optionalText }), problems: ['malformedRequest', 'endpointNotFound'] },
  ),
  {
    operationId: 'decideIncident',
    method: 'POST',
    path: '/v1/admin/incidents/{incidentId}/decision',
    summary: 'Say whom an event means, or dismiss it',
    access: 'administrator',
    request: incidentDecisionRequest,
    success: ok(
      z.object({
        incidentId: z.string(),
        decision: z.enum(['bind', 'dismiss']),
        event: z
          .optional(eventResultView)
          .register(z.globalRegistry, { description: 'What became of the event' }),
      }),
    ),
    problems: [...WRITER, 'incidentNotFound', 'incidentAlreadyResolved', 'personNotFound', 'tryAgain'],
  },
  {
    operationId: 'settleSurge',
    method: 'POST',
    path: '/v1/admin/sources/{source}/settlement',
    summary: 'Say that a surge of a source is true, or undo all that it said since then',
    access: 'administrator',
    request: settlementRequest,
    success: { status: 202, description: 'Written down; carried out within minutes', schema: settlementView },
    problems: [...WRITER, 'sourceNotFound'],
  },
  {
    operationId: 'expectLeavers',
    method: 'POST',
    path: '/v1/admin/sources/{source}/expectation',
    summary: 'Announce that a source will deny more people than usual',
    access: 'administrator',
    request: expectationRequest,
    success: ok(sourceExpectationView),
    problems: [...WRITER, 'sourceNotFound'],
  },
];
