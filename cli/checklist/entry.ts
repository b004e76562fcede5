/** Something about AWS that the code takes to be so, and that nobody could see without an account. */
export interface ChecklistEntry {
  /** Stable, for programs. */
  readonly id: string;
  /** What is assumed, as a sentence. */
  readonly assumed: string;
  /** What happens meanwhile, should it be otherwise: why nothing unsafe hangs on it. */
  readonly meanwhile: string;
  /** Where the code depends on it. */
  readonly files: readonly string[];
  /** What to type, in this order. Words in capitals are yours to replace. */
  readonly commands: readonly string[];
  /** What must be seen. */
  readonly expected: string;
  /** What to change if it is not. */
  readonly otherwise: string;
  /** Findings of `doctor` that answer it; the first of them that is there decides. */
  readonly findings?: readonly string[];
}

export interface ChecklistSection {
  readonly title: string;
  readonly entries: readonly ChecklistEntry[];
}
