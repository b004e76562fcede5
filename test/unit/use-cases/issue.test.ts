import { X509Certificate } from 'node:crypto';
import { issueCertificate } from '../../../shared/use-cases/issue-certificate.ts';
import { newWorld, publicKeyOf, type World } from '../../support/world.ts';

const DAY_SECONDS = 86_400;

const issue = (world: World, login: string, keyName: string, key?: string, body = 'a') =>
  issueCertificate(world.deps, {
    caller: world.caller(login),
    deviceName: 'laptop',
    publicKey: publicKeyOf(keyName),
    isKeyOurs: false,
    ...(key === undefined ? {} : { idempotency: { key, requestSha256Hex: body } }),
  });

const revoke = async (world: World, record: Awaited<ReturnType<typeof issue>>): Promise<void> => {
  const at = world.clock.now();
  const revocation = { revocationDate: Math.floor(at / 1000), reason: 'superseded', by: 'owner' } as const;
  await world.stores.certificates.revoke(record, revocation, at);
};

describe('an issue', () => {
  it('decides everything but the key itself', async () => {
    const world = await newWorld();
    const record = await issue(world, 'alice', 'alice');
    const certificate = new X509Certificate(record.issued.certificateDer);
    expect(certificate.subject).toBe(`O=Example Ltd\nCN=${record.certificateId}.alice`);
    expect(certificate.subjectAltName).toBe(
      `URI:urn:vpn-portal:person:${record.personId}, email:alice@example.com`,
    );
    expect(certificate.serialNumber).toBe(record.serialNumber.toUpperCase());
    expect(certificate.verify(new X509Certificate(world.ca.certificateDer).publicKey)).toBe(true);
    const days = (record.notAfter - world.clock.now() / 1000) / DAY_SECONDS;
    expect(days).toBeGreaterThanOrEqual(162);
    expect(days).toBeLessThanOrEqual(198);
  });

  it.each([
    ['who is not in the group', { groups: ['visitors'] }, 'notEntitled'],
    ['whose token lacks the scope', { scopes: ['profile'] }, 'notAllowed'],
    ['who used no second factor where one is asked for', { lacksMfa: true }, 'mfaMissing'],
    ['who signed in eleven minutes ago', { signedInAt: Date.UTC(2026, 2, 1, 8, 49) / 1000 }, 'signInTooOld'],
    ['whose e-mail address nobody verified', { aliases: [] }, 'aliasMissing'],
  ])('is refused to somebody %s', async (_who, changes, code) => {
    const world = await newWorld();
    const request = {
      caller: world.caller('alice', changes),
      deviceName: 'laptop',
      publicKey: publicKeyOf('alice'),
      isKeyOurs: false,
    };
    await expect(issueCertificate(world.deps, request)).rejects.toMatchObject({ code });
    expect(await world.stores.certificates.listByPerson(world.caller('alice').personId)).toEqual([]);
  });

  it('is for a key once, whoever asks', async () => {
    const world = await newWorld();
    await issue(world, 'alice', 'alice');
    await expect(issue(world, 'alice', 'alice')).rejects.toMatchObject({ code: 'publicKeyInUse' });
    await expect(issue(world, 'bob', 'alice')).rejects.toMatchObject({ code: 'publicKeyInUse' });
  });

  it('resumes nobody else’s reservation', async () => {
    const world = await newWorld();
    world.interfere(async (name, effect) => {
      if (name === 'kms.sign') throw new Error('KMS is down');
      return effect();
    });
    await expect(issue(world, 'alice', 'alice')).rejects.toThrow('KMS is down');
    world.calm();
    await expect(issue(world, 'bob', 'alice')).rejects.toMatchObject({ code: 'publicKeyInUse' });
    await expect(issue(world, 'alice', 'alice')).resolves.toMatchObject({ deviceName: 'laptop' });
  });

  it('answers the same to the same Idempotency-Key, and refuses it for another request', async () => {
    const world = await newWorld();
    const first = await issue(world, 'alice', 'alice', 'key-0001');
    expect((await issue(world, 'alice', 'alice', 'key-0001')).certificateId).toBe(first.certificateId);
    await expect(issue(world, 'alice', 'alice2', 'key-0001', 'b')).rejects.toMatchObject({
      code: 'idempotencyKeyReused',
    });
    // The key is the person's own: bob's is another.
    await expect(issue(world, 'bob', 'bob', 'key-0001', 'b')).resolves.toMatchObject({
      deviceName: 'laptop',
    });
  });

  it('is made once when the same request comes twice at once', async () => {
    const world = await newWorld();
    const twice = await Promise.all([1, 2].map(() => issue(world, 'alice', 'alice', 'key-0001')));
    expect(twice[0]?.certificateId).toBe(twice[1]?.certificateId);
    expect(await world.stores.certificates.listByPerson(world.caller('alice').personId)).toHaveLength(1);
  });

  it('keeps to the device quota, also when many ask at once', async () => {
    const world = await newWorld();
    const names = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7'];
    const results = await Promise.allSettled(names.map((name) => issue(world, 'alice', name)));
    const live = await world.stores.certificates.listByPerson(world.caller('alice').personId);
    expect(live.length).toBeLessThanOrEqual(5);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(live.length);
  });

  it('ends in rateLimited for who issues and revokes in a loop, and opens again after a day', async () => {
    const world = await newWorld();
    for (const name of ['k1', 'k2', 'k3', 'k4', 'k5']) await revoke(world, await issue(world, 'alice', name));
    await expect(issue(world, 'alice', 'k6')).rejects.toMatchObject({
      code: 'rateLimited',
      retryAfterSeconds: DAY_SECONDS,
    });
    world.moveTime(DAY_SECONDS);
    await expect(issue(world, 'alice', 'k6')).resolves.toMatchObject({ deviceName: 'laptop' });
  });

  it('counts the certificates of 90 days', async () => {
    const world = await newWorld();
    world.deps.enrolment = { deviceQuota: 5, issuesPerDay: 5, issuesPer90Days: 6 };
    for (const name of ['k1', 'k2', 'k3', 'k4', 'k5']) await revoke(world, await issue(world, 'alice', name));
    world.moveTime(DAY_SECONDS + 1);
    await revoke(world, await issue(world, 'alice', 'k6'));
    await expect(issue(world, 'alice', 'k7')).rejects.toMatchObject({ code: 'rateLimited' });
    world.moveTime(89 * DAY_SECONDS);
    await expect(issue(world, 'alice', 'k7')).resolves.toMatchObject({ deviceName: 'laptop' });
  });
});
