import { DomainError } from '../../../shared/domain/errors.ts';
import { issueCertificate, type IssuedCertificate } from '../../../shared/use-cases/issue-certificate.ts';
import { retirePredecessor } from '../../../shared/use-cases/retire-predecessor.ts';
import { counting, Died, dyingAt, interruptedAt, isDeath } from '../../support/crashes.ts';
import { ENDPOINT_ID, newWorld, publicKeyOf, type World } from '../../support/world.ts';

const DAY_SECONDS = 86_400;

/** Somebody whose certificate is in the last third of its life. */
async function worldWithOld(): Promise<World & { old: IssuedCertificate }> {
  const world = await newWorld();
  const old = await world.enrol('alice');
  world.moveTime(old.renewableFrom - world.clock.now() / 1000);
  return { ...world, old };
}

const aliceIn = (world: World) => world.caller('alice').personId;
const recordOf = async (world: World, { certificateId }: IssuedCertificate) => {
  const record = await world.stores.certificates.find(certificateId);
  if (record === undefined) throw new Error('it is not there');
  return record;
};
const isRetired = async (world: World, record: IssuedCertificate): Promise<boolean> =>
  (await recordOf(world, record)).revocation?.by === 'renewal';

async function effectsOf(world: World, act: () => Promise<unknown>): Promise<string[]> {
  const { interference, names } = counting();
  world.interfere(interference);
  await act();
  world.calm();
  return names;
}

const unlessRefused = (error: unknown): undefined => {
  if (error instanceof DomainError || error instanceof Died) return undefined;
  throw error;
};

