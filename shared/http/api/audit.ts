import * as z from 'zod/mini';
import { AUDIT_ACTIONS, type AuditEntry, type AuditHead } from '../../domain/audit-entry.ts';
import { parsePersonId } from '../../domain/identity.ts';
import { isoFromMilliseconds } from '../../domain/time.ts';
import type { PersonId } from '../../domain/identity.ts';

const sha256Hex = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const personId = z.string();

const auditEntryView = z
  .object({
    personId,
    sequence: z.int(),
    at: z.iso.datetime(),
    actor: z.string().register(z.globalRegistry, { description: 'A person’s id, a source, or `portal`' }),
    action: z.enum(AUDIT_ACTIONS),
    facts: z.record(z.string(), z.json()),
    previousSha256Hex: sha256Hex,
    sha256Hex: sha256Hex.register(z.globalRegistry, {
      description: 'SHA-256 of the canonical JSON (RFC 8785) of this object without this member',
    }),
  })
  .register(z.globalRegistry, { id: 'AuditEntry' });

export const auditPageView = z
  .object({
    personId,
    head: z.object({ sequence: z.int(), sha256Hex }).register(z.globalRegistry, {
      description: 'Where the chain ends by the word of the person’s own record',
    }),
    entries: z.array(auditEntryView),
    unreadable: z
      .array(z.string())
      .register(z.globalRegistry, { description: 'Places in the chain where there is no entry any more' }),
    nextCursor: z
      .optional(z.string())
      .register(z.globalRegistry, { description: 'Asks for the next page; absent on the last.' }),
  })
  .register(z.globalRegistry, { id: 'AuditChain' });

export const auditedPeopleView = z.object({
  personIds: z.array(personId),
  nextCursor: z
    .optional(z.string())
    .register(z.globalRegistry, { description: 'Asks for the next page; absent on the last.' }),
});

type AuditEntryView = z.infer<typeof auditEntryView>;

export const viewChain = ({
  entries,
  unreadable,
  ...page
}: {
  readonly personId: PersonId;
  readonly head: AuditHead;
  readonly entries: readonly AuditEntry[];
  readonly unreadable: readonly string[];
  readonly nextCursor?: string;
}): z.infer<typeof auditPageView> => ({
  ...page,
  entries: entries.map((entry) => ({
    ...entry,
    at: isoFromMilliseconds(entry.at),
    facts: { ...entry.facts } as AuditEntryView['facts'],
  })),
  unreadable: [...unreadable],
});

/** An entry as it was before it was shown. @returns undefined for what names no person */
export function entryFrom(view: AuditEntryView): AuditEntry | undefined {
  const id = parsePersonId(view.personId);
  return id && { ...view, personId: id, at: Date.parse(view.at), facts: view.facts };
}
