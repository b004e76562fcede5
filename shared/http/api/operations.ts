import * as z from 'zod';
import type { ErrorCode } from '../../domain/errors.ts';
import {
  adminRevocationRequest,
  aliasOrderRequest,
  endpointView,
  eventResultView,
  certificatesPageView,
  explanationView,
  foundCertificateView,
  incidentDecisionRequest,
  incidentView,
  offboardingsPageView,
  offboardingView,
  personDetailsView,
  personOrderRequest,
  publicationRequest,
} from './administration.ts';
import {
  certificateDetailsView,
  certificateView,
  issuedCertificateView,
  issueRequest,
  meView,
  revocationRequest,
} from './certificates.ts';
import { offboardingEventRequest } from './offboarding-webhook.ts';

/** One call of the API: what serverless.yml routes, the handlers answer and OpenAPI describes. */
export interface Operation {
  readonly operationId: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly summary: string;
  readonly access: 'employee' | 'administrator' | 'signature' | 'public';
  readonly request?: z.ZodType;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly success: {
    readonly status: 200 | 201 | 202;
    readonly description: string;
    readonly schema: z.ZodType;
    /** JSON when absent; of several the caller chooses with Accept. */
    readonly mediaTypes?: readonly string[];
  };
  readonly problems: readonly ErrorCode[];
}

const octets = z.string().meta({ format: 'binary' });
const idempotencyHeader = z.object({
  'Idempotency-Key': z
    .string()
    .optional()
    .meta({ description: 'The same key is the same request, for a day' }),
});
const EMPLOYEE: readonly ErrorCode[] = ['unauthenticated', 'notAllowed'];
const READER: readonly ErrorCode[] = ['unauthenticated', 'notAllowed', 'personDenied', 'aliasUnderReview'];
const WRITER: readonly ErrorCode[] = [
  ...READER,
  'signInTooOld',
  'mfaMissing',
  'malformedRequest',
  'bodyTooLarge',
];
const ENROLMENT: readonly ErrorCode[] = [
  ...EMPLOYEE,
  'signInTooOld',
  'mfaMissing',
  'notEntitled',
  'personDenied',
  'aliasUnderReview',
  'aliasMissing',
  'malformedRequest',
  'bodyTooLarge',
  'badCsr',
  'badSignatureAlgorithm',
  'badPublicKey',
  'publicKeyInUse',
  'idempotencyKeyReused',
  'keyAlreadyDelivered',
  'certificateNotActive',
  'certificateLimitReached',
  'rateLimited',
  'endpointNotFound',
  'tryAgain',
];
const PERSON_ORDER: readonly ErrorCode[] = [...WRITER, 'personNotFound', 'webhookIdReused', 'tryAgain'];

const ok = (schema: z.ZodType, description = 'Done'): Operation['success'] => ({
  status: 200,
  description,
  schema,
});

const personOrder = (name: string, summary: string): Operation => ({
  operationId: `${name}Person`,
  method: 'POST',
  path: `/v1/admin/people/{personId}/${{ offboard: 'offboarding', hold: 'hold', reinstate: 'reinstatement' }[name]}`,
  summary,
  access: 'administrator',
  headers: idempotencyHeader,
  request: personOrderRequest,
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
  request: aliasOrderRequest,
  success: ok(eventResultView),
  problems: PERSON_ORDER,
});

const EMPLOYEE_OPERATIONS: readonly Operation[] = [
  {
    operationId: 'describeMe',
    method: 'GET',
    path: '/v1/me',
    summary: 'Who I am, whether I may enrol and if not why, my quota, certificates and endpoints',
    access: 'employee',
    success: ok(meView),
    problems: EMPLOYEE,
  },
  {
    operationId: 'issueCertificate',
    method: 'POST',
    path: '/v1/certificates',
    summary: 'Get a certificate and profile for a key of mine',
    access: 'employee',
    headers: idempotencyHeader,
    request: issueRequest,
    success: { status: 201, description: 'Issued', schema: issuedCertificateView },
    problems: ENROLMENT,
  },
  {
    operationId: 'listCertificates',
    method: 'GET',
    path: '/v1/certificates',
    summary: 'My certificates, oldest first',
    access: 'employee',
    success: ok(z.object({ certificates: z.array(certificateView) })),
    problems: EMPLOYEE,
  },
  {
    operationId: 'getCertificate',
    method: 'GET',
    path: '/v1/certificates/{certificateId}',
    summary: 'One certificate of mine',
    access: 'employee',
    success: ok(certificateDetailsView),
    problems: [...EMPLOYEE, 'certificateNotFound'],
  },
  {
    operationId: 'getProfile',
    method: 'GET',
    path: '/v1/certificates/{certificateId}/profile',
    summary: 'The OpenVPN profile of one certificate of mine, with a marked place for the key',
    access: 'employee',
    success: { ...ok(z.string()), mediaTypes: ['application/x-openvpn-profile'] },
    problems: [...EMPLOYEE, 'certificateNotFound', 'certificateNotActive', 'endpointNotFound'],
  },
  {
    operationId: 'revokeCertificate',
    method: 'POST',
    path: '/v1/certificates/{certificateId}/revocation',
    summary: 'Revoke one certificate of mine and end its connections',
    access: 'employee',
    request: revocationRequest,
    success: ok(certificateView),
    problems: [
      ...EMPLOYEE,
      'malformedRequest',
      'bodyTooLarge',
      'certificateNotFound',
      'badRevocationReason',
      'alreadyRevoked',
      'certificateNotActive',
    ],
  },
];

