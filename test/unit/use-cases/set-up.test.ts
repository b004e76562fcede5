import { X509Certificate } from 'node:crypto';
import { nodeKeyPairs } from '../../../shared/adapters/node-key-pairs.ts';
import { setUp, type SetUpDeps } from '../../../shared/use-cases/set-up.ts';
import { Died, dyingAt } from '../../support/crashes.ts';
import { memoryStores } from '../../support/memory-stores/memory-stores.ts';
import { testKey } from '../x509/fixtures.ts';
import { freshOctets } from '../../support/store-fixtures.ts';
import { GATE_ARN, START, type Interference } from '../../support/world.ts';

const request = {
  caId: 'ca1',
  keyId: 'key',
  organization: 'Example Ltd',
  serverName: 'vpn.example.com',
  clientCidrBlock: '10.100.0.0/16',
  gateArn: GATE_ARN,
  sessionTimeoutHours: 10,
  transport: 'udp',
} as const;

/** AWS as far as set-up meets it; the same client token makes the same endpoint. */
function account(interference: () => Interference) {
  const made = new Map<string, string>();
  const imported: { certificatePem: string; chainPem: string }[] = [];
  const stores = memoryStores();
  const through = <T>(name: string, effect: () => Promise<T>): Promise<T> => interference()(name, effect);
  const deps: SetUpDeps = {
    endpoints: {
      ...stores.endpoints,
      addAuthority: (authority) => through('addAuthority', () => stores.endpoints.addAuthority(authority)),
      add: (endpoint) => through('add', () => stores.endpoints.add(endpoint)),
    },
    signer: {
      publicKey: async () => testKey('ca').subjectPublicKeyInfoDer,
      sign: (_keyId, tbs) => through('sign', async () => testKey('ca').sign(tbs)),
    },
    keyPairs: nodeKeyPairs,
    serverCertificates: {
      import: (material) =>
        through(
          'import',
          async () => `arn:aws:acm:eu-west-1:111122223333:certificate/${imported.push(material)}`,
        ),
    },
    vpnEndpoints: { describe: async () => undefined, exportClientConfiguration: async () => 'client\n' },
    vpnEndpointFactory: {
      create: ({ clientToken }) =>
        through('create', async () => {
          const endpointId = made.get(clientToken) ?? `cvpn-endpoint-${made.size + 1}`;
          made.set(clientToken, endpointId);
          return { endpointId };
        }),
    },
    clock: { now: () => START, sleep: async () => undefined },
    random: freshOctets,
    wake: { connections: async () => undefined, publication: async () => undefined },
  };
  return { deps, made, imported };
}

describe('the set-up', () => {
  it('makes a CA that signs itself and a server certificate that chains to it', async () => {
    const { deps, imported } = account(() => (_name, effect) => effect());
    const { authority } = await setUp(deps, request);
    const ca = new X509Certificate(authority.certificateDer);
    const server = new X509Certificate(imported[0]?.certificatePem ?? '');
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(ca.ca).toBe(true);
    expect(server.verify(ca.publicKey)).toBe(true);
    expect(server.checkHost('vpn.example.com')).toBe('vpn.example.com');
    expect(new X509Certificate(imported[0]?.chainPem ?? '').fingerprint256).toBe(ca.fingerprint256);
  });

  it('changes nothing when it runs again', async () => {
    const { deps, imported, made } = account(() => (_name, effect) => effect());
    const first = await setUp(deps, request);
    expect(await setUp(deps, request)).toEqual(first);
    expect({ imported: imported.length, made: made.size }).toEqual({ imported: 1, made: 1 });
  });

  it.each([1, 2, 3, 4, 5, 6].flatMap((n) => [[n, 'before'] as const, [n, 'after'] as const]))(
    'ends with one CA and one endpoint when it died at effect %i, %s it',
    async (n, when) => {
      let interference: Interference = dyingAt(n, when);
      const { deps, made } = account(() => interference);
      await expect(setUp(deps, request)).rejects.toBeInstanceOf(Died);
      interference = (_name, effect) => effect();
      const { authority, endpoint } = await setUp(deps, request);
      expect(await deps.endpoints.list()).toEqual([endpoint]);
      expect((await setUp(deps, request)).authority).toEqual(authority);
      expect(made.size).toBe(1);
    },
  );

  it('makes no CA whose key is not the one that signed', async () => {
    const { deps } = account(() => (_name, effect) => effect());
    const signer = {
      ...deps.signer,
      sign: async (_keyId: string, tbs: Uint8Array) => testKey('other').sign(tbs),
    };
    await expect(setUp({ ...deps, signer }, request)).rejects.toThrow('not of the CA');
    expect(await deps.endpoints.findAuthority('ca1')).toBeUndefined();
  });
});
