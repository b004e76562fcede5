import { DomainError } from '../../../shared/domain/errors.ts';
import type { Invariant } from '../oracle.ts';

export const faultsAreTold: Invariant = {
  number: 8,
  words: 'a bad request gets its code and changes nothing; a fault of ours is never called the caller’s',

  ended: (_oracle, { asked, end, invocation }) => {
    if (end === undefined || end.how === 'died') return undefined;
    if (asked.what === 'bad') {
      if (invocation.writes > 0) return `${asked.words} changed the table`;
      if (end.how === 'answered') return `${asked.words} was let through`;
      if (!(end.error instanceof DomainError))
        return invocation.faults > 0 ? undefined : `${asked.words} was a fault of ours`;
      return end.error.code === asked.code ? undefined : `${asked.words} got the code ${end.error.code}`;
    }
    if (end.how !== 'failed' || end.error instanceof DomainError || invocation.faults > 0) return undefined;
    return `${asked.what} failed though nothing went wrong: ${String(end.error)}`;
  },
};
