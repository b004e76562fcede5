import * as z from 'zod/mini';
import { parseSourceId, type SourceId } from '../domain/identity.ts';
import { isSafeAddress } from '../domain/safe-address.ts';
import { slice, text, words } from './slice.ts';

interface LookupPlace {
  readonly source: SourceId;
  readonly url: string;
}

function placeFrom(word: string): LookupPlace | undefined {
  const [, name = '', url = ''] = /^([^=]*)=(.*)$/.exec(word) ?? [];
  const source = parseSourceId(name);
  return source === undefined || !isSafeAddress(url) ? undefined : { source, url };
}

const place = z
  .string()
  .check(
    z.refine(
      (word) => placeFrom(word) !== undefined,
      "<source>=<https address of the vendor's API>, with spaces between",
    ),
  );

const places = z.pipe(
  z.pipe(z.string(), z.transform(words)),
  z.pipe(
    z
      .array(place)
      .check(
        z.refine(
          (list) => new Set(list.map((word) => placeFrom(word)?.source)).size === list.length,
          'each source once',
        ),
      ),
    z.transform(
      (list): ReadonlyMap<SourceId, string> =>
        new Map(
          list
            .map(placeFrom)
            .filter((one) => one !== undefined)
            .map(({ source, url }) => [source, url]),
        ),
    ),
  ),
);

/** `people=https://api.personio.de bamboo=https://…/v1`: the sources whose vendor's directory is asked, and where it is. */
export const lookupsSlice = slice({ DIRECTORY_LOOKUPS: places }, (env) => ({
  lookups: env.DIRECTORY_LOOKUPS,
}));

/** Where look-ups wait. */
export const lookupQueueSlice = slice({ LOOKUP_QUEUE_URL: z.url() }, (env) => ({
  lookupQueueUrl: env.LOOKUP_QUEUE_URL,
}));

/** What vendors are shown. */
export const lookupSecretsSlice = slice({ LOOKUP_SECRETS_ARN: text }, (env) => ({
  secretId: env.LOOKUP_SECRETS_ARN,
}));
