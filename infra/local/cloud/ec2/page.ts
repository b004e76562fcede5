import { Ec2Error, invalidValue } from './ec2-error.ts';
import type { Query } from './query.ts';

const MIN_RESULTS = 5;
const MAX_RESULTS = 1_000;

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/**
 * One page of a listing. The token names the last item given, so that items that come or go between two calls
 * neither repeat others nor hide them.
 *
 * @param all in the order of their `sequence`, which never changes
 */
export function pageOf<T extends { readonly sequence: number }>(all: readonly T[], query: Query): Page<T> {
  const maxResults = query.integer('MaxResults') ?? MAX_RESULTS;
  if (maxResults < MIN_RESULTS || maxResults > MAX_RESULTS) {
    throw invalidValue(`Value ( ${maxResults} ) for parameter maxResults is invalid. Must be 5 to 1000.`);
  }
  const after = sequenceOf(query.text('NextToken'));
  const rest = all.filter(({ sequence }) => sequence > after);
  const items = rest.slice(0, maxResults);
  const last = items.at(-1);
  if (rest.length <= maxResults || !last) return { items };
  return { items, nextToken: Buffer.from(`after:${last.sequence}`).toString('base64url') };
}

function sequenceOf(token: string | undefined): number {
  if (token === undefined) return -1;
  const found = /^after:(\d+)$/.exec(Buffer.from(token, 'base64url').toString('latin1'))?.[1];
  if (!found) throw new Ec2Error('InvalidNextToken', 'The token is not valid');
  return Number(found);
}
