import type { RevokedCertificate } from '../../../shared/domain/crl-facts.ts';
import type { SerialNumber } from '../../../shared/domain/certificate-id.ts';
import { pemFrom } from '../../../shared/domain/x509/pem.ts';
import { revokeOwnCertificate } from '../../../shared/use-cases/revoke-certificate.ts';
import { counting, Died, dyingAt } from '../../support/crashes.ts';
import { CA_ID, ENDPOINT_ID, newWorld, type World } from '../../support/world.ts';
import { testCa, testCrlDer } from '../x509/fixtures.ts';

const HOUR = 3_600;
const OTHER_ENDPOINT_ID = 'cvpn-endpoint-0fedcba9876543210';
/** As easy-rsa makes them: 16 octets. */
const EASY_RSA_SERIAL = '9b2f6c01aa55e3d47b8810cc3f0e6d21' as SerialNumber;

/** alice and bob hold certificates; the list is of two hours ago. */
async function staffed() {
  const world = await newWorld();
  const alice = await world.enrol('alice');
  const bob = await world.enrol('bob');
  await world.publish();
  world.moveTime(2 * HOUR);
  return { ...world, alice, bob };
}

/** Somebody imports a list by hand, signed by our CA or by another. */
async function importByHand(
  world: World,
  entries: readonly RevokedCertificate[],
  ca = world.ca,
): Promise<void> {
  const thisUpdate = Math.floor(world.clock.now() / 1000) - 60;
  const der = testCrlDer(ca, entries, { crlNumber: 40, thisUpdate, nextUpdate: thisUpdate + 30 * 86_400 });
  await world.vpn.crl.import(ENDPOINT_ID, pemFrom('X509 CRL', der));
}

const entryOf = (serialNumber: SerialNumber, reason: RevokedCertificate['reason']): RevokedCertificate => ({
  serialNumber,
  revocationDate: 1_700_000_000,
  reason,
});

const listed = (world: World): RevokedCertificate[] => [...(world.vpn.held?.entries.values() ?? [])];
const incidents = (world: World) => world.stores.offboardings.listOpenIncidents();

