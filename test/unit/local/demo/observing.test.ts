import type { Laptop } from '../../../../infra/local/demo/laptop.ts';
import { eventually, refusalOf } from '../../../../infra/local/demo/patience.ts';
import { promised, promisedProblem } from '../../../../infra/local/demo/portal-api.ts';
import { expectUntouched, tunnelComeBack, type Tunnel } from '../../../../infra/local/demo/tunnel.ts';
import type { SeenConnection, VpnEndpoint } from '../../../../infra/local/demo/vpn-endpoint.ts';
import { ClientEvents } from '../../../../infra/local/openvpn/client-events.ts';
import * as z from 'zod';

const laptop: Laptop = {
  person: 'bob',
  token: '',
  certificateId: '7K3M9QZ2X4T1ABCD',
  serialNumber: '',
  commonName: '7K3M9QZ2X4T1ABCD.bob',
  notAfter: '',
  caCertificatePem: '',
  profileText: '',
  milliseconds: 0,
};
const seenAs = (connectionId: string, status: string): SeenConnection => ({
  connectionId,
  commonName: laptop.commonName,
  status,
});

/** An endpoint that shows these connections, and a tunnel that is up. */
function worldWith(connections: readonly SeenConnection[]) {
  const endpoint: VpnEndpoint = {
    connections: async () => [...connections],
    gateArn: async () => undefined,
    switchGate: async () => undefined,
    list: () => Promise.reject(new Error('no list')),
    close: () => undefined,
  };
  const events = new ClientEvents('bob');
  events.add('connected', '');
  const client = events.client(async () => undefined);
  const tunnel: Tunnel = { laptop, client, connectionId: 'first', eventsBefore: 1 };
  return { world: { endpoint }, events, tunnel };
}

describe('whoever must not be touched', () => {
  it('has the same connection at both its ends', async () => {
    const { world, tunnel } = worldWith([seenAs('first', 'active')]);
    await expect(expectUntouched(world, [tunnel])).resolves.toBeUndefined();
  });

  it.each([
    ['ended', [seenAs('first', 'terminated')], 'terminated'],
    ['replaced by another', [seenAs('first', 'terminated'), seenAs('second', 'active')], 'terminated'],
    ['forgotten', [], 'unknown there'],
  ])('is touched when the connection is %s at the endpoint', async (_what, connections, status) => {
    const { world, tunnel } = worldWith(connections);
    await expect(expectUntouched(world, [tunnel])).rejects.toMatchObject({
      seen: `at the endpoint it is ${status}`,
    });
  });

  it('is touched when the client was away for a moment, whatever the endpoint says', async () => {
    const { world, tunnel, events } = worldWith([seenAs('first', 'active')]);
    events.add('disconnected', 'Connection reset');
    events.add('connected', 'again');
    await expect(expectUntouched(world, [tunnel])).rejects.toMatchObject({
      seen: "bob's client is connected: disconnected (Connection reset); connected (again)",
    });
  });
});

it('has come back who was reset and has another connection', async () => {
  const { world, tunnel, events } = worldWith([seenAs('first', 'terminated'), seenAs('second', 'active')]);
  events.add('disconnected', 'Connection reset');
  events.add('connected', '');
  expect(await tunnelComeBack(world, tunnel)).toMatchObject({ connectionId: 'second', eventsBefore: 3 });
});

describe('a refusal', () => {
  it('is told with who refused', async () => {
    const events = new ClientEvents('alice');
    events.add('refused', 'Your VPN access has ended.', 'gate');
    const event = await refusalOf(
      events.client(async () => undefined),
      'alice is refused',
      0,
    );
    expect(event).toMatchObject({ by: 'gate', text: 'Your VPN access has ended.' });
  });

  it.each([
    ['was let in', 'connected', 'alice was let in'],
    ['gave up', 'ended', "alice's client is not connected: ended (stopped)"],
  ] as const)('was not observed when alice %s', async (_what, kind, seen) => {
    const events = new ClientEvents('alice');
    events.add(kind, 'stopped');
    const refusal = refusalOf(
      events.client(async () => undefined),
      'alice is refused',
      0,
    );
    await expect(refusal).rejects.toMatchObject({ expected: 'alice is refused', seen });
  });
});

it('what never becomes so is told as it was seen last', async () => {
  const looking = eventually(
    async () => 3,
    (value) => value > 3,
    'more than 3',
    (value) => `${value}`,
    50,
  );
  await expect(looking).rejects.toMatchObject({ expected: 'more than 3', seen: '3, after 0.05 s' });
});

describe('an answer of the portal', () => {
  const problem = {
    status: 403,
    body: { code: 'personDenied', detail: 'your VPN access has ended' },
    milliseconds: 1,
  };
  const view = z.object({ certificateId: z.string() });

  it('counts when it is the problem that was expected', () => {
    expect(promisedProblem(problem, 403, 'personDenied')).toBe('your VPN access has ended');
  });

  it.each([
    ['another problem', problem, '403 personDenied: your VPN access has ended'],
    ['success', { status: 201, body: { certificateId: 'A' }, milliseconds: 1 }, '201 {"certificateId":"A"}'],
    ['not JSON', { status: 502, body: 'bad gateway', milliseconds: 1 }, '502 bad gateway'],
  ])('does not count when it is %s', (_what, answer, seen) => {
    expect(() => promisedProblem(answer, 403, 'notEntitled')).toThrow(
      expect.objectContaining({ seen }) as Error,
    );
  });

  it('must have the form that the API promises', () => {
    const answer = { status: 201, body: { certificate: 1 }, milliseconds: 1 };
    expect(() => promised(view, answer, 201, 'a certificate')).toThrow(
      expect.objectContaining({ seen: '201 {"certificate":1}' }) as Error,
    );
  });
});
