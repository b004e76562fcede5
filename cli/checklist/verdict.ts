import type { Finding } from '../../shared/domain/doctor/finding.ts';
import type { ChecklistEntry } from './entry.ts';

/** What `doctor` says of an entry. */
export interface Verdict {
  /** `toTry`: doctor cannot see it, was not asked, or could not look. */
  readonly answer: 'holds' | 'otherwise' | 'toTry';
  readonly seen: readonly string[];
}

/** @param findings of doctor; undefined where it was not asked */
export function verdictOf(
  { findings: codes = [] }: ChecklistEntry,
  findings: readonly Finding[] | undefined,
): Verdict {
  const own = (findings ?? []).filter(({ code }) => codes.includes(code));
  const seen = own.map((finding) => finding.seen);
  if (own.some(({ severity }) => severity === 'broken' || severity === 'warning')) {
    return { answer: 'otherwise', seen };
  }
  return { answer: own.some(({ severity }) => severity === 'well') ? 'holds' : 'toTry', seen };
}