describe('a renewal', () => {
  it('is for the same device and another key, and leaves the old certificate usable', async () => {
    const world = await worldWithOld();
    const fresh = await world.renew('alice', world.old, 'alice2');
    expect(fresh).toMatchObject({ deviceName: 'laptop', predecessorId: world.old.certificateId });
    expect(fresh.notAfter).toBeGreaterThan(world.old.notAfter);
    expect(await world.vpn.connect(world.old)).toMatchObject({ status: 'active' });
    expect(await world.vpn.connect(fresh)).toMatchObject({ status: 'active' });
  });

  it('is possible in the last third of a life, and not a second before', async () => {
    const world = await newWorld();
    const old = await world.enrol('alice');
    const lifeSeconds = old.notAfter - old.notBefore;
    expect((old.notAfter - old.renewableFrom) / lifeSeconds).toBeCloseTo(0.33, 5);
    world.moveTime(old.renewableFrom - world.clock.now() / 1000 - 1);
    await expect(world.renew('alice', old, 'alice2')).rejects.toMatchObject({ code: 'renewalTooEarly' });
    world.moveTime(1);
    await expect(world.renew('alice', old, 'alice2')).resolves.toMatchObject({ deviceName: 'laptop' });
  });

  it('is refused for a certificate that has ended or was revoked', async () => {
    const world = await worldWithOld();
    const at = world.clock.now();
    const by = { revocationDate: at / 1000, reason: 'keyCompromise', by: 'owner' } as const;
    await world.stores.certificates.revoke(world.old, by, at);
    await expect(world.renew('alice', world.old, 'alice2')).rejects.toMatchObject({
      code: 'certificateNotActive',
    });
    const ended = await world.enrol('alice', 'alice3');
    world.moveTime(ended.notAfter - world.clock.now() / 1000 + 1);
    await expect(world.renew('alice', ended, 'alice4')).rejects.toMatchObject({
      code: 'certificateNotActive',
    });
  });

  it('happens once: a second one is told which certificate it is that replaces the old', async () => {
    const world = await worldWithOld();
    const fresh = await world.renew('alice', world.old, 'alice2');
    const refused = expect(world.renew('alice', world.old, 'alice3')).rejects;
    await refused.toMatchObject({
      code: 'alreadyRenewed',
      message: expect.stringContaining(fresh.certificateId) as string,
    });
    // Who lost the new one before it was ever used says so, and renews again.
    const at = world.clock.now();
    const by = { revocationDate: at / 1000, reason: 'keyCompromise', by: 'owner' } as const;
    await world.stores.certificates.revoke(fresh, by, at);
    const again = await world.renew('alice', world.old, 'alice3');
    expect((await recordOf(world, world.old)).successorId).toBe(again.certificateId);
  });

  it('leaves one successor where two ask at once', async () => {
    const world = await worldWithOld();
    const answers = await Promise.all(
      ['alice2', 'alice3', 'alice4'].map((key) => world.renew('alice', world.old, key).catch(unlessRefused)),
    );
    const { successorId } = await recordOf(world, world.old);
    const issued = (await world.stores.certificates.listByPerson(aliceIn(world))).filter(
      (record) => record.predecessorId !== undefined && record.issued !== undefined,
    );
    expect(issued.map(({ certificateId }) => certificateId)).toEqual([successorId]);
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
  });

  it('takes no place from another device: the old certificate and the new are of one', async () => {
    const world = await worldWithOld();
    for (const key of ['k1', 'k2', 'k3']) await world.enrol('alice', key);
    await world.renew('alice', world.old, 'alice2');
    await world.enrol('alice', 'k4');
    world.moveTime(DAY_SECONDS + 1);
    await expect(world.enrol('alice', 'k5')).rejects.toMatchObject({ code: 'certificateLimitReached' });
  });

  it('is possible for who has as many devices as there may be', async () => {
    const world = await worldWithOld();
    world.deps.enrolment = { ...world.deps.enrolment, deviceQuota: 1 };
    await expect(world.renew('alice', world.old, 'alice2')).resolves.toMatchObject({ deviceName: 'laptop' });
  });

  it('counts as an issue', async () => {
    const world = await worldWithOld();
    world.deps.enrolment = { deviceQuota: 50, issuesPerDay: 5, issuesPer90Days: 20 };
    for (const key of ['k1', 'k2', 'k3', 'k4', 'k5']) await world.enrol('alice', key);
    await expect(world.renew('alice', world.old, 'alice2')).rejects.toMatchObject({ code: 'rateLimited' });
  });

  it('resumes no issue that was not a renewal, and no issue resumes it', async () => {
    const world = await worldWithOld();
    const noSignature = async (act: () => Promise<unknown>): Promise<void> => {
      world.interfere((name, effect) =>
        name === 'kms.sign' ? Promise.reject(new Error('KMS is down')) : effect(),
      );
      await expect(act()).rejects.toThrow('KMS is down');
      world.calm();
    };
    await noSignature(() => world.enrol('alice', 'k1'));
    await expect(world.renew('alice', world.old, 'k1')).rejects.toMatchObject({ code: 'publicKeyInUse' });
    await noSignature(() => world.renew('alice', world.old, 'k2'));
    await expect(world.enrol('alice', 'k2')).rejects.toMatchObject({ code: 'publicKeyInUse' });
    await expect(world.renew('alice', world.old, 'k2')).resolves.toMatchObject({ deviceName: 'laptop' });
  });

  it('answers the same to the same Idempotency-Key, also when the old certificate has been retired since', async () => {
    const world = await worldWithOld();
    const ask = () =>
      issueCertificate(world.deps, {
        caller: world.caller('alice'),
        deviceName: 'laptop',
        publicKey: publicKeyOf('alice2'),
        isKeyOurs: false,
        renews: world.old.certificateId,
        idempotency: { key: 'key-0001', requestSha256Hex: 'a' },
      });
    const [fresh, twin] = await Promise.all([ask(), ask()]);
    expect(twin.certificateId).toBe(fresh.certificateId);
    await world.vpn.connect(fresh);
    await world.cut();
    expect(await isRetired(world, world.old)).toBe(true);
    expect((await ask()).certificateId).toBe(fresh.certificateId);
  });

  it('can be asked for again after any crash, and ends with one successor', async () => {
    const counted = await worldWithOld();
    const names = await effectsOf(counted, () => counted.renew('alice', counted.old, 'alice2'));
    expect(names).toContain('certificates.markIssued');
    for (const [index, name] of names.entries()) {
      for (const when of ['before', 'after'] as const) {
        const world = await worldWithOld();
        world.interfere(dyingAt(index + 1, when));
        await world.renew('alice', world.old, 'alice2').catch(unlessRefused);
        world.calm();
        // She may have lost that key as well.
        const key = index % 2 === 0 ? 'alice2' : 'alice3';
        await world.renew('alice', world.old, key).catch(unlessRefused);
        const { successorId } = await recordOf(world, world.old);
        const all = await world.stores.certificates.listByPerson(aliceIn(world));
        const issued = all.filter(
          (record) => record.predecessorId !== undefined && record.issued !== undefined,
        );
        expect({ at: `${when} ${name}`, issued: issued.map(({ certificateId }) => certificateId) }).toEqual({
          at: `${when} ${name}`,
          issued: [successorId],
        });
      }
    }
  });

  it('gives a person who leaves meanwhile nothing that she can use', async () => {
    const counted = await worldWithOld();
    const names = await effectsOf(counted, () => counted.renew('alice', counted.old, 'alice2'));
    for (let n = 1; n <= names.length; n += 1) {
      const world = await worldWithOld();
      world.interfere(
        interruptedAt(n, async () => {
          world.calm();
          await world.tell(world.event('alice', 'left'));
        }),
      );
      const fresh = await world.renew('alice', world.old, 'alice2').catch(unlessRefused);
      world.calm();
      for (const one of [world.old, ...(fresh ? [fresh] : [])])
        expect(await world.vpn.connect(one)).toBe('gate');
      await world.advance();
      const all = await world.stores.certificates.listByPerson(aliceIn(world));
      expect(all.map(({ revocation }) => revocation?.by)).toEqual(all.map(() => 'offboarding'));
    }
  });
});

