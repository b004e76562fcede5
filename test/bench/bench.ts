import type { MeasuredRow } from './row.ts';
import type { Workers } from './workers.ts';

/** What a measure is given. */
export interface Bench {
  readonly workers: Workers;
  /** Removed at the end. */
  readonly directory: string;
  readonly root: string;
  /** Fewer rounds, for a quick look. */
  readonly quick: boolean;
  /** @returns few when it has to be quick */
  rounds(usually: number, few: number): number;
  /** Tells what is being done. */
  progress(text: string): void;
  /** Says plainly what is left out, and why. */
  notice(text: string): void;
}

export interface Measure {
  readonly name: string;
  readonly measure: (bench: Bench) => Promise<readonly MeasuredRow[]>;
}
