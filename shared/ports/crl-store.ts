import type { SignedCrl } from '../domain/crl-facts.ts';

/** The numbers and signed lists of a CA. Every read sees every earlier write. */
export interface CrlStore {
  /**
   * The next number of the CA's one sequence, above `atLeast` too. A number is given once, and may be lost.
   *
   * @param above the highest number seen anywhere else, for example on an endpoint
   */
  nextNumber(caId: string, above: number): Promise<number>;
  /** The highest number that was given; 0 before the first. */
  lastNumber(caId: string): Promise<number>;
  /** Keeps a list for good; then makes it the current one, only while the current one has a lower number. */
  activate(caId: string, crl: SignedCrl): Promise<boolean>;
  current(caId: string): Promise<SignedCrl | undefined>;
}