describe('a certificate that was renewed', () => {
  async function renewed() {
    const world = await worldWithOld();
    const fresh = await world.renew('alice', world.old, 'alice2');
    return { ...world, fresh };
  }

  it('is retired when its successor connects, and its own connection ends; nobody else’s does', async () => {
    const world = await renewed();
    const bob = await world.enrol('bob');
    for (const one of [world.old, bob]) await world.vpn.connect(one);
    await world.cut();
    expect(await isRetired(world, world.old)).toBe(false);
    await world.vpn.connect(world.fresh);
    expect(await world.cut()).toEqual({ terminated: 1, isClean: true });
    expect(await recordOf(world, world.old)).toMatchObject({
      revocation: { reason: 'superseded', by: 'renewal' },
    });
    expect(world.vpn.names()).toEqual([bob.commonName, world.fresh.commonName]);
    expect(await world.vpn.connect(world.old)).toBe('gate');
    expect(await world.vpn.connect(world.fresh)).toMatchObject({ status: 'active' });
  });

  it('causes no import of its own, and is on the next list that is made', async () => {
    const world = await renewed();
    await world.publish();
    await world.vpn.connect(world.fresh);
    await world.cut();
    // Into the quiet hours of the next night: the list is half a day old.
    world.moveTime(DAY_SECONDS - (Math.floor(world.clock.now() / 1000) % DAY_SECONDS) + 3 * 3_600);
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'waitsForRefresh' });
    expect(world.vpn.imports).toBe(1);
    await world.enrol('bob');
    await world.tell(world.event('bob', 'left'));
    await world.publish();
    expect(world.vpn.imports).toBe(2);
    expect(world.vpn.revoked().has(world.old.serialNumber)).toBe(true);
    expect(await world.stores.revocations.listPending(ENDPOINT_ID)).toEqual([]);
  });

  it('is on the list at once where the gate is found off', async () => {
    const world = await renewed();
    await world.publish();
    await world.vpn.connect(world.fresh);
    await world.cut();
    world.vpn.isGateOn = false;
    expect(await world.publish()).toMatchObject({ publish: true, reason: 'gateOff' });
    expect(await world.vpn.connect(world.old)).toBe('list');
  });

  it('stays as its owner left it where she revoked it first', async () => {
    const world = await renewed();
    const at = world.clock.now();
    const by = { revocationDate: at / 1000, reason: 'keyCompromise', by: 'owner' } as const;
    await world.vpn.connect(world.fresh);
    // Between the look at it and the writing.
    world.interfere((name, effect) =>
      name === 'certificates.revoke'
        ? world.stores.certificates.revoke(world.old, by, at).then(effect)
        : effect(),
    );
    expect(await world.cut()).toMatchObject({ isClean: true });
    expect((await recordOf(world, world.old)).revocation).toEqual(by);
  });

  it('is not retired by an attempt at renewal that another has replaced', async () => {
    const world = await renewed();
    const at = world.clock.now();
    const by = { revocationDate: at / 1000, reason: 'keyCompromise', by: 'owner' } as const;
    await world.stores.certificates.revoke(world.fresh, by, at);
    const later = await world.renew('alice', world.old, 'alice3');
    expect(await retirePredecessor(world.deps, world.fresh)).toBe(false);
    expect(await isRetired(world, world.old)).toBe(false);
    expect(await retirePredecessor(world.deps, later)).toBe(true);
    expect(await retirePredecessor(world.deps, later)).toBe(false);
  });

  it('is retired in the end, whenever the sweep dies', async () => {
    const counted = await renewed();
    for (const one of [counted.old, counted.fresh]) await counted.vpn.connect(one);
    const names = await effectsOf(counted, () => counted.cut());
    expect(names).toContain('certificates.revoke');
    for (const [index, name] of names.entries()) {
      for (const when of ['before', 'after'] as const) {
        const world = await renewed();
        for (const one of [world.old, world.fresh]) await world.vpn.connect(one);
        world.interfere(dyingAt(index + 1, when));
        await world.cut().catch((error: unknown) => {
          if (!isDeath(error)) throw error;
        });
        world.calm();
        await world.cut();
        expect({
          at: `${when} ${name}`,
          names: world.vpn.names(),
          retired: await isRetired(world, world.old),
        }).toEqual({
          at: `${when} ${name}`,
          names: [world.fresh.commonName],
          retired: true,
        });
      }
    }
  });

  it('goes on a list within a day all the same once its person leaves, though nothing else of hers is left', async () => {
    const world = await worldWithOld();
    const renewed = await world.renew('alice', world.old, 'new');
    await world.publish();
    await world.vpn.connect(renewed);
    await world.cut();
    // The new one goes first: nothing that is still to be listed takes the old one along.
    await world.stores.certificates.revoke(
      await recordOf(world, renewed),
      { revocationDate: Math.floor(world.clock.now() / 1000), reason: 'keyCompromise', by: 'owner' },
      world.clock.now(),
    );
    await world.stores.revocations.clearPending(ENDPOINT_ID, [
      { serialNumber: renewed.serialNumber, since: world.clock.now() },
    ]);
    await world.tell(world.event('alice', 'left'));
    await world.sweep();
    world.moveTime(DAY_SECONDS);
    expect(await world.publish()).toMatchObject({ publish: true, reason: 'due' });
    expect(world.vpn.revoked().has(world.old.serialNumber)).toBe(true);
    const [record] = await world.stores.offboardings.listOpen();
    expect(record?.publishedAt[ENDPOINT_ID]).toMatchObject({ crlNumber: 2 });
  });

  it('is retired again after its person left and came back', async () => {
    const world = await renewed();
    await world.tell(world.event('alice', 'left'));
    await world.advance();
    world.moveTime(60);
    const at = world.clock.now();
    await world.tell(world.event('alice', 'returned', { eventTime: at, receivedAt: at }));
    await world.advance();
    expect((await recordOf(world, world.old)).revocation).toBeUndefined();
    await world.vpn.connect(world.fresh);
    await world.cut();
    expect(await isRetired(world, world.old)).toBe(true);
  });
});
