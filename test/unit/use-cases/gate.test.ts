import { decideConnection } from '../../../shared/use-cases/decide-connection.ts';
import { keepHeldList } from '../../../shared/use-cases/gate/keep-held-list.ts';
import { switchGateOff, switchGateOn } from '../../../shared/use-cases/gate/switch-gate.ts';
import { counting, dyingAt } from '../../support/crashes.ts';
import { ENDPOINT_ID, newWorld, type World } from '../../support/world.ts';
import { GATE_ARN } from '../../support/portal.ts';
import { testKey } from '../x509/fixtures.ts';

const DAY = 86_400;
const ACTOR = 'arn:aws:iam::111122223333:user/adam';
const ORDER = { endpointId: ENDPOINT_ID, actor: ACTOR, crlLifeSeconds: 365 * DAY, patienceSeconds: 60 };

/** alice left and bob is held, and the list says nothing of either; carol is welcome. */
async function withLeavers() {
  const world = await newWorld();
  const people = {
    alice: await world.enrol('alice'),
    bob: await world.enrol('bob'),
    carol: await world.enrol('carol'),
  };
  await world.publish();
  await world.tell(world.event('alice', 'left'));
  await world.tell(world.event('bob', 'suspended'));
  return { ...world, people };
}

const off = (world: World, changes: Partial<typeof ORDER> = {}) =>
  switchGateOff({ ...world.deps, vpnGate: world.vpn.gate }, { ...ORDER, ...changes });

/** As the real gate answers, or as a broken one does. */
const gateOf = (world: World, broken: object = {}) => ({
  ask: async (event: Readonly<Record<string, string>>) => {
    const asked = { commonName: event['common-name'] ?? '', endpointId: event['endpoint-id'] ?? '' };
    const { access } = await decideConnection(world.deps, asked);
    return {
      allow: access.allowed,
      'error-msg-on-denied-connection': access.allowed ? '' : access.words,
      'posture-compliance-statuses': [],
      'schema-version': 'v2',
      ...broken,
    };
  },
});
const on = (world: World, broken?: object) =>
  switchGateOn(
    { ...world.deps, vpnGate: world.vpn.gate, gateAt: () => gateOf(world, broken) },
    { endpointId: ENDPOINT_ID, gateArn: GATE_ARN, actor: ACTOR },
  );

describe('the gate switched off', () => {
  it('lets in nobody who left or is held, and everybody else, for a year', async () => {
    const world = await withLeavers();
    const result = await off(world);
    expect(result).toMatchObject({ crlNumber: 2, entries: 2, wasOff: false });
    expect(result.nextUpdate - world.clock.now() / 1000).toBeGreaterThan(364 * DAY);
    expect(world.vpn.isGateOn).toBe(false);
    const { alice, bob, carol } = world.people;
    expect(await world.vpn.connect(alice)).toBe('list');
    expect(await world.vpn.connect(bob)).toBe('list');
    expect(await world.vpn.connect(carol)).toMatchObject({ status: 'active' });
    expect((await world.stores.endpoints.find(ENDPOINT_ID))?.gateOrder).toMatchObject({
      isOn: false,
      by: ACTOR,
    });
    expect(await off(world)).toMatchObject({ crlNumber: 2, wasOff: true });
  });

  it('has a long list also when somebody leaves later, until it is on again', async () => {
    const world = await withLeavers();
    await off(world);
    world.moveTime(2 * DAY);
    await world.tell(world.event('carol', 'left'));
    expect(await world.publish()).toMatchObject({ publish: true, reason: 'gateOff' });
    const { nextUpdate = 0, thisUpdate = 0 } = world.vpn.held ?? {};
    expect(nextUpdate - thisUpdate).toBeGreaterThan(364 * DAY);
    await on(world);
    world.moveTime(2 * DAY);
    await world.publish();
    const next = world.vpn.held;
    expect((next?.nextUpdate ?? 0) - (next?.thisUpdate ?? 0)).toBeLessThan(61 * DAY);
  });

  it('stays on while the endpoint does not show the list', async () => {
    const world = await withLeavers();
    world.vpn.pendingReads = 10_000;
    await expect(off(world)).rejects.toMatchObject({ code: 'listNotActive' });
    expect(world.vpn.isGateOn).toBe(true);
  });

  it('stays on where an offboarding cannot be brought on', async () => {
    const world = await withLeavers();
    world.interfere((name, effect) =>
      name === 'certificates.revoke' ? Promise.reject(new Error('no')) : effect(),
    );
    await expect(off(world)).rejects.toMatchObject({ code: 'offboardingsUnfinished' });
    expect(world.vpn.isGateOn).toBe(true);
  });

  it('refuses an endpoint that is not ours', async () => {
    const world = await newWorld();
    await expect(off(world, { endpointId: 'cvpn-endpoint-0' })).rejects.toMatchObject({
      code: 'endpointNotSetUp',
    });
  });

  it('lets in no leaver wherever it dies, and ends the same when done again', async () => {
    const whole = await withLeavers();
    const steps = counting();
    whole.interfere(steps.interference);
    await off(whole);
    for (let step = 1; step <= steps.names.length; step += 1) {
      const world = await withLeavers();
      world.interfere(dyingAt(step, 'after'));
      await expect(off(world)).rejects.toThrow();
      world.calm();
      expect(['list', 'gate']).toContain(await world.vpn.connect(world.people.alice));
      expect(['list', 'gate']).toContain(await world.vpn.connect(world.people.bob));
      // A list that was written down as sent, and was not, is waited for during an hour.
      await off(world, { patienceSeconds: 2 * 3_600 });
      expect(await world.vpn.connect(world.people.alice)).toBe('list');
    }
  });
});

