import { probeFixtures, type ProbeFixture } from '../../../shared/domain/gate-probe.ts';
import type { Stores } from '../../support/stores.ts';

export function gateProbeContract(newStores: () => Promise<Stores>): void {
  const judged = ({ certificate }: ProbeFixture) => {
    const { certificateId, personId, commonName, endpointIds, notAfter } = certificate;
    return { certificateId, personId, commonName, endpointIds, notAfter, isIssued: true };
  };

  it('is what the gate then reads, however often it is tried', async () => {
    const { gate, gateProbe } = await newStores();
    for (const at of [1_000_000, 2_000_000]) {
      const { admitted, denied } = probeFixtures(at);
      await gateProbe.putAdmitted(admitted);
      await gateProbe.putDenied(denied);
      for (const fixture of [admitted, denied]) {
        const found = await gate.findForGate(fixture.certificate.certificateId);
        expect(found?.certificate).toEqual(judged(fixture));
        expect(found?.person?.denials).toEqual(fixture.person.denials);
      }
    }
  });

  it('can be looked at like any other certificate and person', async () => {
    const { certificates, gateProbe, people } = await newStores();
    const { admitted } = probeFixtures(1_000_000);
    await gateProbe.putAdmitted(admitted);
    expect(await people.find(admitted.person.personId)).toEqual(admitted.person);
    expect(await certificates.find(admitted.certificate.certificateId)).toEqual(admitted.certificate);
  });
}
