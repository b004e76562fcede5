import * as z from 'zod/mini';
import { eventResultView } from '../event-result.ts';
import { offboardingEventRequest } from '../offboarding-webhook.ts';

import { ok, type Operation } from './operation.ts';

/** Of several events in one request what became of each, in their order. */
const webhookResultView = z.union([eventResultView, z.object({ events: z.array(eventResultView) })]);

const octets = z.string().register(z.globalRegistry, { format: 'binary' });
/** DER, or PEM for who asks for it. */
const binary = (mediaType: string): Operation['success'] => ({
  ...ok(octets),
  mediaTypes: [mediaType, 'application/x-pem-file'],
});

/** What asks for no token. */
export const OPEN_OPERATIONS: readonly Operation[] = [
  {
    operationId: 'receiveOffboardingEvent',
    method: 'POST',
    path: '/v1/offboarding/{source}',
    summary:
      'A source says that somebody left, is suspended, or is back, in the form that it is declared with',
    access: 'signature',
    headers: z.object({
      'webhook-id': z.optional(z.string()),
      'webhook-timestamp': z.optional(z.string()),
      'webhook-signature': z
        .optional(z.string())
        .register(z.globalRegistry, { description: 'Or what its vendor signs with' }),
    }),
    request: offboardingEventRequest,
    success: ok(webhookResultView, 'Written, with what became of it'),
    problems: [
      'malformedRequest',
      'bodyTooLarge',
      'unsupportedMediaType',
      'sourceNotFound',
      'badWebhookSignature',
      'staleWebhook',
      'webhookIdReused',
      'sourceNotConfigured',
      'tryAgain',
    ],
  },
  {
    operationId: 'verifyOffboardingSource',
    method: 'GET',
    path: '/v1/offboarding/{source}',
    summary: 'A source asks before its first event whether we are who we should be (Okta)',
    access: 'public',
    headers: z.object({ 'x-okta-verification-challenge': z.string() }),
    success: ok(z.object({ verification: z.string() })),
    problems: ['malformedRequest', 'notFound', 'sourceNotFound'],
  },
  {
    operationId: 'allowOffboardingSource',
    method: 'OPTIONS',
    path: '/v1/offboarding/{source}',
    summary:
      'A sender of CloudEvents asks before its first event whether it may send any, and how many in a minute',
    access: 'public',
    headers: z.object({
      'webhook-request-origin': z.string(),
      'webhook-request-rate': z.optional(z.string()),
    }),
    success: ok(z.object({}), 'It may: webhook-allowed-origin and webhook-allowed-rate'),
    problems: ['malformedRequest', 'notFound', 'sourceNotFound'],
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
    headers: z.object({
      'If-None-Match': z
        .optional(z.string())
        .register(z.globalRegistry, { description: 'The ETag of the list that the caller has' }),
    }),
    success: {
      ...binary('application/pkix-crl'),
      headers: z.object({
        ETag: z.string().register(z.globalRegistry, { description: 'Another list or form has another one' }),
      }),
    },
    notModified: 'The caller has the current list',
    problems: ['notFound'],
  },
  {
    operationId: 'getOpenApi',
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document',
    access: 'public',
    success: ok(z.object({}).register(z.globalRegistry, { description: 'OpenAPI 3.1' })),
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
