import { CLOUD_EVENT, oktaEvents, PERSON_RULES } from './shared-mappings.ts';
import type { SchemeName } from './scheme-names.ts';
import type { WrittenScheme } from './scheme.ts';

/*
 * How each sender signs, and where things are in what it sends. A new one is a row here and its golden requests in
 * test/vectors/webhooks/<name>, with their origin. What is not confirmed stands in docs/sources.md.
 */

const NAMES = { email: 'data.email', login: 'data.login', employeeNumber: 'data.employeeNumber' } as const;

/** Okta waits three seconds and may never come again, Personio three. */
const WITHIN_MILLISECONDS = 2_200;

export const PRESETS: Readonly<Record<SchemeName, WrittenScheme>> = {
  // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
  standardWebhooks: {
    authentication: {
      kind: 'hmac',
      algorithm: 'sha256',
      header: 'webhook-signature',
      encoding: 'base64',
      prefix: 'v1,',
      separator: ' ',
      signed: '{header:webhook-id}.{header:webhook-timestamp}.{body}',
      secretForm: 'whsec',
      timestamp: { header: 'webhook-timestamp' },
    },
    events: {
      type: 'type',
      rules: PERSON_RULES.slice(0, 3),
      eventId: { header: 'webhook-id' },
      eventTime: 'timestamp',
      strictTime: true,
      person: NAMES,
      lastDay: 'data.lastDay',
    },
    // The signature covers the body and not the headers that a binary CloudEvent is in.
    cloudEvents: { binary: false, events: CLOUD_EVENT },
  },
  // https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md section 3.1: a bearer token.
  cloudEvents: {
    authentication: { kind: 'token', header: 'authorization', prefix: 'Bearer ' },
    handshake: { kind: 'webHookOrigin', mostPerMinute: 600 },
    events: CLOUD_EVENT,
    cloudEvents: { binary: true },
  },
  // https://developer.okta.com/docs/concepts/event-hooks/
  okta: {
    authentication: { kind: 'token', header: 'authorization' },
    handshake: { kind: 'challenge', header: 'x-okta-verification-challenge', member: 'verification' },
    events: { list: 'data.events', ...oktaEvents('data.events') },
    answerWithinMilliseconds: WITHIN_MILLISECONDS,
  },
  // https://documentation.bamboohr.com/docs/webhooks and /docs/event-based-webhooks
  bamboohr: {
    authentication: {
      kind: 'hmac',
      algorithm: 'sha256',
      header: 'x-bamboohr-signature',
      encoding: 'hex',
      signed: '{body}{header:x-bamboohr-timestamp}',
      // It tries again after 5, 10, 20, 40 and 80 minutes, and may not sign anew.
      timestamp: { header: 'x-bamboohr-timestamp', pastSeconds: 10_800 },
    },
    events: {
      list: 'employees',
      type: ['type', 'employees.action'],
      typeOtherwise: 'employee.updated',
      rules: [
        { type: 'employee.updated', means: 'changed' },
        { type: 'Updated', means: 'changed' },
        { type: 'employee.deleted', means: 'left' },
        { type: 'Deleted', means: 'left' },
      ],
      eventTime: 'timestamp',
      directoryId: ['data.employeeId', 'employees.id'],
    },
    directory: {
      path: '/employees/{id}?fields=status,workEmail,employeeNumber,terminationDate&onlyCurrent=false',
      id: 'id',
      authorization: 'basicUser',
      status: 'status',
      statuses: { Active: 'returned', Inactive: 'left' },
      person: { email: 'workEmail', login: 'workEmail', employeeNumber: 'employeeNumber' },
      lastDay: 'terminationDate',
    },
  },
  // https://apidocs.hibob.com/docs/working-with-webhooks
  hibob: {
    authentication: {
      kind: 'hmac',
      algorithm: 'sha512',
      header: 'bob-signature',
      encoding: 'base64',
      signed: '{body}',
    },
    handshake: { kind: 'ping', bodies: ['Ping test', '"Ping test"', '{"text":"Ping test"}'] },
    events: {
      type: 'type',
      rules: [
        { type: 'employee.left', means: 'left' },
        { type: 'employee.deleted', means: 'left' },
        // On leave or terminated: held, and the other event says which.
        { type: 'employee.inactivated', means: 'suspended' },
        { type: 'employee.activated', means: 'returned' },
        { type: 'employee.joined', means: 'returned' },
      ],
      eventTime: 'triggeredAt',
      person: { email: ['data.email', 'employee.email'], login: ['data.email', 'employee.email'] },
      directoryId: ['data.employeeId', 'data.id', 'employee.id'],
    },
    directory: {
      path: '/people/{id}',
      id: 'id',
      authorization: 'basic',
      status: ['internal.lifecycleStatus', 'internal.status'],
      statuses: { employed: 'returned', terminated: 'left', 'garden leave': 'left', leave: 'suspended' },
      person: { email: 'email', login: 'email', employeeNumber: 'work.employeeIdInCompany' },
    },
  },
  // https://developer.deel.com/docs/webhooks-get-started
  deel: {
    authentication: {
      kind: 'hmac',
      algorithm: 'sha256',
      header: 'x-deel-signature',
      encoding: 'hex',
      signed: 'POST{body}',
    },
    events: {
      list: 'data.resource',
      type: 'data.meta.event_type',
      rules: [
        { type: 'contract.terminated', means: 'left' },
        {
          type: 'contract.status.updated',
          when: { 'data.resource.status': ['terminated', 'cancelled', 'completed'] },
          means: 'left',
        },
      ],
      eventId: { join: ['data.meta.event_id'] },
      eventTime: ['data.meta.occurred_at', 'timestamp'],
      person: {
        email: [
          'data.resource.worker.email',
          'data.resource.worker_email',
          'data.resource.invitations.worker_email',
        ],
        login: [
          'data.resource.worker.email',
          'data.resource.worker_email',
          'data.resource.invitations.worker_email',
        ],
        employeeNumber: ['data.resource.worker.id', 'data.resource.external_id'],
      },
      lastDay: ['data.resource.termination_date', 'data.resource.end_date'],
    },
  },
  // https://docs.gusto.com/embedded-payroll/docs/webhooks and /docs/employee-events
  gusto: {
    authentication: {
      kind: 'hmac',
      algorithm: 'sha256',
      header: 'x-gusto-signature',
      encoding: 'hex',
      signed: '{body}',
    },
    // It is what Gusto signs with from then on.
    handshake: { kind: 'verificationToken', member: 'verification_token' },
    events: {
      type: 'event_type',
      rules: [
        // `employee.terminated` says that an end was entered, which may be weeks away; these come when it is there.
        { type: 'employee.termination_effective', means: 'left' },
        { type: 'employee.terminated_effective', means: 'left' },
        { type: 'employee.termination_cancelled', means: 'returned' },
        { type: 'employee.rehire_effective', means: 'returned' },
        { type: 'employee.deleted', means: 'left' },
      ],
      eventId: { join: ['uuid'] },
      eventTime: 'timestamp',
      person: { employeeNumber: 'entity_uuid' },
      directoryId: 'entity_uuid',
    },
    directory: {
      path: '/v1/employees/{id}',
      id: 'uuid',
      authorization: 'bearer',
      person: { email: ['work_email', 'email'], login: ['work_email', 'email'], employeeNumber: 'uuid' },
    },
  },
  // https://developer.personio.de/v2.0/reference/webhooks
  personio: {
    authentication: { kind: 'token', header: 'authorization' },
    events: {
      type: 'event_name',
      rules: [
        { type: 'person.updated', means: 'changed' },
        { type: 'employment.created', means: 'changed' },
        { type: 'employment.updated', means: 'changed' },
        { type: 'employment.deleted', means: 'changed' },
        { type: 'employment.started', means: 'changed' },
        { type: 'employment.terminated', means: 'changed' },
        { type: 'person.deleted', means: 'left' },
      ],
      eventTime: 'occurred_at',
      directoryId: ['payload.person.id', 'payload.person_id', 'payload.id'],
    },
    directory: {
      path: '/v2/persons/{id}',
      // The latest stands first.
      more: { employments: '/v2/persons/{id}/employments?limit=1' },
      id: 'id',
      authorization: 'clientCredentials',
      tokenPath: '/v2/auth/token',
      status: ['employments._data[0].status', 'status'],
      // Who is on leave or begins soon is active, as Personio counts.
      statuses: { ACTIVE: 'returned', LEAVE: 'returned', ONBOARDING: 'returned', INACTIVE: 'left' },
      person: { email: 'email', login: 'email', employeeNumber: 'id' },
      lastDay: [
        'employments._data[0].termination.last_working_date',
        'employments._data[0].termination.termination_date',
        'employments._data[0].employment_end_date',
      ],
    },
    answerWithinMilliseconds: WITHIN_MILLISECONDS,
  },
};
