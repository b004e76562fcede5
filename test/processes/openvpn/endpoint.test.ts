import { setTimeout } from 'node:timers/promises';
import {
  CreateClientVpnEndpointCommand,
  DescribeClientVpnConnectionsCommand,
  ExportClientVpnClientConfigurationCommand,
  TerminateClientVpnConnectionsCommand,
  type ClientVpnConnection,
} from '@aws-sdk/client-ec2';
import type { VpnClient } from '../../../infra/local/openvpn/client-types.ts';
import { ec2Crl } from '../../../shared/adapters/ec2/crl.ts';
import {
  allowing,
  denying,
  GATE_ARN,
  goodEndpoint,
  SERVER_ARN,
  startEc2StandIn,
  type Ec2StandIn,
} from '../../support/ec2-stand-in.ts';
import { testBackends, vpnClients, type TestBackend } from '../../support/vpn-client.ts';
import { createVpnPki, profileOf } from '../../support/vpn-pki.ts';

/*
 * Nearly all of the time here is OpenVPN waiting: a second for each connection, one for each retry, one for each
 * reset. So the tests run side by side, each with an endpoint of its own.
 */

const HANDLER_TIMEOUT_MS = 300;
const PATIENCE_MS = 30_000;
/** It would be a command of its own, if it were not quoted. */
const WORDS = 'Access ended, says "HR" \\ \u00e9\nclient-auth-nt 0 1';
const WORDS_AS_SHOWN = 'Access ended, says "HR" \\ \u00e9 client-auth-nt 0 1';

const backends = await testBackends();
const pki = await createVpnPki();
const server = await pki.server();
const leaves = {
  alice: await pki.client('ABCDEFGHJKMNPQRS.alice@example.com'),
  bob: await pki.client('BBCDEFGHJKMNPQRS.bob'),
  mallory: await pki.client('mallory" \\ client-auth-nt 0 1'),
};

afterAll(() => pki.close());

/** What the test tells the gate, by a part of the common name. */
interface Gate {
  denied?: string;
  late?: string;
  readonly asked: string[];
}

interface TestEndpoint {
  readonly gate: Gate;
  readonly notes: readonly string[];
  readonly standIn: Ec2StandIn;
  readonly connect: (name: keyof typeof leaves) => Promise<VpnClient>;
  /** Those that are active. */
  readonly connections: () => Promise<ClientVpnConnection[]>;
  readonly terminate: (name: string) => Promise<void>;
  /** Imports a list and waits until it is active. */
  readonly load: (crlPem: string) => Promise<void>;
}

const answerOf = (gate: Gate) => (_: string, payload: unknown) => {
  const commonName = (payload as Record<string, string>)['common-name'] ?? '';
  gate.asked.push(commonName);
  if (gate.late !== undefined && commonName.includes(gate.late)) return new Promise<never>(() => undefined);
  const isDenied = gate.denied !== undefined && commonName.includes(gate.denied);
  return Promise.resolve({ payload: isDenied ? denying(WORDS) : allowing });
};

async function withEndpoint(
  { backend, startVpnServer }: TestBackend,
  use: (endpoint: TestEndpoint) => Promise<void>,
): Promise<void> {
  const gate: Gate = { asked: [] };
  const notes: string[] = [];
  const clients = vpnClients(backend);
  const standIn = await startEc2StandIn(
    {
      startVpnServer,
      handlerTimeoutMs: HANDLER_TIMEOUT_MS,
      note: (_, kind, text) => notes.push(`${kind}: ${text}`),
      invoke: answerOf(gate),
    },
    new Map([[SERVER_ARN, { ...server, chainPem: pki.caPem }]]),
  );
  const { client } = standIn;
  const { ClientVpnEndpointId = '' } = await client.send(
    new CreateClientVpnEndpointCommand({
      ...goodEndpoint,
      ClientConnectOptions: { Enabled: true, LambdaFunctionArn: GATE_ARN },
    }),
  );
  const { ClientConfiguration = '' } = await client.send(
    new ExportClientVpnClientConfigurationCommand({ ClientVpnEndpointId }),
  );
  const list = ec2Crl({ client });
  const connections = async () => {
    const { Connections = [] } = await client.send(
      new DescribeClientVpnConnectionsCommand({ ClientVpnEndpointId }),
    );
    return Connections.filter(({ Status }) => Status?.Code === 'active');
  };
  try {
    await use({
      gate,
      notes,
      standIn,
      connections,
      connect: (name) => clients.connect(name, profileOf(ClientConfiguration, leaves[name])),
      async terminate(name) {
        const found = (await connections()).find(({ CommonName }) => CommonName?.includes(name));
        await client.send(
          new TerminateClientVpnConnectionsCommand({
            ClientVpnEndpointId,
            ConnectionId: found?.ConnectionId,
          }),
        );
      },
      async load(crlPem) {
        await list.import(ClientVpnEndpointId, crlPem);
        while ((await list.export(ClientVpnEndpointId))?.status !== 'active') await setTimeout(50);
      },
    });
  } finally {
    await clients.stopAll();
    await standIn.close();
  }
}

