/** One line of the result, as machines get it. */
export interface Row {
  /** Stable, in small letters and hyphens. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** Null where the value is only reported. */
  readonly must: number | null;
  readonly aim: number | null;
  /** What was measured beside it in the same run; null where there is nothing to compare with. */
  readonly peer: string | null;
}

/** A row as people read it. */
export interface MeasuredRow extends Row {
  readonly title: string;
  /** The figures that the value was made of. */
  readonly figures: string;
}

export type Verdict = 'aim met' | 'must met' | 'not met' | 'reported';

/** What has a goal and misses it says so; without a goal there is nothing to miss. */
export function verdictOf({ value, better, must, aim }: Row): Verdict {
  const reaches = (goal: number): boolean => (better === 'lower' ? value <= goal : value >= goal);
  if (aim !== null && reaches(aim)) return 'aim met';
  if (must === null) return 'reported';
  return reaches(must) ? 'must met' : 'not met';
}
