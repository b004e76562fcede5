import type { SeededRandom } from './seeded-random.ts';

/** The CAs that there are, in the order in which they were made. */
export const CA_IDS = ['ca1', 'ca2'] as const;
export type CaId = (typeof CA_IDS)[number];

/** What a run has beside people and endpoints. A run has only some of it, so that none costs much and each is met. */
export interface Scenery {
  /** The CA that each endpoint trusts. */
  readonly authorities: readonly CaId[];
  /** How many people a source may deny in an hour. */
  readonly surgeLimit: number;
  /** How many entries an endpoint takes. */
  readonly mostEntries: number;
  /** Whom no source can deny. */
  readonly breakGlass: readonly string[];
  /** The table is lost once, and restored to what it was an hour before. */
  readonly isRestored: boolean;
  /** HR knows last days before they come. */
  readonly hasPlans: boolean;
  /** A directory provisions people. */
  readonly hasScim: boolean;
  /** Who holds certificates is compared with the company's directory. */
  readonly hasComparison: boolean;
  /** Certificates can be renewed from their first day on. */
  readonly hasRenewals: boolean;
}

export const sceneryFrom = (random: SeededRandom): Scenery => ({
  authorities: random.pick([
    ...Array.from({ length: 7 }, () => ['ca1', 'ca1'] as const),
    ...Array.from({ length: 2 }, () => ['ca1', 'ca2'] as const),
    ['ca1', 'ca1', 'ca2'] as const,
  ]),
  surgeLimit: random.pick([10, 10, 10, 1, 2]),
  mostEntries: random.pick([20_000, 20_000, 20_000, 20_000, 20_000, 20_000, 1, 2]),
  breakGlass: random.chance(0.2) ? ['carol'] : [],
  isRestored: random.chance(0.1),
  hasPlans: random.chance(0.3),
  hasScim: random.chance(0.25),
  hasComparison: random.chance(0.15),
  hasRenewals: random.chance(0.3),
});