describe('a list that somebody imported by hand and our CA signed', () => {
  it('is reported and replaced above its number, and whom it revokes stays revoked', async () => {
    const world = await staffed();
    const { endpoints } = world.stores;
    const first = await endpoints.find(ENDPOINT_ID);
    if (first === undefined) throw new Error('no endpoint');
    await endpoints.add({ ...first, endpointId: OTHER_ENDPOINT_ID });
    await importByHand(world, [
      entryOf(world.alice.serialNumber, 'keyCompromise'),
      entryOf(EASY_RSA_SERIAL, 'cACompromise'),
    ]);
    const result = await world.publish();
    expect(result).toMatchObject({ reason: 'drift', entries: 2, isConfirmed: true });
    expect(result.crlNumber).toBeGreaterThan(40);
    expect(listed(world)).toEqual([
      entryOf(world.alice.serialNumber, 'keyCompromise'),
      entryOf(EASY_RSA_SERIAL, 'unspecified'),
    ]);
    expect(await incidents(world)).toHaveLength(1);
    expect((await incidents(world))[0]?.words).toMatch(/stays revoked/);
    const record = await world.stores.certificates.find(world.alice.certificateId);
    expect(record?.revocation).toMatchObject({ by: 'administrator', reason: 'keyCompromise' });
    expect(await world.stores.revocations.listPending(ENDPOINT_ID)).toEqual([]);
    // The other endpoint of the CA has to learn of both.
    const pending = await world.stores.revocations.listPending(OTHER_ENDPOINT_ID);
    expect(pending.map(({ serialNumber }) => serialNumber).sort()).toEqual(
      [world.alice.serialNumber, EASY_RSA_SERIAL].sort(),
    );
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'unchanged' });
    expect(await incidents(world)).toEqual([]);
  });

  it('keeps what the portal did not issue for as long as the CA lives', async () => {
    const world = await staffed();
    await importByHand(world, [entryOf(EASY_RSA_SERIAL, 'superseded')]);
    await world.publish();
    const [row] = await world.stores.revocations.list(CA_ID, 0);
    expect(row).toMatchObject({ serialNumber: EASY_RSA_SERIAL, notAfter: world.ca.facts.notAfter });
    world.moveTime(3 * 365 * 86_400);
    expect(await world.publish()).toMatchObject({ reason: 'refresh', entries: 1 });
  });

  it.each<[string, (world: Awaited<ReturnType<typeof staffed>>) => RevokedCertificate]>([
    ['a hold, which nobody would lift', ({ bob }) => entryOf(bob.serialNumber, 'certificateHold')],
    ['a serial number of zero', () => entryOf('0'.repeat(20) as SerialNumber, 'superseded')],
    ['one of 21 octets', () => entryOf('7f'.repeat(21) as SerialNumber, 'superseded')],
  ])('leaves out %s', async (_what, entry) => {
    const world = await staffed();
    await importByHand(world, [entry(world)]);
    expect(await world.publish()).toMatchObject({ reason: 'drift', entries: 0 });
  });

  it.each(['revocations.claim', 'crls.nextNumber'])(
    'is not taken back by who returns after the table was restored: before %s',
    async (effectName) => {
      const world = await staffed();
      const backup = world.backup();
      await world.tell(world.event('alice', 'left'));
      await world.cut();
      const requestedAt = world.clock.now();
      await world.deps.endpoints.requestPublication(ENDPOINT_ID, { requestedAt, by: 'adam' });
      expect(await world.publish()).toMatchObject({ reason: 'requested', entries: 1 });
      await world.keepJournal();
      world.restore(backup);
      await world.replayJournal();
      world.moveTime(2 * HOUR);
      world.interfere(async (name, effect) => {
        if (name === effectName) {
          world.calm();
          await world.tell(world.event('alice', 'returned', { eventTime: world.clock.now() }));
          await world.advance();
        }
        return effect();
      });
      expect(await world.publish()).toMatchObject({ reason: 'drift', entries: 1 });
      expect(await world.vpn.connect(world.alice)).toBe('list');
      const record = await world.stores.certificates.find(world.alice.certificateId);
      expect(record?.revocation).toBeDefined();
    },
  );

  it('leaves out a certificate of ours that has ended', async () => {
    const world = await staffed();
    world.moveTime(world.bob.notAfter - Math.floor(world.clock.now() / 1000) + HOUR);
    await world.publish();
    world.moveTime(2 * HOUR);
    await importByHand(world, [entryOf(world.bob.serialNumber, 'superseded')]);
    expect(await world.publish()).toMatchObject({ reason: 'drift', entries: 0 });
  });

  it('ends right whoever dies while it is merged', async () => {
    const prepare = async () => {
      const world = await staffed();
      await importByHand(world, [
        entryOf(world.alice.serialNumber, 'superseded'),
        entryOf(EASY_RSA_SERIAL, 'superseded'),
      ]);
      return world;
    };
    const { interference, names } = counting();
    const first = await prepare();
    first.interfere(interference);
    await first.publish();
    const from = names.indexOf('revocations.adopt') - 3;
    for (let n = from; n <= names.length; n += 1) {
      const world = await prepare();
      world.interfere(dyingAt(n, n % 2 === 0 ? 'before' : 'after'));
      await world.publish().catch((error: unknown) => {
        if (!(error instanceof Died)) throw error;
      });
      world.calm();
      world.moveTime(HOUR + 60);
      await world.publish();
      const outcome = {
        at: names[n - 1],
        entries: listed(world).length,
        rows: await world.stores.revocations.list(CA_ID, 0),
      };
      expect(outcome).toMatchObject({ at: names[n - 1], entries: 2, rows: [{}, {}] });
    }
  });
});

describe('a list of another CA', () => {
  it('is reported in other words, revokes nobody, and ours replaces it', async () => {
    const world = await staffed();
    await importByHand(world, [entryOf(world.alice.serialNumber, 'keyCompromise')], testCa('stranger'));
    const result = await world.publish();
    expect(result).toMatchObject({ reason: 'drift', entries: 0, crlNumber: 2 });
    expect(await incidents(world)).toHaveLength(1);
    expect((await incidents(world))[0]?.words).toMatch(/of another CA/);
    expect((await world.stores.certificates.find(world.alice.certificateId))?.revocation).toBeUndefined();
  });
});

describe('an endpoint that trusts the CA, for which a certificate is not', () => {
  it('has the revocation on its list all the same, of leavers and of others', async () => {
    const world = await staffed();
    const first = await world.stores.endpoints.find(ENDPOINT_ID);
    if (first === undefined) throw new Error('no endpoint');
    for (const [endpointId, caId] of [
      [OTHER_ENDPOINT_ID, CA_ID],
      ['cvpn-endpoint-0bbbbbbbbbbbbbbbb', 'ca2'],
    ] as const) {
      await world.stores.endpoints.add({ ...first, endpointId, caId });
    }
    await world.tell(world.event('alice', 'left'));
    await world.advance();
    const caller = world.caller('bob');
    const { certificateId } = world.bob;
    await revokeOwnCertificate(world.deps, { caller, certificateId, reason: 'superseded' });
    const pending = await Promise.all(
      [ENDPOINT_ID, OTHER_ENDPOINT_ID, 'cvpn-endpoint-0bbbbbbbbbbbbbbbb'].map(async (id) => {
        const all = await world.stores.revocations.listPending(id);
        return all.map(({ serialNumber }) => serialNumber).sort();
      }),
    );
    const both = [world.alice.serialNumber, world.bob.serialNumber].sort();
    expect(pending).toEqual([both, both, []]);
  });
});
