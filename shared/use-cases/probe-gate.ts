import type { GatePolicy } from '../domain/gate-policy.ts';
import { gateProbesFor, probeFault, probeFixtures, type GateProbe } from '../domain/gate-probe.ts';
import type { Clock } from '../ports/clock.ts';
import type { GateProbeStore, GateUnderTest } from '../ports/gate-probe.ts';

export interface ProbeGateDeps {
  readonly probeStore: GateProbeStore;
  readonly gateUnderTest: GateUnderTest;
  readonly clock: Pick<Clock, 'now'>;
  /** With which the gate was deployed. */
  readonly gatePolicy: GatePolicy;
}

export interface ProbeFault {
  readonly probe: GateProbe['name'];
  readonly words: string;
}

/**
 * Tries a version of the gate: whom it must let in, and three whom it must keep out. All are asked, so that the log
 * has the whole picture.
 *
 * @returns what is wrong with it; nothing where everybody may be sent to it
 * @throws Error where the trial itself could not be prepared, which is no pass either
 */
export async function probeGate({
  probeStore,
  gateUnderTest,
  clock,
  gatePolicy,
}: ProbeGateDeps): Promise<ProbeFault[]> {
  const { admitted, denied } = probeFixtures(clock.now());
  await probeStore.putAdmitted(admitted);
  await probeStore.putDenied(denied);
  const faults: ProbeFault[] = [];
  for (const probe of gateProbesFor(gatePolicy)) {
    const words = await gateUnderTest.ask(probe.event).then(
      (answer) => probeFault(probe, answer),
      (error: unknown) => `it failed: ${error instanceof Error ? error.message : String(error)}`,
    );
    if (words !== undefined) faults.push({ probe: probe.name, words });
  }
  return faults;
}
