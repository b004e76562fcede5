import * as z from 'zod/mini';
import type { NameMapping } from '../../domain/reconciliation.ts';
import { DirectoryError, type Directory } from '../../ports/directory.ts';
import { getJson, type DirectoryHttpOptions } from './http.ts';
import { keysOf } from './names.ts';

/** The most that Graph gives in an answer. */
const PAGE = 999;

const answer = z.object({
  value: z.array(z.looseObject({ id: z.string(), accountEnabled: z.boolean() })),
  '@odata.nextLink': z.optional(z.string()),
});

export const ENTRA_NAMES: NameMapping = [
  { kind: 'email', attribute: 'mail' },
  { kind: 'email', attribute: 'userPrincipalName' },
  { kind: 'login', attribute: 'userPrincipalName' },
  { kind: 'employeeNumber', attribute: 'employeeId' },
];

/**
 * Entra's directory by Microsoft Graph's list of users. Deleted ones are not in it, and so count as missing.
 *
 * @param url of Graph, `https://graph.microsoft.com/v1.0`
 */
export const entraDirectory = (
  { url, names }: { readonly url: string; readonly names: NameMapping },
  http: Omit<DirectoryHttpOptions, 'signal'>,
): Directory => ({
  async page(cursor, _seen, signal) {
    const first = new URL(`${url.replace(/\/$/, '')}/users`);
    const attributes = names.map(({ attribute }) => attribute.split('.')[0] ?? '');
    first.searchParams.set('$select', [...new Set(['id', 'accountEnabled', ...attributes])].join(','));
    first.searchParams.set('$top', String(PAGE));
    const { body } = await getJson(cursor === undefined ? first : nextOf(cursor, first), { ...http, signal });
    const parsed = answer.safeParse(body);
    if (!parsed.success) throw new DirectoryError('broken', 'Graph answers with what is no list of users');
    const { value, '@odata.nextLink': next } = parsed.data;
    // Judged before it is kept.
    if (next !== undefined) nextOf(next, first);
    return {
      entries: value.map((one) => ({
        standing: one.accountEnabled ? 'active' : 'deactivated',
        keys: keysOf(one, names),
      })),
      ...(next === undefined ? {} : { next }),
    };
  },
});

/** Graph wants its link back whole. It must lead to where we asked: our token goes nowhere else. */
function nextOf(link: string, asked: URL): URL {
  const next = URL.canParse(link) ? new URL(link) : undefined;
  if (next?.origin !== asked.origin || next.pathname !== asked.pathname) {
    throw new DirectoryError('broken', 'Graph names a next page that is elsewhere');
  }
  return next;
}
