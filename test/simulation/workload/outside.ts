import type { Machine } from '../machine.ts';
import type { Oracle } from '../oracle.ts';
import type { SimulatedPortal } from '../portal.ts';

/** The world around the portal, as those who act in it have it. */
export interface Outside {
  readonly machine: Machine;
  readonly portal: SimulatedPortal;
  /** Who has which certificate is known from what was signed. */
  readonly oracle: Oracle;
}