describe('the gate switched on', () => {
  it('is asked again', async () => {
    const world = await withLeavers();
    await off(world);
    expect(await on(world)).toEqual({ wasOn: false });
    expect(world.vpn.isGateOn).toBe(true);
    expect((await world.stores.endpoints.find(ENDPOINT_ID))?.gateOrder).toMatchObject({ isOn: true });
    expect(await on(world)).toEqual({ wasOn: true });
  });

  it.each([
    ['lets anybody in', { allow: true }, 'gateAnswersWrongly'],
    ['cannot decide', { 'error-msg-on-denied-connection': 'The VPN cannot check' }, 'gateDoesNotAnswer'],
  ])('stays off where the gate %s', async (_name, broken, code) => {
    const world = await withLeavers();
    await off(world);
    await expect(on(world, broken)).rejects.toMatchObject({ code });
    expect(world.vpn.isGateOn).toBe(false);
  });

  it('is asked again where it only observes, though it lets in whom it does not know', async () => {
    const world = await withLeavers();
    await off(world);
    const gate = { policy: { mode: 'observe' as const }, at: world.clock.now() };
    await world.stores.endpoints.saveSettings(ENDPOINT_ID, {
      gateArn: GATE_ARN,
      clientConfiguration: 'c',
      gate,
    });
    await expect(on(world)).rejects.toMatchObject({ code: 'gateAnswersWrongly' });
    const observing = { allow: true, 'error-msg-on-denied-connection': '' };
    expect(await on(world, observing)).toEqual({ wasOn: false });
  });
});

describe('a list kept without the store', () => {
  const keep = (world: World) =>
    keepHeldList(world.deps, { endpointId: ENDPOINT_ID, keyIds: ['key'], crlLifeSeconds: 365 * DAY });

  it('stays as it is while it lives long enough', async () => {
    const world = await withLeavers();
    expect(await keep(world)).toMatchObject({ crlNumber: 1, isSignedAgain: false });
    expect(world.vpn.imports).toBe(1);
  });

  it('is signed again near its end with everybody on it, and the store goes on above its number', async () => {
    const world = await withLeavers();
    await world.stores.endpoints.requestPublication(ENDPOINT_ID, {
      requestedAt: world.clock.now(),
      by: 'adam',
    });
    await world.publish();
    world.moveTime(40 * DAY);
    expect(await keep(world)).toMatchObject({ crlNumber: 1_002, entries: 1, isSignedAgain: true });
    expect(await world.vpn.connect(world.people.alice)).toBe('list');
    expect(await world.publish()).toMatchObject({ publish: true, reason: 'drift', crlNumber: 1_003 });
  });

  it('is refused where there is none, or none of the keys signed it, and says which were tried', async () => {
    const world = await newWorld();
    await expect(keep(world)).rejects.toMatchObject({ code: 'listNotActive' });
    await world.publish();
    await expect(keepHeldList(withTwoKeys(world), orderOf('other', 'another'))).rejects.toMatchObject({
      code: 'listOfAnotherKey',
      message: expect.stringContaining('other, another') as string,
    });
  });

  it('of several CAs is signed by the key that signed it, though another key cannot be read', async () => {
    const world = await withLeavers();
    world.moveTime(40 * DAY);
    const { signer, ...deps } = withTwoKeys(world);
    const signedBy: string[] = [];
    const sign: typeof signer.sign = (keyId, tbs) => {
      signedBy.push(keyId);
      return signer.sign(keyId, tbs);
    };
    const told = await keepHeldList(
      { ...deps, signer: { ...signer, sign } },
      orderOf('broken', 'other', 'key'),
    );
    expect(told).toMatchObject({ isSignedAgain: true });
    expect(signedBy).toEqual(['key']);
    await expect(keepHeldList(withTwoKeys(world), orderOf('broken', 'other'))).rejects.toThrow('disabled');
  });
});

const orderOf = (...keyIds: string[]) => ({ endpointId: ENDPOINT_ID, keyIds, crlLifeSeconds: 365 * DAY });

/** `key` is the CA's, `broken` is out of order, and each other one is of another CA. */
const withTwoKeys = ({ deps }: World): World['deps'] => ({
  ...deps,
  signer: {
    ...deps.signer,
    publicKey: async (keyId) => {
      if (keyId === 'broken') throw new Error('the key is disabled');
      return keyId === 'key' ? deps.signer.publicKey(keyId) : testKey('another').subjectPublicKeyInfoDer;
    },
  },
});
