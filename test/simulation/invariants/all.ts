import type { Invariant } from '../oracle.ts';
import { acknowledgedIsWritten } from './3-acknowledged-is-written.ts';
import { callerDecidesNothing } from './7-caller-decides-nothing.ts';
import { deniedCannotGetIn } from './2-denied-cannot-get-in.ts';
import { evidenceIsTrue } from './3-evidence-is-true.ts';
import { endsAsItShould } from './3-ends-as-it-should.ts';
import { faultsAreTold } from './8-faults-are-told.ts';
import { keysAreNotKept } from './6-keys-are-not-kept.ts';
import { listsDoNotLapse } from './5-lists-do-not-lapse.ts';
import { listsOnlyGrow } from './4-lists-only-grow.ts';
import { nobodyElseIsTouched } from './9-nobody-else-is-touched.ts';
import { directoryIsFollowed } from './3-directory-is-followed.ts';
import { plansAreCarriedOut } from './3-plans-are-carried-out.ts';
import { nothingIsLost } from './3-nothing-is-lost.ts';
import { signedIsKnown } from './1-signed-is-known.ts';

/** The nine of docs/architecture.md, "What must always hold". The ninth says what of it is not held here. */
export const INVARIANTS: readonly Invariant[] = [
  signedIsKnown,
  deniedCannotGetIn,
  acknowledgedIsWritten,
  evidenceIsTrue,
  endsAsItShould,
  plansAreCarriedOut,
  directoryIsFollowed,
  nothingIsLost,
  listsOnlyGrow,
  listsDoNotLapse,
  keysAreNotKept,
  callerDecidesNothing,
  faultsAreTold,
  nobodyElseIsTouched,
];