describe.each(backends)('an endpoint over $backend', (backend) => {
  const itProves = (sentence: string, test: (endpoint: TestEndpoint) => Promise<void>): void => {
    it.concurrent(sentence, () => withEndpoint(backend, test), PATIENCE_MS);
  };

  itProves(
    'asks the gate, lets in whom it allows, and tells the others its words',
    async ({ connect, connections, gate }) => {
      gate.denied = 'mallory';
      const [alice, bob, mallory] = await Promise.all([connect('alice'), connect('bob'), connect('mallory')]);
      await alice.connected;
      await bob.connected;
      expect(await mallory.refused).toMatchObject({ by: 'gate', text: WORDS_AS_SHOWN });
      await mallory.ended;
      expect(gate.asked.toSorted()).toEqual([
        'ABCDEFGHJKMNPQRS.alice@example.com',
        'BBCDEFGHJKMNPQRS.bob',
        'mallory" \\ client-auth-nt 0 1',
      ]);
      expect((await connections()).map(({ CommonName }) => CommonName).toSorted()).toEqual([
        'ABCDEFGHJKMNPQRS.alice@example.com',
        'BBCDEFGHJKMNPQRS.bob',
      ]);
    },
  );

  itProves(
    'cuts one connection; who comes back is judged again, and nobody else notices',
    async ({ connect, connections, terminate, gate }) => {
      const [alice, bob] = await Promise.all([connect('alice'), connect('bob')]);
      await Promise.all([alice.connected, bob.connected]);
      // Cut before denied: the client is back at once. That is why the denial has to come first.
      const back = alice.next('connected');
      await terminate('alice');
      await back;
      gate.denied = 'alice';
      const refused = alice.next('refused');
      await terminate('alice');
      expect(await refused).toMatchObject({ by: 'gate', text: WORDS_AS_SHOWN });
      expect(alice.isConnected).toBe(false);
      expect(bob.events.map(({ kind }) => kind)).toEqual(['connected']);
      expect(await connections()).toMatchObject([{ CommonName: 'BBCDEFGHJKMNPQRS.bob' }]);
    },
  );

  itProves('denies when the gate does not answer in time', async ({ connect, gate, notes }) => {
    gate.late = 'alice';
    const alice = await connect('alice');
    expect(await alice.refused).toMatchObject({ by: 'gate' });
    expect(notes).toContain('handler: client-connect-handler-timed-out: no answer in 300 ms');
  });

  itProves(
    'checks no revocation before the first list; with it everybody is reset, and the revoked stay out',
    async ({ connect, load, gate, notes }) => {
      const [alice, bob] = await Promise.all([connect('alice'), connect('bob')]);
      await Promise.all([alice.connected, bob.connected]);
      let outcomes = [alice.next(['connected', 'refused']), bob.next(['connected', 'refused'])];
      await load(await pki.crl({ revoked: [leaves.alice.serialHex] }));
      expect(await Promise.all(outcomes)).toMatchObject([
        { kind: 'refused', by: 'certificate' },
        { kind: 'connected' },
      ]);
      // Another list at once, of the same size: the same names change places.
      outcomes = [alice.next('connected'), bob.next(['connected', 'refused'])];
      await load(await pki.crl({ revoked: [leaves.bob.serialHex] }));
      expect(await Promise.all(outcomes)).toMatchObject([
        { kind: 'connected' },
        { kind: 'refused', by: 'certificate' },
      ]);
      expect(notes.join('\n')).toMatch(/refused: .*revoked/i);
      expect(gate.asked.filter((commonName) => commonName.includes('bob'))).toHaveLength(2);
    },
  );

  itProves('refuses everybody once its list has expired', async ({ connect, load, notes }) => {
    const bob = await connect('bob');
    await load(await pki.crl({ nextUpdateDays: -1 }));
    await bob.refused;
    const alice = await connect('alice');
    expect(await alice.refused).toMatchObject({ by: 'certificate' });
    expect(notes.join('\n')).toMatch(/refused: .*crl.has.expired/i);
  });

  itProves(
    'accepts a list of another CA, and with it the revoked: as stock OpenVPN does',
    async ({ connect, load }) => {
      await load(await pki.crl({ foreign: true, revoked: [leaves.alice.serialHex] }));
      const alice = await connect('alice');
      await alice.next('connected', { since: 0 });
    },
  );

  itProves(
    "lets yesterday's profiles connect after a restart, and keeps out whom it kept out",
    async ({ connect, connections, load, standIn }) => {
      await load(await pki.crl({ revoked: [leaves.alice.serialHex] }));
      await standIn.restart();
      const [alice, bob] = await Promise.all([connect('alice'), connect('bob')]);
      await bob.connected;
      expect(await alice.refused).toMatchObject({ by: 'certificate' });
      expect(await connections()).toMatchObject([{ CommonName: 'BBCDEFGHJKMNPQRS.bob' }]);
    },
  );
});
