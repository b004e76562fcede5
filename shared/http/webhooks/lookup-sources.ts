import type { SourceId } from '../../domain/identity.ts';
import type { WebhookSource } from './configured.ts';
import type { DirectoryMapping } from './scheme.ts';

/** A source whose vendor's directory is asked. */
export interface LookupSource extends WebhookSource {
  /** Of its API. */
  readonly url: string;
  readonly mapping: DirectoryMapping;
}

/**
 * The sources whose vendor's directory is asked, as `directoryLookups` has them.
 *
 * @throws Error for a source that there is not, or whose vendor has no directory that we know how to ask: a bad deploy
 *   fails when the function is loaded
 */
export function lookupSources(
  sources: ReadonlyMap<SourceId, WebhookSource>,
  lookups: ReadonlyMap<SourceId, string>,
): ReadonlyMap<SourceId, LookupSource> {
  return new Map(
    [...lookups].map(([name, url]) => {
      const source = sources.get(name);
      const mapping = source?.scheme.directory;
      if (source === undefined || mapping === undefined) {
        throw new Error(`directoryLookups names ${name}, which is no source whose directory can be asked`);
      }
      return [name, { ...source, url, mapping }];
    }),
  );
}
