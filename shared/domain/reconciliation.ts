import { createHash } from 'node:crypto';
import { ALIAS_KINDS, aliasFrom, type AliasKind, type PersonId, type SourceId } from './identity.ts';
import type { Denial, Person } from './person.ts';
import { SECONDS_PER_DAY, SECONDS_PER_HOUR, type EpochMilliseconds } from './time.ts';

/** The source of what follows from a comparison with the directory. */
export const RECONCILIATION = 'reconciliation' as SourceId;

/** What follows where somebody who holds certificates is not in the directory: a report alone, a hold, or the end. */
export const RECONCILIATION_MODES = ['report', 'hold', 'offboard'] as const;
export type ReconciliationMode = (typeof RECONCILIATION_MODES)[number];

export const RECONCILIATION_REASONS = ['nightly', 'administrator', 'refusedEvents'] as const;
export type ReconciliationReason = (typeof RECONCILIATION_REASONS)[number];

/** How the directory sees somebody. */
export const STANDINGS = ['active', 'suspended', 'deactivated'] as const;
export type Standing = (typeof STANDINGS)[number];

/** By what people are compared: an alias, or the immutable claim that is their identity. */
export const NAME_KINDS = [...ALIAS_KINDS, 'subject'] as const;
export type NameKind = (typeof NAME_KINDS)[number];

/** Somebody in the directory, as much of her as the comparison needs: hashes of her names, and no name. */
export interface DirectoryEntry {
  readonly standing: Standing;
  /** Made by `nameKey`; without any she cannot be found. */
  readonly keys: readonly string[];
}

/** Base64url digits of a key: 96 bits, so that no two names of a company meet, even where somebody tries. */
const KEY_DIGITS = 16;

/** Stands for a name where it is kept for the length of a run. Undefined for what no directory would send. */
export function nameKey(kind: NameKind, text: string): string | undefined {
  const value = kind === 'subject' ? text : aliasFrom(kind, text)?.value;
  if (value === undefined || value === '') return undefined;
  return createHash('sha256').update(`${kind}#${value}`).digest('base64url').slice(0, KEY_DIGITS);
}

/** The keys of a person of ours, of the kinds that are compared. A subject of several claims has a key for each. */
export function keysOfPerson(person: Person, kinds: ReadonlySet<NameKind>): ReadonlySet<string> {
  const names: [NameKind, string][] = [
    ...person.aliases.map(({ kind, value }): [NameKind, string] => [kind, value]),
    ['login', person.login],
    ...(person.email === undefined ? [] : [['email', person.email] satisfies [NameKind, string]]),
    ...subjectParts(person.subject).map((part): [NameKind, string] => ['subject', part]),
  ];
  const keys = names.filter(([kind]) => kinds.has(kind)).map(([kind, text]) => nameKey(kind, text));
  return new Set(keys.filter((key) => key !== undefined));
}

function subjectParts(subject: string): string[] {
  if (!subject.startsWith('[')) return [subject];
  try {
    const parts: unknown = JSON.parse(subject);
    return Array.isArray(parts) ? parts.filter((part) => typeof part === 'string') : [subject];
  } catch {
    return [subject];
  }
}

/** The whole directory: who is behind each key. */
export interface DirectoryIndex {
  readonly entries: readonly DirectoryEntry[];
  readonly byKey: ReadonlyMap<string, ReadonlySet<number>>;
}

export function indexOf(entries: readonly DirectoryEntry[]): DirectoryIndex {
  const byKey = new Map<string, Set<number>>();
  for (const [place, { keys }] of entries.entries()) {
    for (const key of keys) {
      const places = byKey.get(key) ?? new Set();
      byKey.set(key, places.add(place));
    }
  }
  return { entries, byKey };
}

