import type { WrittenScheme } from './scheme.ts';

/* What several senders have in common. */

type Events = WrittenScheme['events'];

export const PERSON_RULES = [
  { type: 'person.left', means: 'left' },
  { type: 'person.suspended', means: 'suspended' },
  { type: 'person.returned', means: 'returned' },
  { type: '*.person.left', means: 'left' },
  { type: '*.person.suspended', means: 'suspended' },
  { type: '*.person.returned', means: 'returned' },
] as const;

/** CloudEvents 1.0.2: these four are required, and `source` and `id` together name an event. */
export const CLOUD_EVENT = {
  demands: { specversion: '1.0' },
  type: 'type',
  rules: [...PERSON_RULES],
  eventId: { join: ['source', 'id'] },
  eventTime: 'time',
  person: {
    email: ['data.email', 'subject'],
    login: ['data.login', 'subject'],
    employeeNumber: ['data.employeeNumber', 'subject'],
  },
  lastDay: 'data.lastDay',
} satisfies Events;

/**
 * Events of Okta's System Log, as event hooks and log streams carry them.
 *
 * @param at where an event is
 */
export function oktaEvents(at: string): Events {
  const user = `${at}.target[type=User].alternateId`;
  const app = `${at}.target[type=AppInstance].id`;
  // Tried and not done. Where it does not say, it is taken as done.
  const unless = {
    [`${at}.outcome.result`]: ['FAILURE', 'SKIPPED', 'DENY', 'CHALLENGE', 'UNANSWERED', 'ABANDONED'],
  };
  return {
    type: `${at}.eventType`,
    rules: [
      { type: 'user.lifecycle.deactivate', unless, means: 'left' },
      { type: 'user.lifecycle.delete.initiated', unless, means: 'left' },
      { type: 'user.lifecycle.suspend', unless, means: 'suspended' },
      { type: 'user.lifecycle.unsuspend', unless, means: 'returned' },
      { type: 'user.lifecycle.activate', unless, means: 'returned' },
      { type: 'user.lifecycle.reactivate', unless, means: 'returned' },
      // Of the portal's own application alone; of another one it says nothing about the VPN.
      { type: 'application.user_membership.remove', unless, only: app, means: 'left', facet: 'app' },
      { type: 'application.user_membership.add', unless, only: app, means: 'returned', facet: 'app' },
    ],
    eventId: { join: [`${at}.uuid`] },
    eventTime: `${at}.published`,
    // The target, and never the actor, who did it.
    person: { email: user, login: user },
  };
}
