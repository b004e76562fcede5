import * as z from 'zod/mini';
import type { NameMapping } from '../../domain/reconciliation.ts';
import { DirectoryError, type Directory } from '../../ports/directory.ts';
import { getJson, type DirectoryHttpOptions } from './http.ts';
import { keysOf } from './names.ts';

const PAGE = 100;

const answer = z.object({
  totalResults: z.int().check(z.gte(0)),
  // May be left out where nobody is on the page (RFC 7644 section 3.4.2).
  Resources: z.optional(z.array(z.looseObject({ id: z.string(), active: z.optional(z.boolean()) }))),
});

export const SCIM_NAMES: NameMapping = [
  { kind: 'email', attribute: 'emails' },
  { kind: 'login', attribute: 'userName' },
  { kind: 'employeeNumber', attribute: 'employeeNumber' },
];

/**
 * Any directory that serves SCIM 2.0: `GET /Users`, paged by index (RFC 7644 section 3.4.2.4). Who has no `active` is.
 * An answer that stops before its own `totalResults` is broken, and so is one whose total changes while it is read: who
 * is removed moves all others, and somebody between two pages would be in neither.
 *
 * @param url the base address, `https://directory.example.com/scim/v2`
 */
export const scimDirectory = (
  { url, names }: { readonly url: string; readonly names: NameMapping },
  http: Omit<DirectoryHttpOptions, 'signal'>,
): Directory => ({
  async page(cursor, seen, signal) {
    const address = new URL(`${url.replace(/\/$/, '')}/Users`);
    address.searchParams.set('startIndex', String(seen + 1));
    address.searchParams.set('count', String(PAGE));
    const { body } = await getJson(address, { ...http, signal });
    const parsed = answer.safeParse(body);
    if (!parsed.success)
      throw new DirectoryError('broken', 'SCIM answers with what is no ListResponse of users');
    const { totalResults, Resources = [] } = parsed.data;
    if (cursor !== undefined && cursor !== String(totalResults)) {
      throw new DirectoryError('broken', 'SCIM has more or fewer users than when it was asked first');
    }
    const reached = seen + Resources.length;
    if (Resources.length === 0 && reached < totalResults) {
      throw new DirectoryError('broken', `SCIM has ${totalResults} users, and gives no more than ${seen}`);
    }
    return {
      entries: Resources.map((one) => ({
        standing: one.active === false ? 'deactivated' : 'active',
        keys: keysOf(one, names),
      })),
      ...(reached < totalResults ? { next: String(totalResults) } : {}),
    };
  },
});
