/** What a finding means for people, gravest first: the order in which an administrator has to care. */
export const IMPACTS = [
  /** Somebody who should connect cannot. */
  'connect',
  /** Somebody who should be kept out may not be. */
  'keepOut',
  /** All is well today and will not be for ever. */
  'keepRunning',
  /** If something broke, nobody would hear of it. */
  'notice',
  /** What could not be looked at, so that nobody can say that it is well. */
  'look',
] as const;
export type Impact = (typeof IMPACTS)[number];

/** Gravest first. `info` is worth knowing and needs nobody. */
export const SEVERITIES = ['broken', 'warning', 'info', 'well'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What to do, and where one command does it, that command to copy. */
export interface Cure {
  readonly words: string;
  readonly command?: string;
}

/** One thing that was looked at. */
export interface Finding {
  /** Stable, for programs. */
  readonly code: string;
  readonly impact: Impact;
  readonly severity: Severity;
  readonly seen: string;
  /** Why it matters; of what is well there is nothing to say. */
  readonly why?: string;
  readonly cure?: Cure;
  /** All those whom it is about, by id; words name the first of them. */
  readonly people?: readonly string[];
}

/** What of a finding is the same whatever is seen. */
interface Subject {
  readonly code: string;
  readonly impact: Impact;
}

interface Trouble {
  readonly seen: string;
  readonly why: string;
  readonly cure?: Cure;
  readonly people?: readonly string[];
}

export const broken = (subject: Subject, trouble: Trouble): Finding => ({
  ...subject,
  severity: 'broken',
  ...trouble,
});
export const warning = (subject: Subject, trouble: Trouble): Finding => ({
  ...subject,
  severity: 'warning',
  ...trouble,
});
export const info = (subject: Subject, seen: string, why?: string): Finding => ({
  ...subject,
  severity: 'info',
  seen,
  ...(why === undefined ? {} : { why }),
});
export const well = (subject: Subject, seen: string): Finding => ({ ...subject, severity: 'well', seen });

/** In the order in which somebody has to care: what stops people connecting first, and the gravest of each. */
export const inOrder = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted(
    (a, b) =>
      IMPACTS.indexOf(a.impact) - IMPACTS.indexOf(b.impact) ||
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
  );
