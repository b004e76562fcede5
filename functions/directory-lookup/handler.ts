import * as z from 'zod/mini';
import { DomainError } from '../../shared/domain/errors.ts';
import { parseSourceId, type SourceId } from '../../shared/domain/identity.ts';
import type { Lookup } from '../../shared/domain/lookup.ts';
import { messageHandler, type MessageHandler } from '../../shared/http/message-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import type { DeadLetters } from '../../shared/ports/dead-letters.ts';
import type { VendorDirectory } from '../../shared/ports/directory-lookup.ts';
import { lookUp, type LookUpDeps } from '../../shared/use-cases/look-up.ts';
import { readBy } from '../../shared/read-by.ts';

export interface DirectoryLookupDeps extends LookUpDeps, Observability {
  readonly deadLetters: DeadLetters;
  /** The vendors' directories, by source. */
  readonly directories: ReadonlyMap<SourceId, VendorDirectory>;
}

/** So that the function ends before Lambda ends it, and the message comes again. */
const LONGEST_MILLISECONDS = 45_000;

const message = z.strictObject({
  source: readBy(parseSourceId, 'is no source'),
  directoryId: z.string().check(z.minLength(1), z.maxLength(128)),
  eventId: z.string().check(z.minLength(1), z.maxLength(512)),
  eventTime: z.int().check(z.gte(0)),
  bodySha256Hex: z.string(),
  receivedAt: z.int().check(z.gte(0)),
  means: z.optional(z.enum(['left', 'suspended', 'returned'])),
});

/** Asks vendors' directories about events that hold no values. What is not answered comes again for a day. */
export const directoryLookupHandler = (deps: DirectoryLookupDeps): MessageHandler =>
  messageHandler(deps, async (sent, tries) => {
    const { means, ...rest } = message.parse(sent);
    const lookup: Lookup = { ...rest, ...(means === undefined ? {} : { means }) };
    const directory = deps.directories.get(lookup.source);
    if (directory === undefined) {
      throw new DomainError('sourceNotFound', "this source's directory is asked no longer");
    }
    const signal = AbortSignal.timeout(LONGEST_MILLISECONDS);
    const { outcome } = await lookUp(deps, lookup, { directory, tries, signal });
    deps.logger.info('directory asked', { source: lookup.source, eventId: lookup.eventId, outcome });
  });
