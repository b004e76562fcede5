import type { ScimUser } from './user.ts';

export interface ScimPage {
  readonly users: readonly ScimUser[];
  readonly totalResults: number;
  readonly startIndex: number;
}

/** RFC 7644 section 3.4.2.4: the first is 1. */
export interface ScimPaging {
  readonly startIndex: number;
  readonly count: number;
}

/** In one page, whatever is asked for. */
export const MOST_RESULTS = 200;
