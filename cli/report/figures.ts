import type { ExportedOffboarding } from '../export/columns.ts';

/** How long a step took, over all offboardings of a month that came so far, in milliseconds. */
export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** The steps that are measured, each from when the event was received until it was done at every endpoint. */
export const STEPS = ['denied', 'cut', 'published'] as const;
export type MeasuredStep = (typeof STEPS)[number];

export interface Leaver {
  readonly offboardingId: string;
  readonly personId: string;
  readonly source: string;
  readonly kind: string;
  readonly state: ExportedOffboarding['state'];
  readonly receivedAt: string;
  /** Milliseconds since it was received; absent where it has not come, or does not apply. */
  readonly after: Readonly<Partial<Record<MeasuredStep, number>>>;
  readonly terminatedConnections: number;
  /** The incident that has to be decided first, where `state` is `unresolved`. */
  readonly incidentId?: string;
}

export interface UnresolvedEvent {
  readonly incidentId: string;
  readonly source: string;
  /** What the source said: `left`, `suspended`. */
  readonly kind: string;
  readonly openedAt: string;
}

export interface Report {
  readonly month: string;
  readonly madeAt: string;
  readonly leavers: readonly Leaver[];
  /** How many are in which state. */
  readonly states: Readonly<Record<string, number>>;
  readonly spreads: Readonly<Partial<Record<MeasuredStep, Spread>>>;
  /** Events that could not be tied to one person yet, of any month: nobody was kept out by them for good. */
  readonly unresolved: readonly UnresolvedEvent[];
  /** Ids of people whom no source may deny. */
  readonly breakGlass: readonly string[];
  /** Records that are there and cannot be read: they are in no figure. */
  readonly unreadable: readonly string[];
}

export function leaverFrom(record: ExportedOffboarding): Leaver {
  const { timeline } = record;
  const timesOf = (step: string): number[] =>
    timeline.filter((one) => one.step === step).map(({ at }) => Date.parse(at));
  const [receivedAt = Number.NaN] = timesOf('received');
  const after: Partial<Record<MeasuredStep, number>> = {};
  for (const step of STEPS) {
    const times = timesOf(step);
    if (times.length > 0 && !Number.isNaN(receivedAt))
      after[step] = Math.max(0, Math.max(...times) - receivedAt);
  }
  const { offboardingId, personId, source, kind, state } = record;
  return {
    offboardingId,
    personId,
    source,
    kind,
    state,
    receivedAt: timeline.find(({ step }) => step === 'received')?.at ?? '',
    after,
    terminatedConnections: timesOf('terminated').length,
    // What follows from an incident is said by it.
    ...(state === 'unresolved' && source.startsWith('i-') ? { incidentId: source.slice('i-'.length) } : {}),
  };
}

/** @param values of which there is at least one. The percentile is the nearest rank: a value that was measured. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (percent: number): number =>
    sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
  return { count: sorted.length, p50: rank(50), p95: rank(95), max: rank(100) };
}

export function reportOf(
  facts: Pick<Report, 'month' | 'madeAt' | 'unresolved' | 'breakGlass' | 'unreadable'> & {
    readonly offboardings: readonly ExportedOffboarding[];
  },
): Report {
  const { offboardings, ...rest } = facts;
  const leavers = offboardings.map(leaverFrom);
  const states: Record<string, number> = {};
  for (const { state } of leavers) states[state] = (states[state] ?? 0) + 1;
  const spreads: Partial<Record<MeasuredStep, Spread>> = {};
  for (const step of STEPS) {
    // What was older than its source's last word was recorded and not applied: it is nobody's measure.
    const values = leavers.flatMap(({ after, state }) =>
      state === 'stale' || after[step] === undefined ? [] : [after[step]],
    );
    if (values.length > 0) spreads[step] = spreadOf(values);
  }
  return { ...rest, leavers, states, spreads };
}
