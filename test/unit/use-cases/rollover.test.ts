import { readCaFacts } from '../../../shared/domain/x509/ca-facts.ts';
import { X509Certificate } from 'node:crypto';
import { exportCertificates } from '../../../shared/use-cases/administration/export.ts';
import { listHolders } from '../../../shared/use-cases/administration/holders.ts';
import { describeCaller, ownProfile } from '../../../shared/use-cases/own-certificates.ts';
import type { IssuedCertificate } from '../../../shared/use-cases/issue-certificate.ts';
import { Died } from '../../support/crashes.ts';
import { CA_ID, ENDPOINT_ID, newWorld, type World } from '../../support/world.ts';

const NEXT_CA = 'ca2';
const NEXT = 'cvpn-endpoint-0fedcba9876543210';

/** Alice and bob have certificates of the old CA, and the next one issues. */
async function worldInRollover() {
  const world = await newWorld();
  await world.publish();
  const [alice, bob] = [await world.enrol('alice'), await world.enrol('bob')];
  const next = await world.rollOver(NEXT_CA, NEXT);
  await world.publish({}, NEXT);
  return { ...world, alice, bob, next };
}

const issuerOf = (world: World, { issued }: IssuedCertificate, caDer = world.ca.certificateDer): boolean =>
  new X509Certificate(issued.certificateDer).verify(new X509Certificate(caDer).publicKey);
const holdersOf = async (world: World, caId: string) =>
  (await listHolders(world.deps, world.caller('adam'), caId)).holders
    .map(({ person }) => person?.login)
    .sort();

