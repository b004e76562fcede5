import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sayThatPersonLeft } from '../../infra/local/demo/hr.ts';
import { enrol, newKeyAndRequest, type Laptop } from '../../infra/local/demo/laptop.ts';
import { eventually, happening, refusalOf } from '../../infra/local/demo/patience.ts';
import { promised } from '../../infra/local/demo/portal-api.ts';
import { expectUntouched, openTunnel, tunnelEnded, type Tunnel } from '../../infra/local/demo/tunnel.ts';
import { vpnEndpoint } from '../../infra/local/demo/vpn-endpoint.ts';
import { worldOf, type World } from '../../infra/local/demo/world.ts';
import { startStack, type Stack } from '../../infra/local/stack.ts';
import { Closers } from '../../infra/local/stack/closers.ts';
import { withPrivateKey } from '../../shared/domain/profile.ts';
import { issuedCertificateView, meView } from '../../shared/http/api/certificates.ts';
import { holdersView } from '../../shared/http/api/holders.ts';

const IMPATIENCE = 120_000;
const ROLLOVER = { furtherAuthorities: 'ca2=10.104.0.0/16', issuingCaId: 'ca2' };

const dataDir = mkdtempSync(join(tmpdir(), 'rollover-'));
const closers = new Closers();
afterAll(async () => {
  await closers.close();
  rmSync(dataDir, { recursive: true, force: true });
}, IMPATIENCE);

async function start(params: Readonly<Record<string, string>>): Promise<Stack> {
  const stack = await startStack({ schedules: 'manual', vpn: 'auto', dataDir, params });
  await stack.settled();
  return stack;
}

/** A new key and a renewal of the certificate, as `cli renew` asks for it. */
async function renew(world: World, old: Laptop): Promise<Laptop> {
  const { privateKey, csrPem } = await newKeyAndRequest();
  const token = await world.signIn(old.person);
  const path = `/v1/certificates/${old.certificateId}/renewal`;
  const answer = await world.api.call('POST', path, { token, json: { csr: csrPem } });
  const issued = promised(issuedCertificateView, answer, 201, `a renewal for ${old.person}`);
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const { certificateId, serialNumber, commonName, chain: caCertificatePem } = issued;
  const profileText = withPrivateKey(issued.profile, pem);
  return { ...old, token, certificateId, serialNumber, commonName, caCertificatePem, profileText };
}

async function holdersOf(world: World, caId: string): Promise<(string | undefined)[]> {
  const token = await world.signIn('adam');
  const answer = await world.api.call('GET', `/v1/admin/ca/${caId}/holders`, { token });
  const { holders } = promised(holdersView, answer, 200, `the holders of ${caId}`);
  return holders.map(({ login }) => login).sort();
}

async function publishAt(world: World, serialNumber: string): Promise<void> {
  const { status } = await world.api.call('POST', '/v1/admin/crl/publication', {
    token: await world.signIn('adam'),
  });
  expect(status).toBe(202);
  await eventually(
    () => world.endpoint.list(),
    ({ entries }) => [...entries.keys()].some((one) => one === serialNumber),
    `${serialNumber} on the list`,
    ({ crlNumber }) => `list ${crlNumber}`,
  );
}

async function expectRefused(world: World, laptop: Laptop): Promise<void> {
  const client = await world.connect(laptop.person, laptop.profileText);
  await refusalOf(client, `${laptop.person} is refused`, 0);
}

