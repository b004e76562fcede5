import * as z from 'zod/mini';
import type { NameMapping, Standing } from '../../domain/reconciliation.ts';
import { DirectoryError, type Directory } from '../../ports/directory.ts';
import { getJson, type DirectoryHttpOptions } from './http.ts';
import { keysOf } from './names.ts';

/** The most that Okta gives in an answer. */
const PAGE = 200;

const user = z.looseObject({ id: z.string(), status: z.string() });

/** `GET /api/v1/users`: everybody but those that are deprovisioned, who so count as missing. */
export const OKTA_NAMES: NameMapping = [
  { kind: 'email', attribute: 'profile.email' },
  { kind: 'login', attribute: 'profile.login' },
  { kind: 'employeeNumber', attribute: 'profile.employeeNumber' },
];

const standingOf = (status: string): Standing => {
  switch (status) {
    case 'SUSPENDED':
      return 'suspended';
    case 'DEPROVISIONED':
      return 'deactivated';
    // Locked out, with an expired password, not signed in yet: people who are there. A word that is new is no leaver.
    default:
      return 'active';
  }
};

/**
 * Okta's directory by its API, paged by the `next` of Link (RFC 8288).
 *
 * @param url of the organisation, `https://example.okta.com`
 */
export const oktaDirectory = (
  { url, names }: { readonly url: string; readonly names: NameMapping },
  http: Omit<DirectoryHttpOptions, 'signal'>,
): Directory => ({
  async page(cursor, _seen, signal) {
    const address = new URL('/api/v1/users', url);
    address.searchParams.set('limit', String(PAGE));
    if (cursor !== undefined) address.searchParams.set('after', cursor);
    const { body, headers } = await getJson(address, { ...http, signal });
    const users = z.array(user).safeParse(body);
    if (!users.success) throw new DirectoryError('broken', 'Okta answers with what is no list of users');
    const next = cursorOf(headers.get('link') ?? '', address);
    return {
      entries: users.data.map((one) => ({ standing: standingOf(one.status), keys: keysOf(one, names) })),
      ...(next === undefined ? {} : { next }),
    };
  },
});

/** Of the next page's address only the cursor is kept: the credentials go nowhere else. */
function cursorOf(link: string, asked: URL): string | undefined {
  const [, address] = /<([^>]*)>\s*;[^,<]*\brel="?next"?/.exec(link) ?? [];
  if (address === undefined) return undefined;
  const next = URL.canParse(address, asked.href) ? new URL(address, asked.href) : undefined;
  const after = next?.searchParams.get('after') ?? '';
  if (next?.pathname !== asked.pathname || after === '') {
    throw new DirectoryError('broken', 'Okta names a next page that cannot be');
  }
  return after;
}