describe('beside another CA', () => {
  it('a new certificate comes from the one that issues, for its endpoints alone', async () => {
    const world = await worldInRollover();
    const carol = await world.enrol('carol');
    expect(carol).toMatchObject({ caId: NEXT_CA, endpointIds: [NEXT] });
    expect(issuerOf(world, carol, world.next.ca.certificateDer)).toBe(true);
    expect(await world.next.vpn.connect(carol)).toMatchObject({ status: 'active' });
    expect(await world.vpn.connect(carol)).toBe('gate');
    expect(await world.next.vpn.connect(world.alice)).toBe('gate');
    expect(await world.vpn.connect(world.alice)).toMatchObject({ status: 'active' });
  });

  it('nobody is issued for a CA that no endpoint trusts yet', async () => {
    const world = await newWorld();
    world.deps.issuingCaIds = [NEXT_CA, CA_ID];
    expect(await world.enrol('alice')).toMatchObject({ caId: CA_ID, endpointIds: [ENDPOINT_ID] });
    await world.stores.endpoints.retire(ENDPOINT_ID, world.clock.now());
    await expect(world.enrol('bob')).rejects.toThrow('no endpoint trusts the CA ca2 or ca1 yet');
  });

  it('what was reserved under the old CA is signed by it, whoever issues by now', async () => {
    const world = await newWorld();
    world.interfere(async (name, effect) => {
      if (name === 'kms.sign') throw new Died(name);
      return effect();
    });
    await expect(world.enrol('alice')).rejects.toThrow(Died);
    world.calm();
    await world.rollOver(NEXT_CA, NEXT);
    const alice = await world.enrol('alice');
    expect(alice).toMatchObject({ caId: CA_ID, endpointIds: [ENDPOINT_ID] });
    expect(issuerOf(world, alice)).toBe(true);
  });

  it('a certificate of the old one is renewed at any time, which is how its holder moves', async () => {
    const world = await worldInRollover();
    const moved = await world.renew('alice', world.alice, 'alice2');
    expect(moved).toMatchObject({ caId: NEXT_CA, predecessorId: world.alice.certificateId });
    await expect(world.renew('alice', moved, 'alice3')).rejects.toMatchObject({ code: 'renewalTooEarly' });
    await world.next.vpn.connect(moved);
    await world.cut(NEXT);
    expect(await world.vpn.connect(world.alice)).toBe('gate');
    expect(await holdersOf(world, CA_ID)).toEqual(['bob']);
    expect(await holdersOf(world, NEXT_CA)).toEqual(['alice']);
  });

  it('who leaves is refused at both, and on both lists; each list has its own number and issuer', async () => {
    const world = await worldInRollover();
    const moved = await world.renew('alice', world.alice, 'alice2');
    await world.vpn.connect(world.alice);
    await world.vpn.connect(world.bob);
    await world.next.vpn.connect(moved);
    await world.tell(world.event('alice', 'left'));
    await world.cut();
    await world.cut(NEXT);
    expect([world.vpn.names(), world.next.vpn.names()]).toEqual([[world.bob.commonName], []]);
    await world.advance();
    world.moveTime(86_400);
    await world.publish();
    expect([...world.vpn.revoked().keys()]).toEqual([world.alice.serialNumber]);
    expect([...world.next.vpn.revoked().keys()]).toEqual([]);
    await world.publish({}, NEXT);
    expect([...world.next.vpn.revoked().keys()]).toEqual([moved.serialNumber]);
    const keyOf = (held = world.vpn.held) => held?.authorityKeyIdentifierHex;
    expect(keyOf()).toBe(world.ca.facts.subjectKeyIdentifierHex);
    expect(keyOf(world.next.vpn.held)).toBe(
      readCaFacts(world.next.ca.certificateDer).subjectKeyIdentifierHex,
    );
    expect(world.next.vpn.held?.crlNumber).toBe(2);
    expect(await world.stores.offboardings.listOpen()).toEqual([]);
    expect(await holdersOf(world, CA_ID)).toEqual(['bob']);
  });

  it('an endpoint that fails delays neither cut nor list at the other', async () => {
    const world = await worldInRollover();
    const down = async () => {
      throw new Error('down');
    };
    await world.renew('alice', world.alice, 'alice2');
    Object.assign(world.next.vpn.crl, { export: down });
    Object.assign(world.next.vpn.connections, { list: down });
    await world.vpn.connect(world.alice);
    await world.tell(world.event('alice', 'left'));
    await expect(world.cut(NEXT)).rejects.toThrow('down');
    await world.cut();
    await world.advance();
    world.moveTime(86_400);
    await expect(world.publish({}, NEXT)).rejects.toThrow('down');
    await world.publish();
    expect(world.vpn.names()).toEqual([]);
    expect([...world.vpn.revoked().keys()]).toEqual([world.alice.serialNumber]);
    const [record] = await world.stores.offboardings.listOpen();
    expect(Object.keys(record?.cutAt ?? {})).toEqual([ENDPOINT_ID]);
    expect(Object.keys(record?.publishedAt ?? {})).toEqual([ENDPOINT_ID]);
  });

  it('the profile is of an endpoint that the certificate is for, and says which there are', async () => {
    const world = await worldInRollover();
    const caller = world.caller('alice');
    const about = await describeCaller(world.deps, caller);
    expect(about.issuingCaId).toBe(NEXT_CA);
    expect(about.endpoints.map(({ endpointId }) => endpointId)).toEqual([ENDPOINT_ID, NEXT]);
    const { certificateId } = world.alice;
    expect(await ownProfile(world.deps, caller, certificateId, ENDPOINT_ID)).toContain('remote');
    await expect(ownProfile(world.deps, caller, certificateId, NEXT)).rejects.toMatchObject({
      code: 'endpointNotFound',
    });
  });
});

describe('an endpoint that is retired', () => {
  it('is left alone, keeps no leaver waiting, and what was issued for it stays on record', async () => {
    const world = await worldInRollover();
    await world.stores.endpoints.retire(ENDPOINT_ID, world.clock.now());
    await world.tell(world.event('bob', 'left'));
    expect(await world.cut()).toEqual({ terminated: 0, isClean: true });
    expect(await world.publish()).toMatchObject({ publish: false, reason: 'endpointRetired' });
    await world.cut(NEXT);
    await world.advance();
    expect(await world.stores.offboardings.listOpen()).toEqual([]);
    const { records } = await exportCertificates(
      { ...world.deps, exports: world.stores.exports },
      world.caller('adam'),
      {},
    );
    expect(records).toHaveLength(2);
    const { certificateId } = world.alice;
    await expect(ownProfile(world.deps, world.caller('alice'), certificateId)).rejects.toMatchObject({
      code: 'endpointNotFound',
    });
  });
});
