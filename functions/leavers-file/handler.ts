import * as z from 'zod/mini';
import { DomainError } from '../../shared/domain/errors.ts';
import type { SourceId } from '../../shared/domain/identity.ts';
import { LEAVERS_FILE_LIMIT_OCTETS } from '../../shared/domain/leavers-file.ts';
import { messageHandler, type MessageHandler } from '../../shared/http/message-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import type { DeadLetters } from '../../shared/ports/dead-letters.ts';
import { takeLeaversFile, type TakeLeaversFileDeps } from '../../shared/use-cases/take-leavers-file.ts';

export interface LeaversFileDeps extends TakeLeaversFileDeps, Observability {
  readonly deadLetters: DeadLetters;
  /** Whose word the files are; undefined where no source is declared for them. */
  readonly source: SourceId | undefined;
}

/** S3's `Object Created`, as EventBridge brings it. */
const objectCreated = z.looseObject({
  detail: z.looseObject({
    bucket: z.looseObject({ name: z.string().check(z.minLength(1)) }),
    object: z.looseObject({
      key: z.string().check(z.minLength(1)),
      size: z.number(),
      etag: z.string().check(z.minLength(1)),
    }),
  }),
});

/** Somebody put a file of leavers into the bucket. */
export const leaversFileHandler = (deps: LeaversFileDeps): MessageHandler =>
  messageHandler(deps, async (message) => {
    const { bucket, object } = objectCreated.parse(message).detail;
    if (deps.source === undefined) {
      throw new DomainError('sourceNotFound', 'offboardingSources has no source that is leaversFile');
    }
    if (object.size > LEAVERS_FILE_LIMIT_OCTETS) {
      throw new DomainError('bodyTooLarge', 'the file has more than 1 MiB');
    }
    const address = { bucket: bucket.name, key: object.key, etag: object.etag };
    const results = await takeLeaversFile(deps, deps.source, address);
    const outcomes: Record<string, number> = {};
    for (const { outcome } of results) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    deps.logger.info('leavers file carried out', { lines: results.length, outcomes });
  });
