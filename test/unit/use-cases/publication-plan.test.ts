import { planPublications } from '../../../shared/use-cases/administration/publication-plans.ts';
import { counting } from '../../support/crashes.ts';
import { ENDPOINT_ID, newWorld, type World } from '../../support/world.ts';

const planned = async (world: World) => {
  const caller = world.caller('adam');
  const [found] = await planPublications(world.deps, { caller, endpointId: ENDPOINT_ID });
  if (found === undefined || !('plan' in found)) throw new Error('no plan');
  return found.plan;
};

/** alice has left, bob is held, and the list is older than both. */
async function changed() {
  const world = await newWorld();
  for (const login of ['alice', 'bob', 'carol']) await world.enrol(login);
  await world.publish();
  await world.tell(world.event('alice', 'left'));
  await world.tell(world.event('bob', 'suspended'));
  await world.advance();
  return world;
}

describe('a plan', () => {
  it('says what the publisher then does, and when', async () => {
    const world = await changed();
    const plan = await planned(world);
    expect(plan).toMatchObject({
      publish: false,
      reason: 'waitsForWindow',
      next: { reason: 'due' },
      pendingRevocations: 1,
      list: { crlNumber: 2, entries: 1, holds: 0, added: 1, removed: 0, leftOff: 0 },
      quota: { entries: 1, liveCertificates: 2 },
    });
    const waitSeconds = ((plan.next?.at ?? 0) - world.clock.now()) / 1000;
    world.moveTime(waitSeconds - 1);
    expect(await world.publish()).toMatchObject({ publish: false });
    world.moveTime(1);
    expect(await planned(world)).toMatchObject({ publish: true, reason: 'due' });
    const imported: string[] = [];
    const { import: sent } = world.deps.vpnCrl;
    world.deps.vpnCrl.import = async (endpointId, crlPem) => {
      imported.push(crlPem);
      await sent(endpointId, crlPem);
    };
    expect(await world.publish()).toMatchObject({ crlNumber: 2, entries: 1, reason: 'due' });
    expect(imported.map((crlPem) => crlPem.length)).toEqual([plan.list.sizeOctets]);
  });

  it('counts who is held where the gate is off', async () => {
    const world = await changed();
    world.vpn.isGateOn = false;
    const plan = await planned(world);
    expect(plan).toMatchObject({
      publish: true,
      reason: 'gateOff',
      list: { entries: 2, holds: 1, added: 2 },
    });
    await world.publish();
    world.vpn.isGateOn = true;
    expect(await planned(world)).toMatchObject({
      isGateOn: true,
      list: { entries: 1, added: 0, removed: 1 },
    });
  });

  it('changes nothing: no number, no row, no signature, no import', async () => {
    const world = await changed();
    const { interference, names } = counting();
    world.interfere(interference);
    await planned(world);
    const reads = /\.(find\w*|list\w*|export|describe|lastNumber|countByEnd)$/;
    expect(names.filter((name) => !reads.test(name))).toEqual([]);
  });

  it('of an endpoint that does not answer keeps nobody from the others', async () => {
    const world = await changed();
    const first = await world.stores.endpoints.find(ENDPOINT_ID);
    if (first === undefined) throw new Error('no endpoint');
    await world.stores.endpoints.add({ ...first, endpointId: 'cvpn-endpoint-1' });
    const { export: exported } = world.deps.vpnCrl;
    world.deps.vpnCrl.export = async (endpointId) => {
      if (endpointId === 'cvpn-endpoint-1') throw new Error('RequestLimitExceeded');
      return exported(endpointId);
    };
    const found = await planPublications(world.deps, { caller: world.caller('adam') });
    expect(found.map((one) => ('plan' in one ? 'plan' : 'failure'))).toEqual(['plan', 'failure']);
  });

  it('is for administrators and auditors only', async () => {
    const world = await newWorld();
    await expect(planPublications(world.deps, { caller: world.caller('alice') })).rejects.toMatchObject({
      code: 'notAllowed',
    });
  });
});

describe('a certificate that is issued while the list is nearly full', () => {
  it('lives for half as long from 90 % on, and as long as ever below', async () => {
    const days: number[] = [];
    for (const [login, entries] of [
      ['alice', 17_999],
      ['bob', 18_000],
    ] as const) {
      const world = await newWorld();
      await world.publish();
      const { find } = world.stores.endpoints;
      const endpoint = await find(ENDPOINT_ID);
      if (endpoint?.crl === undefined) throw new Error('no list');
      world.deps.endpoints.list = async () => [
        { ...endpoint, crl: { ...endpoint.crl, entries } as typeof endpoint.crl },
      ];
      const { notBefore, notAfter } = await world.enrol(login);
      days.push((notAfter - notBefore) / 86_400);
    }
    const [full = 0, half = 0] = days;
    expect(full).toBeGreaterThan(150);
    expect(half).toBeGreaterThan(75);
    expect(half).toBeLessThan(100);
  });
});
