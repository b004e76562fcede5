import * as z from 'zod/mini';
import { lastDay } from './planned-offboardings.ts';

/**
 * The payload that a source of the Standard Webhooks scheme sends, as the API's description shows it; it is read by
 * the preset (shared/http/webhooks/presets.ts), and kinds that are not here are ignored. `data` holds the kind of name that the source
 * declared; an HR system may add what it likes beside it.
 */
export const offboardingEventRequest = z
  .object({
    type: z.enum(['person.left', 'person.suspended', 'person.returned']),
    timestamp: z.iso.datetime({ offset: true }),
    data: z
      .object({
        email: z.optional(z.string().check(z.maxLength(254))),
        login: z.optional(z.string().check(z.maxLength(254))),
        employeeNumber: z.optional(z.string().check(z.maxLength(254))),
        lastDay: z.optional(lastDay),
      })
      .register(z.globalRegistry, {
        description: 'The name by which this source knows people; other fields are ignored.',
      }),
  })
  .register(z.globalRegistry, { id: 'OffboardingEvent' });
