import { deployment } from './deployment.ts';
import type { ChecklistSection } from './entry.ts';
import { gate } from './gate.ts';
import { lists } from './lists.ts';
import { rights } from './rights.ts';

/** Everything that only a real account can answer, in the order in which one would ask. */
export const CHECKLIST: readonly ChecklistSection[] = [deployment, gate, lists, rights];