const adminRead = (
  operationId: string,
  path: string,
  summary: string,
  schema: z.ZodType,
  extra: { problems?: readonly ErrorCode[]; query?: z.ZodObject } = {},
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

const optionalText = z.string().optional();

const ADMINISTRATOR_OPERATIONS: readonly Operation[] = [
  adminRead('findPerson', 'people', 'A person by e-mail, login or employee number', personDetailsView, {
    query: z.object({ email: optionalText, login: optionalText, employeeNumber: optionalText }),
    problems: ['malformedRequest', 'personNotFound'],
  }),
  adminRead('getPerson', 'people/{personId}', 'A person by id', personDetailsView, {
    problems: ['personNotFound'],
  }),
  adminRead(
    'listIssuedCertificates',
    'certificates',
    'Every certificate that was issued, a page at a time, those that end first coming first',
    certificatesPageView,
    {
      query: z.object({ endsFrom: z.iso.date().optional(), cursor: optionalText }),
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
    query: z.object({ commonName: z.string(), endpointId: optionalText }),
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
        state: z.literal('open').optional(),
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
        event: eventResultView.optional().meta({ description: 'What became of the event' }),
      }),
    ),
    problems: [...WRITER, 'incidentNotFound', 'incidentAlreadyResolved', 'personNotFound', 'tryAgain'],
  },
];

/** DER, or PEM for who asks for it. */
const binary = (mediaType: string): Operation['success'] => ({
  ...ok(octets),
  mediaTypes: [mediaType, 'application/x-pem-file'],
});

const OPEN_OPERATIONS: readonly Operation[] = [
  {
    operationId: 'receiveOffboardingEvent',
    method: 'POST',
    path: '/v1/offboarding/{source}',
    summary: 'A source says that somebody left, is suspended, or is back (Standard Webhooks)',
    access: 'signature',
    headers: z.object({
      'webhook-id': z.string(),
      'webhook-timestamp': z.string(),
      'webhook-signature': z.string(),
    }),
    request: offboardingEventRequest,
    success: ok(eventResultView, 'Written, with what became of it'),
    problems: [
      'malformedRequest',
      'bodyTooLarge',
      'sourceNotFound',
      'badWebhookSignature',
      'staleWebhook',
      'webhookIdReused',
      'sourceNotConfigured',
      'tryAgain',
    ],
  },
  {
    operationId: 'getAuthority',
    method: 'GET',
    path: '/v1/ca/{caId}',
    summary: 'The CA certificate: DER, or PEM for who accepts application/x-pem-file',
    access: 'public',
    success: binary('application/pkix-cert'),
    problems: ['notFound'],
  },
  {
    operationId: 'getCrl',
    method: 'GET',
    path: '/v1/ca/{caId}/crl',
    summary: 'The current CRL: DER, or PEM for who accepts application/x-pem-file',
    access: 'public',
    success: binary('application/pkix-crl'),
    problems: ['notFound'],
  },
  {
    operationId: 'getOpenApi',
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document',
    access: 'public',
    success: ok(z.object({}).meta({ description: 'OpenAPI 3.1' })),
    problems: [],
  },
  {
    operationId: 'getHealth',
    method: 'GET',
    path: '/health',
    summary: 'Alive',
    access: 'public',
    success: ok(z.object({ status: z.literal('ok') })),
    problems: [],
  },
];

export const OPERATIONS: readonly Operation[] = [
  ...EMPLOYEE_OPERATIONS,
  ...ADMINISTRATOR_OPERATIONS,
  ...OPEN_OPERATIONS,
];