export const FINDING_KINDS = [
  /** Nobody in the directory has her names. */
  'missing',
  /** The directory has her, and says that she is no longer active. */
  'deactivated',
  /** The directory has suspended her: a hold, whatever the mode. */
  'suspended',
  /** Her names are those of several in the directory: somebody has to look. */
  'ambiguous',
  /** She has no name of the kinds that are compared. */
  'nameless',
  /**
   * An earlier comparison denied her, and an administrator lifted it: her word stands until the directory's answer is
   * another one.
   */
  'kept',
  /** An earlier comparison denied her, and the directory has her again. */
  'back',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** What came of a finding. */
export const FINDING_OUTCOMES = ['denied', 'held', 'protected', 'reinstated', 'unchanged'] as const;
export type FindingOutcome = (typeof FINDING_OUTCOMES)[number];

export interface Finding {
  readonly personId: PersonId;
  readonly kind: FindingKind;
  /** Her certificates that are neither revoked nor over. */
  readonly certificates: number;
  /** Of who is kept: since when the directory has lacked her. */
  readonly since?: EpochMilliseconds;
}

/** How the directory has somebody who may have to go. */
export const ABSENCES = ['missing', 'deactivated', 'suspended'] as const;
export type Absence = (typeof ABSENCES)[number];
export const isAbsence = (kind: string): kind is Absence => ABSENCES.some((one) => one === kind);

/** The answer of the directory on which a comparison acted; forgotten once the directory has her again. */
export interface ActedOn {
  readonly personId: PersonId;
  readonly absence: Absence;
  readonly since: EpochMilliseconds;
}

/** How the directory has a person of ours. */
export function standingOf(
  person: Person,
  kinds: ReadonlySet<NameKind>,
  { entries, byKey }: DirectoryIndex,
): Standing | 'missing' | 'ambiguous' | 'nameless' {
  const keys = keysOfPerson(person, kinds);
  if (keys.size === 0) return 'nameless';
  const places = new Set([...keys].flatMap((key) => [...(byKey.get(key) ?? [])]));
  if (places.size === 0) return 'missing';
  const standings = new Set([...places].map((place) => entries[place]?.standing));
  // An account of hers that was closed and another that lives are told apart by nobody here.
  const [only] = standings;
  return places.size > 1 && (standings.size > 1 || only !== 'active') ? 'ambiguous' : (only ?? 'missing');
}

/** Whether the portal says so already, or waits for somebody to decide it. */
export const isSaid = (denials: readonly Denial[], kind: 'left' | 'suspended'): boolean =>
  denials.some(
    (denial) =>
      denial.kind === 'left' ||
      (denial.source === RECONCILIATION && (denial.kind === 'surge' || denial.kind === kind)),
  );

/** What the portal is told of a finding; undefined where somebody has to look first. */
export function eventKindOf(
  { kind }: Pick<Finding, 'kind'>,
  mode: ReconciliationMode,
): 'left' | 'suspended' | 'returned' | undefined {
  if (mode === 'report') return undefined;
  switch (kind) {
    case 'missing':
    case 'deactivated':
      return mode === 'offboard' ? 'left' : 'suspended';
    case 'suspended':
      return 'suspended';
    case 'back':
      return 'returned';
    case 'ambiguous':
    case 'nameless':
    case 'kept':
      return undefined;
  }
}

/** When and how the directory is asked, and when it is not believed. */
export interface ReconciliationPolicy {
  readonly mode: ReconciliationMode;
  /** From this hour of the day on (UTC). */
  readonly hourUtc: number;
  /** A directory that lacks more of those who hold certificates, in percent, is not believed. */
  readonly mostMissingPercent: number;
  readonly names: ReadonlySet<NameKind>;
}

/** What an administrator or a refused event asks for. */
export interface ReconciliationWish {
  readonly reason: Exclude<ReconciliationReason, 'nightly'>;
  readonly at: EpochMilliseconds;
  readonly by?: PersonId;
  readonly mode?: ReconciliationMode;
  /** Nothing follows, and no incident opens. */
  readonly dryRun?: boolean;
  /** An administrator looked, and so many did leave: shares no longer count, the limit of a surge does. */
  readonly evenIfMany?: boolean;
}

export type FindingCounts = Readonly<Record<FindingKind, number>>;

/** One comparison, from its beginning; its cursor says where the next one who works on it goes on. */
export interface ReconciliationRun {
  readonly runId: string;
  readonly reason: ReconciliationReason;
  readonly by?: PersonId;
  readonly mode: ReconciliationMode;
  readonly dryRun: boolean;
  readonly evenIfMany: boolean;
  readonly state: 'reading' | 'acting' | 'done' | 'failed';
  readonly startedAt: EpochMilliseconds;
  readonly endedAt?: EpochMilliseconds;
  /** Of when the directory's answer is, where that is not of when it was asked. */
  readonly asOf?: EpochMilliseconds;
  /** Where the directory goes on. */
  readonly cursor?: string;
  /** Pages that are kept, and the people on them. */
  readonly pages: number;
  readonly entries: number;
  readonly active: number;
  /** How often the directory did not answer. */
  readonly failures: number;
  /** People with live certificates who were compared. */
  readonly compared: number;
  readonly found: FindingCounts;
  /** Parts in which the findings are kept, and how many of them are carried out. */
  readonly parts: number;
  readonly partsDone: number;
  readonly outcomes: Readonly<Record<FindingOutcome, number>>;
  /** Why it failed, in words for the operator. */
  readonly failure?: string;
}

export const NOTHING_FOUND: FindingCounts = {
  missing: 0,
  deactivated: 0,
  suspended: 0,
  ambiguous: 0,
  nameless: 0,
  kept: 0,
  back: 0,
};
export const NO_OUTCOMES: ReconciliationRun['outcomes'] = {
  denied: 0,
  held: 0,
  protected: 0,
  reinstated: 0,
  unchanged: 0,
};

/** People with live certificates of whom the directory says that they are not there, and nobody has decided it yet. */
export const goneOf = ({ missing, deactivated, suspended }: FindingCounts): number =>
  missing + deactivated + suspended;

/**
 * Why the directory's answer is not believed: it is empty, has shrunk since it was believed last, or lacks too many
 * of those who hold certificates. Then nobody is denied. One person who is gone is always believed.
 *
 * @param activeBefore active people of the last answer that was believed
 */
export function reasonForDisbelief(
  run: Pick<ReconciliationRun, 'active' | 'compared' | 'found' | 'evenIfMany'>,
  { mostMissingPercent }: Pick<ReconciliationPolicy, 'mostMissingPercent'>,
  activeBefore: number | undefined,
): string | undefined {
  const { active, compared, found, evenIfMany } = run;
  if (active === 0) return 'the directory has nobody who is active';
  if (evenIfMany) return undefined;
  if (activeBefore !== undefined && active < activeBefore * (1 - mostMissingPercent / 100)) {
    return `the directory has ${active} active people, and had ${activeBefore} when it was believed last`;
  }
  const gone = goneOf(found);
  if (gone > Math.max(1, (compared * mostMissingPercent) / 100)) {
    return `the directory lacks ${gone} of ${compared} people who hold certificates, more than ${mostMissingPercent} %`;
  }
  return undefined;
}

/** What is remembered of runs that are over. */
export interface ReconciliationHistory {
  /** The last run, whatever became of it. */
  readonly runId: string;
  readonly startedAt: EpochMilliseconds;
  /** The last that nobody asked for. */
  readonly unaskedAt?: EpochMilliseconds;
  /** Of the last answer that was believed. */
  readonly active?: number;
}

/** Events can be refused as often as somebody pleases. */
const REFUSED_EVENTS_SPACING_SECONDS = SECONDS_PER_HOUR;

/** Whether a run is due, and why. */
export function dueReason(
  { hourUtc }: Pick<ReconciliationPolicy, 'hourUtc'>,
  wish: ReconciliationWish | undefined,
  history: ReconciliationHistory | undefined,
  at: EpochMilliseconds,
): ReconciliationReason | undefined {
  if (wish?.reason === 'administrator') return wish.reason;
  const unaskedAt = history?.unaskedAt;
  const day = SECONDS_PER_DAY * 1000;
  const begun = at - ((((at - hourUtc * SECONDS_PER_HOUR * 1000) % day) + day) % day);
  if (unaskedAt === undefined || unaskedAt < begun) return 'nightly';
  const isSpaced = at - unaskedAt >= REFUSED_EVENTS_SPACING_SECONDS * 1000;
  return wish !== undefined && isSpaced ? wish.reason : undefined;
}

/** The names of kinds: which attribute of the directory is which name of ours. */
export type NameMapping = readonly { readonly kind: NameKind; readonly attribute: string }[];

export const isAliasKind = (kind: NameKind): kind is AliasKind => kind !== 'subject';
