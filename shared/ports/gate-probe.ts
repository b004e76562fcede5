import type { ProbeFixture } from '../domain/gate-probe.ts';

/** Where the gate looks: only the probe's own two certificates and two persons. */
export interface GateProbeStore {
  /** Writes whom the gate must let in, over what an earlier trial left. */
  putAdmitted(fixture: ProbeFixture): Promise<void>;
  /** Writes whom the gate must keep out. */
  putDenied(fixture: ProbeFixture): Promise<void>;
}

/** The version of the gate that is to be tried. */
export interface GateUnderTest {
  /** @throws Error where it throws, runs out of time or cannot be asked */
  ask(event: Readonly<Record<string, string>>): Promise<unknown>;
}

/** Whoever moves the alias, and waits for a word. */
export interface TrafficShift {
  report(hook: TrafficShiftHook, outcome: 'Succeeded' | 'Failed'): Promise<void>;
}

export interface TrafficShiftHook {
  readonly deploymentId: string;
  readonly hookExecutionId: string;
}
