import * as z from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { aliasFrom, type Alias, type AliasKind } from '../../domain/identity.ts';
import type { OffboardingEvent } from '../../domain/offboarding.ts';
import { parseJson } from '../request.ts';

const KINDS = {
  'person.left': 'left',
  'person.suspended': 'suspended',
  'person.returned': 'returned',
} as const;

/**
 * The payload that a source of the Standard Webhooks scheme sends. `data` holds the kind of name that the source
 * declared; an HR system may add what it likes beside it.
 */
export const offboardingEventRequest = z
  .object({
    type: z.enum(Object.keys(KINDS) as [keyof typeof KINDS]),
    timestamp: z.iso.datetime({ offset: true }),
    data: z
      .object({
        email: z.string().max(254).optional(),
        login: z.string().max(254).optional(),
        employeeNumber: z.string().max(254).optional(),
      })
      .meta({ description: 'The name by which this source knows people; other fields are ignored.' }),
  })
  .meta({ id: 'OffboardingEvent' });

/**
 * @param aliasKind the kind of name that the source declared
 * @throws DomainError malformedRequest
 */
export function parseOffboardingEvent(
  body: string,
  aliasKind: AliasKind,
): { kind: OffboardingEvent['kind']; eventTime: number; alias: Alias } {
  const { type, timestamp, data } = parseJson(offboardingEventRequest, body);
  const value = data[aliasKind];
  const alias = value === undefined ? undefined : aliasFrom(aliasKind, value);
  if (alias === undefined) {
    throw new DomainError('malformedRequest', 'the event names nobody', {
      faults: [{ pointer: `/data/${aliasKind}`, detail: `this source names people by ${aliasKind}` }],
    });
  }
  return { kind: KINDS[type], eventTime: Date.parse(timestamp), alias };
}
