import type { VendorRecord } from '../../domain/lookup.ts';
import { DirectoryError } from '../../ports/directory.ts';
import type { VendorDirectory } from '../../ports/directory-lookup.ts';
import { getJson, type DirectoryHttpOptions } from './http.ts';

/** What nobody has there. */
const ABSENT = [404, 410];

/**
 * A vendor's directory by its own API: one request for a person, or several whose answers are read as one.
 *
 * Where it is comes from the configuration alone; of an event only the id goes there, escaped, as a part of the path.
 *
 * @param url of the API, behind which come the paths
 * @param path with `{id}`
 * @param more further paths, whose answers stand under their names beside what the first gives
 * @param read makes a record of the answers
 */
export const vendorDirectory = (
  {
    url,
    path,
    more = {},
    read,
  }: {
    readonly url: string;
    readonly path: string;
    readonly more?: Readonly<Record<string, string>>;
    readonly read: (value: unknown, directoryId: string) => VendorRecord;
  },
  http: Omit<DirectoryHttpOptions, 'signal' | 'accept'>,
): VendorDirectory => ({
  async find(directoryId, signal) {
    const ask = async (one: string): Promise<unknown> => {
      const address = addressOf(url, one, directoryId);
      const { body } = await getJson(address, { ...http, accept: 'application/json', signal });
      return body;
    };
    try {
      const first = await ask(path);
      const others: [string, unknown][] = [];
      for (const [name, one] of Object.entries(more)) others.push([name, await ask(one)]);
      const isObject = typeof first === 'object' && first !== null && !Array.isArray(first);
      return read(isObject ? { ...first, ...Object.fromEntries(others) } : first, directoryId);
    } catch (error) {
      if (error instanceof DirectoryError && ABSENT.includes(error.status ?? 0)) return undefined;
      throw error;
    }
  },
});

function addressOf(url: string, path: string, directoryId: string): URL {
  const base = new URL(url);
  const address = new URL(
    `${url.replace(/\/$/, '')}${path.replaceAll('{id}', encodeURIComponent(directoryId))}`,
  );
  // Ids are letters and digits (read-events.ts); one that climbs out of its place is asked of nobody.
  if (
    address.origin !== base.origin ||
    !address.pathname.startsWith(base.pathname) ||
    /^\.{1,2}$/.test(directoryId)
  ) {
    throw new DirectoryError('broken', 'the id leads elsewhere');
  }
  return address;
}
