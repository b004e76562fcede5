import type { ProbeFixture } from '../../../shared/domain/gate-probe.ts';
import type { GateProbeStore } from '../../../shared/ports/gate-probe.ts';
import type { MemoryState } from './state.ts';

export function memoryGateProbeStore(state: MemoryState): GateProbeStore {
  const put = ({ certificate, person }: ProbeFixture): void => {
    state.people.set(person.personId, { person, takenBack: new Map() });
    state.certificates.set(certificate.certificateId, {
      record: certificate,
      pendingSince: 0,
      pendingAt: [],
    });
  };
  return { putAdmitted: async (fixture) => put(fixture), putDenied: async (fixture) => put(fixture) };
}
