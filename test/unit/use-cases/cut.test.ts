import { ENDPOINT_ID, GATE_ARN, newWorld, type World } from '../../support/world.ts';

describe('the cut', () => {
  it('catches who comes up between two lists', async () => {
    const world = await newWorld();
    const alice = await world.enrol('alice');
    await world.publish();
    await world.tell(world.event('alice', 'left'));
    let lists = 0;
    const { list } = world.deps.connections;
    // The gate had let her in a moment before the denial; the tunnel shows up late.
    world.deps.connections.list = async (endpointId) => {
      lists += 1;
      if (lists === 2) {
        world.vpn.isGateOn = false;
        await world.vpn.connect(alice);
      }
      return list(endpointId);
    };
    expect(await world.cut()).toEqual({ terminated: 1, isClean: true });
    // One clean, one with her, and those of five clean seconds.
    expect(lists).toBe(8);
    expect(world.vpn.names()).toEqual([]);
  });

  it('ends the others although one cannot be ended, tries that one again, and says so', async () => {
    const world = await newWorld();
    const alice = await world.enrol('alice');
    const bob = await world.enrol('bob');
    await world.vpn.connect(alice);
    await world.vpn.connect(bob);
    for (const login of ['alice', 'bob']) await world.tell(world.event(login, 'left'));
    const { terminate } = world.deps.connections;
    world.deps.connections.terminate = async (endpointId, connectionId) => {
      if (connectionId === 'cvpn-connection-1') throw new Error('RequestLimitExceeded');
      return terminate(endpointId, connectionId);
    };
    await expect(world.cut()).rejects.toThrow('could not be ended');
    expect(world.vpn.names()).toEqual([alice.commonName]);
    expect(
      (await world.stores.offboardings.listOpen()).every(({ cutAt }) => cutAt[ENDPOINT_ID] === undefined),
    ).toBe(true);
  });

  it('does not call an offboarding cut that began after the first clean list', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    let lists = 0;
    const { list } = world.deps.connections;
    world.deps.connections.list = async (endpointId) => {
      lists += 1;
      const listed = await list(endpointId);
      if (lists === 1) await world.tell(world.event('alice', 'left'));
      return listed;
    };
    expect(await world.cut()).toEqual({ terminated: 0, isClean: true });
    expect((await world.stores.offboardings.listOpen())[0]?.cutAt).toEqual({});
  });

  it('is over after five seconds also where the clock is set back meanwhile', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    await world.tell(world.event('alice', 'left'));
    let lists = 0;
    const { list } = world.deps.connections;
    world.deps.connections.list = async (endpointId) => {
      lists += 1;
      if (lists === 3) world.moveTime(-86_400);
      return list(endpointId);
    };
    expect(await world.cut()).toEqual({ terminated: 0, isClean: true });
    expect(lists).toBe(9);
  });

  it('ends a connection of a certificate that its owner revoked, and one that nobody knows', async () => {
    const world = await newWorld();
    const alice = await world.enrol('alice');
    const bob = await world.enrol('bob');
    await world.vpn.connect(bob);
    await world.vpn.connect(alice);
    const at = world.clock.now();
    const revocation = { revocationDate: at / 1000, reason: 'keyCompromise', by: 'owner' } as const;
    await world.stores.certificates.revoke(alice, revocation, at);
    world.vpn.isGateOn = false;
    await world.vpn.connect({ ...alice, commonName: 'somebody.else' });
    expect(await world.cut()).toEqual({ terminated: 2, isClean: true });
    expect(world.vpn.names()).toEqual([bob.commonName]);
  });

  it('notes the last use of those who stay, once an hour', async () => {
    const world = await newWorld();
    const alice = await world.enrol('alice');
    await world.vpn.connect(alice);
    const writes: string[] = [];
    world.interfere((name, effect) => {
      if (name === 'certificates.markUsed') writes.push(name);
      return effect();
    });
    await world.cut();
    await world.cut();
    expect(writes).toHaveLength(1);
    world.moveTime(3600);
    await world.cut();
    expect(writes).toHaveLength(2);
  });

  describe('of every five minutes', () => {
    const listing = async () => {
      const world = await newWorld();
      const alice = await world.enrol('alice');
      await world.vpn.connect(alice);
      const listedAt: number[] = [];
      const { list } = world.deps.connections;
      world.deps.connections.list = async (endpointId) => {
        listedAt.push(world.clock.now());
        return list(endpointId);
      };
      return { world, alice, listedAt };
    };

    it('lists once where nobody waits to be cut, and notes who uses what', async () => {
      const { world, alice, listedAt } = await listing();
      expect(await world.sweepConnections()).toEqual({ terminated: 0, isClean: true });
      expect(listedAt).toHaveLength(1);
      const { lastUsedAt } = (await world.stores.certificates.find(alice.certificateId)) ?? {};
      expect(lastUsedAt).toBe(Math.floor(world.clock.now() / 1000));
    });

    it('catches who was coming up when she was denied and is listed late, before it calls her cut', async () => {
      const { world, alice, listedAt } = await listing();
      await world.deps.connections.terminate(ENDPOINT_ID, 'cvpn-connection-1');
      await world.tell(world.event('alice', 'left'));
      const { list } = world.deps.connections;
      world.deps.connections.list = async (endpointId) => {
        if (listedAt.length === 4) {
          world.vpn.isGateOn = false;
          await world.vpn.connect(alice);
        }
        return list(endpointId);
      };
      expect(await world.sweepConnections()).toEqual({ terminated: 1, isClean: true });
      expect(world.vpn.names()).toEqual([]);
      const [record] = await world.stores.offboardings.listOpen();
      expect(record?.terminated).toHaveLength(1);
      expect(record?.cutAt[ENDPOINT_ID]).toBeGreaterThanOrEqual((listedAt[5] ?? NaN) + 5_000);
      // Cut is cut: what is left of her offboarding takes no more lists.
      const before = listedAt.length;
      await world.sweepConnections();
      expect(listedAt).toHaveLength(before + 1);
    });

    it('looks for five seconds more at whom it ends without an offboarding', async () => {
      const { world, alice, listedAt } = await listing();
      const at = world.clock.now();
      const revocation = { revocationDate: at / 1000, reason: 'keyCompromise', by: 'owner' } as const;
      await world.stores.certificates.revoke(alice, revocation, at);
      expect(await world.sweepConnections()).toEqual({ terminated: 1, isClean: true });
      expect((listedAt.at(-1) ?? NaN) - (listedAt[1] ?? NaN)).toBeGreaterThanOrEqual(5_000);
    });
  });

  describe('where the gate only observes', () => {
    const observed = async (mode: 'observe' | 'enforce') => {
      const world = await newWorld();
      const gate = { policy: { mode }, at: world.clock.now() };
      const settings = { gateArn: GATE_ARN, clientConfiguration: 'client\n', gate };
      await world.stores.endpoints.saveSettings(ENDPOINT_ID, settings);
      return world;
    };
    const lastUnknownAt = async (world: World) =>
      (await world.stores.endpoints.find(ENDPOINT_ID))?.observation?.lastUnknownAt;

    it('leaves those whom nobody knows, notes when, and ends the connections of a leaver', async () => {
      const world = await observed('observe');
      const alice = await world.enrol('alice');
      await world.vpn.connect(alice);
      await world.cut();
      expect(await lastUnknownAt(world)).toBeUndefined();
      world.vpn.isGateOn = false;
      await world.vpn.connect({ ...alice, commonName: 'made by hand' });
      await world.tell(world.event('alice', 'left'));
      expect(await world.cut()).toEqual({ terminated: 1, isClean: true });
      expect(world.vpn.names()).toEqual(['made by hand']);
      expect(await lastUnknownAt(world)).toBe(world.clock.now());
    });

    it('notes those too who are gone again', async () => {
      const world = await observed('observe');
      const gone = { connectionId: 'c', commonName: 'made by hand', status: 'terminated' as const };
      world.deps.connections.list = async () => [gone];
      expect(await world.cut()).toEqual({ terminated: 0, isClean: true });
      expect(await lastUnknownAt(world)).toBe(world.clock.now());
    });

    it('no longer leaves anybody once it enforces', async () => {
      const world = await observed('enforce');
      const alice = await world.enrol('alice');
      world.vpn.isGateOn = false;
      await world.vpn.connect({ ...alice, commonName: 'made by hand' });
      expect(await world.cut()).toEqual({ terminated: 1, isClean: true });
      expect(await lastUnknownAt(world)).toBeUndefined();
    });
  });
});
