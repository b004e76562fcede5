/** What the shell is told. */
export const EXIT_CODE = {
  done: 0,
  /** The portal refused, or something failed. */
  refused: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** The portal, or the identity provider, cannot be reached. */
  unreachable: 3,
} as const;
export type ExitCode = (typeof EXIT_CODE)[keyof typeof EXIT_CODE];

/** What to do about it: a command to copy, or words alone. */
export interface NextStep {
  readonly words: string;
  readonly command?: string;
}

interface FailureFacts {
  readonly exitCode: Exclude<ExitCode, 0>;
  /** Stable, for programs: the problem document's, or one of this program's own. */
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  /** HTTP status, where a server answered. */
  readonly status?: number;
  readonly faults?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly next?: readonly NextStep[];
}

/** Why a command ended without doing what was asked, in words for whoever asked. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly facts: FailureFacts;

  constructor(facts: FailureFacts, options: { cause?: unknown } = {}) {
    super(facts.detail === undefined ? facts.title : `${facts.title}: ${facts.detail}`, options);
    this.facts = facts;
  }
}

export const usageFailure = (title: string, detail?: string, next: readonly NextStep[] = []): Failure =>
  new Failure({
    exitCode: EXIT_CODE.usage,
    code: 'wrongUsage',
    title,
    ...(detail === undefined ? {} : { detail }),
    next,
  });

export const localFailure = (
  code: string,
  title: string,
  detail?: string,
  next: readonly NextStep[] = [],
): Failure =>
  new Failure({
    exitCode: EXIT_CODE.refused,
    code,
    title,
    ...(detail === undefined ? {} : { detail }),
    next,
  });

export const unreachableFailure = (url: string, cause: unknown, next: readonly NextStep[] = []): Failure =>
  new Failure(
    {
      exitCode: EXIT_CODE.unreachable,
      code: 'unreachable',
      title: `Cannot reach ${url}`,
      detail: networkWords(cause),
      next,
    },
    { cause },
  );

/** The system's word, for example ECONNREFUSED, which fetch keeps one level below its own. */
function networkWords(error: unknown): string {
  const cause = isObject(error) && isObject(error['cause']) ? error['cause'] : error;
  if (!isObject(cause)) return 'no answer';
  const { code, name, message } = cause;
  if (name === 'TimeoutError') return 'no answer in time';
  return typeof code === 'string' ? code : typeof message === 'string' ? message : 'no answer';
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Of Node's file errors, for example ENOENT. Not by instanceof: they may be of another realm. */
export const isSystemError = (error: unknown, code: string): boolean =>
  isObject(error) && error['code'] === code;