it(
  'a rollover: two CAs and endpoints side by side, people move by renewal, a leaver is out of both, and nobody is left',
  async () => {
    let stack = await start({});
    let before = worldOf(stack, [], closers);
    const [alice, bob, carol] = [
      await enrol(before, 'alice'),
      await enrol(before, 'bob'),
      await enrol(before, 'carol'),
    ];
    await stack.close();

    stack = await start(ROLLOVER);
    closers.add(() => stack.close());
    before = worldOf(stack, [], closers);
    const { Endpoint: old = '', EndpointOfCa2: next = '' } = stack.endpoints;
    expect(stack.endpointId).toBe(old);
    const endpoint = vpnEndpoint(next);
    closers.add(() => endpoint.close());
    const after: World = { ...before, endpoint };

    // Nobody has to move at the same moment.
    const bobs = await openTunnel(before, bob);
    const alices = await openTunnel(before, alice);
    const moved = await renew(after, alice);
    expect(moved.caCertificatePem).not.toBe(alice.caCertificatePem);
    const erin = await enrol(after, 'erin');
    const token = await after.signIn('erin');
    const me = promised(meView, await after.api.call('GET', '/v1/me', { token }), 200, 'who erin is');
    expect(me.endpoints).toEqual(
      [
        { endpointId: old, caId: 'ca1', isForNewCertificates: false },
        { endpointId: next, caId: 'ca2', isForNewCertificates: true },
      ].sort((a, b) => (a.endpointId < b.endpointId ? -1 : 1)),
    );
    expect(me.certificates.map(({ caId, endpointIds }) => ({ caId, endpointIds }))).toEqual([
      { caId: 'ca2', endpointIds: [next] },
    ]);
    const newTunnels = [await openTunnel(after, moved), await openTunnel(after, erin)];
    await expectUntouched(before, [alices, bobs]);
    expect(await holdersOf(after, 'ca1')).toEqual(['alice', 'bob', 'carol']);
    expect(await holdersOf(after, 'ca2')).toEqual(['alice', 'erin']);

    // HR says that alice left: out of both, and nobody else is.
    const leaving = [alices, newTunnels[0]].filter((one): one is Tunnel => one !== undefined);
    const ends = leaving.map(({ client, eventsBefore, laptop }) =>
      happening(client, 'disconnected', `${laptop.person}'s connection ends`, eventsBefore),
    );
    expect((await sayThatPersonLeft(before, 'alice@example.com')).status).toBe(200);
    await Promise.all(ends);
    await tunnelEnded(before, alices);
    await expectUntouched(before, [bobs]);
    await expectUntouched(after, newTunnels.slice(1));
    for (const tunnel of leaving)
      await refusalOf(tunnel.client, 'it is refused when it comes back', tunnel.eventsBefore);
    await stack.settled();
    await stack.fireSchedule('offboarding-sweep');
    await publishAt(before, alice.serialNumber);
    await publishAt(after, moved.serialNumber);
    await stack.settled();
    const lists = { old: await before.endpoint.list(), next: await after.endpoint.list() };
    expect([
      lists.old.isSignedBy(alice.caCertificatePem),
      lists.next.isSignedBy(moved.caCertificatePem),
    ]).toEqual([true, true]);
    expect(lists.next.isSignedBy(alice.caCertificatePem)).toBe(false);
    expect([...lists.old.entries.keys()]).toEqual([alice.serialNumber]);
    expect([...lists.next.entries.keys()]).toEqual([moved.serialNumber]);
    await expectRefused(before, alice);
    await expectRefused(after, moved);
    for (const caId of ['ca1', 'ca2']) {
      const crl = await fetch(`${stack.apiUrl}/v1/ca/${caId}/crl`);
      expect([crl.status, crl.headers.get('content-type')]).toEqual([200, 'application/pkix-crl']);
    }

    // Bob moves and connects, carol leaves: nobody is left.
    const bobMoved = await renew(after, bob);
    await openTunnel(after, bobMoved);
    await sayThatPersonLeft(before, 'carol@example.com');
    await stack.fireSchedule('endpoint-worker');
    await stack.fireSchedule('offboarding-sweep');
    await stack.settled();
    expect(await holdersOf(after, 'ca1')).toEqual([]);
    expect(await holdersOf(after, 'ca2')).toEqual(['bob', 'erin']);
    await expectRefused(before, bob);
    await expectRefused(before, carol);
  },
  IMPATIENCE,
);
