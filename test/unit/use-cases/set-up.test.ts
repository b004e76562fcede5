import { X509Certificate } from 'node:crypto';
import { ENFORCE } from '../../../shared/domain/gate-policy.ts';
import { pemFrom } from '../../../shared/domain/x509/pem.ts';
import type { EndpointSettings } from '../../../shared/ports/client-vpn.ts';
import { ensureAuthority } from '../../../shared/use-cases/set-up/ensure-authority.ts';
import {
  ensureServerCertificate,
  type EnsureServerCertificateDeps,
} from '../../../shared/use-cases/set-up/ensure-server-certificate.ts';
import {
  registerEndpoint,
  type RegisterEndpointDeps,
} from '../../../shared/use-cases/set-up/register-endpoint.ts';
import { Died, dyingAt } from '../../support/crashes.ts';
import { FakeAcm } from '../../support/fake-acm.ts';
import { memoryStores } from '../../support/memory-stores/memory-stores.ts';
import type { SerialNumber } from '../../../shared/domain/certificate-id.ts';
import type { ServerCertificateRecord } from '../../../shared/domain/server-certificate.ts';
import { testKey } from '../x509/fixtures.ts';
import { freshOctets } from '../../support/store-fixtures.ts';
import { ENDPOINT_ID, GATE_ARN, silentAudit, START, type Interference } from '../../support/world.ts';

const SERVER_ARN = 'arn:aws:acm:eu-west-1:111122223333:certificate/of-the-endpoint';
/** What the store holds of a registration. */
const KEPT = {
  endpointId: ENDPOINT_ID,
  caId: 'ca1',
  serverCertificateArn: SERVER_ARN,
  gateArn: GATE_ARN,
  gatePolicy: ENFORCE,
  clientConfiguration: 'client\n',
};
const undisturbed: Interference = (_name, effect) => effect();
const names = { organization: 'Example Ltd', serverName: 'vpn.example.com' };

/** AWS as far as set-up meets it. */
function account(interference: () => Interference = () => undisturbed) {
  const acm = new FakeAcm();
  const woken: string[] = [];
  const exported = { configuration: 'client\n' };
  /** What EC2 says of the endpoint, beside its certificates, and ACM of chains that are not ours. */
  const endpoint: { settings: Partial<EndpointSettings> | undefined } = { settings: {} };
  const chains = new Map<string, string>();
  const stores = memoryStores();
  const through = <T>(name: string, effect: () => Promise<T>): Promise<T> => interference()(name, effect);
  const deps: EnsureServerCertificateDeps & RegisterEndpointDeps = {
    endpoints: {
      ...stores.endpoints,
      addAuthority: (authority) => through('addAuthority', () => stores.endpoints.addAuthority(authority)),
      keepServerCertificate: (caId, arn) =>
        through('keepServerCertificate', () => stores.endpoints.keepServerCertificate(caId, arn)),
      add: (added) => through('add', () => stores.endpoints.add(added)),
    },
    signer: {
      publicKey: async () => testKey('ca').subjectPublicKeyInfoDer,
      sign: (_keyId, tbs) => through('sign', async () => testKey('ca').sign(tbs)),
    },
    keyPairs: {
      generate: async () => ({
        subjectPublicKeyInfoDer: testKey('server').subjectPublicKeyInfoDer,
        privateKeyPem: 'private',
      }),
    },
    serverCertificates: {
      import: (material) => through('import', () => acm.import(material)),
      read: (arn) => acm.read(arn),
      findChain: async (arn) => chains.get(arn) ?? acm.findChain(arn),
    },
    serverCertificateStore: {
      ...stores.serverCertificates,
      reserve: (record) => through('reserve', () => stores.serverCertificates.reserve(record)),
      markSigned: (...marked) => through('markSigned', () => stores.serverCertificates.markSigned(...marked)),
    },
    audit: silentAudit(),
    vpnEndpoints: {
      describe: async (endpointId) =>
        endpoint.settings && {
          endpointId,
          serverCertificateArn: SERVER_ARN,
          clientRootCertificateChainArn: (await stores.endpoints.findServerCertificate('ca1')) ?? 'none',
          ...endpoint.settings,
        },
      exportClientConfiguration: async () => exported.configuration,
    },
    clock: { now: () => START, sleep: async () => undefined },
    random: freshOctets,
    wake: {
      connections: async () => undefined,
      publication: async (endpointId) => void woken.push(endpointId),
    },
  };
  return { deps, imported: acm.imports, stores, woken, exported, endpoint, chains };
}

/** The whole of a deployment; CloudFormation makes the endpoint between the steps. */
async function setUp(deps: ReturnType<typeof account>['deps']) {
  const authority = await ensureAuthority(deps, { ...names, caId: 'ca1', keyId: 'key' });
  const serverCertificateArn = await ensureServerCertificate(deps, names, authority);
  const registration = {
    endpointId: ENDPOINT_ID,
    caId: 'ca1',
    gateArn: GATE_ARN,
    gatePolicy: ENFORCE,
    secondFactor: {},
  };
  await registerEndpoint(deps, registration);
  return { authority, registration, serverCertificateArn };
}

describe('the set-up', () => {
  it('makes a CA that signs itself and a server certificate that chains to it', async () => {
    const { deps, imported } = account();
    const { authority } = await setUp(deps);
    const ca = new X509Certificate(authority.certificateDer);
    const server = new X509Certificate(imported[0]?.certificatePem ?? '');
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(ca.ca).toBe(true);
    expect(server.verify(ca.publicKey)).toBe(true);
    expect(server.checkHost('vpn.example.com')).toBe('vpn.example.com');
    expect(new X509Certificate(imported[0]?.chainPem ?? '').fingerprint256).toBe(ca.fingerprint256);
  });

  it('makes nothing a second time, whatever it is told then', async () => {
    const { deps, imported } = account();
    const first = await setUp(deps);
    expect(await setUp(deps)).toEqual(first);
    const authority = await ensureAuthority(deps, { caId: 'ca1', keyId: 'other', organization: 'Other' });
    expect(authority).toEqual(first.authority);
    const other = { organization: 'Other', serverName: 'other.example.com' };
    expect(await ensureServerCertificate(deps, other, authority)).toBe(first.serverCertificateArn);
    expect(imported).toHaveLength(1);
  });

  it('signs no server certificate that the store does not know, with the very octets', async () => {
    const known: boolean[] = [];
    const { deps, stores } = account(() => async (name, effect) => {
      if (name === 'sign') known.push(reserved.size > 0);
      return effect();
    });
    const reserved = new Map<string, Uint8Array>();
    const serverCertificateStore = {
      ...stores.serverCertificates,
      reserve: async (record: ServerCertificateRecord) => {
        reserved.set(record.serialNumber, record.tbsCertificateDer);
        return stores.serverCertificates.reserve(record);
      },
    };
    await setUp({ ...deps, serverCertificateStore });
    // The CA's own certificate is signed before there is anything to know.
    expect(known).toEqual([false, true]);
    const [[serialNumber, tbs] = ['', undefined]] = reserved;
    const record = await stores.serverCertificates.find('ca1', serialNumber as SerialNumber);
    expect(record).toMatchObject({ tbsCertificateDer: tbs, importedAt: START / 1000 });
    expect(record?.certificateDer).toBeDefined();
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8].flatMap((n) => [[n, 'before'] as const, [n, 'after'] as const]))(
    'ends with one CA, one server certificate and one endpoint when it died at effect %i, %s it',
    async (n, when) => {
      let interference: Interference = dyingAt(n, when);
      const { deps } = account(() => interference);
      await expect(setUp(deps)).rejects.toBeInstanceOf(Died);
      interference = undisturbed;
      const { authority, serverCertificateArn } = await setUp(deps);
      expect(await deps.endpoints.list()).toEqual([KEPT]);
      expect((await setUp(deps)).authority).toEqual(authority);
      expect(await deps.endpoints.findServerCertificate('ca1')).toBe(serverCertificateArn);
    },
  );

  it('makes no CA whose key is not the one that signed', async () => {
    const { deps } = account();
    const signer = {
      ...deps.signer,
      sign: async (_keyId: string, tbs: Uint8Array) => testKey('other').sign(tbs),
    };
    await expect(setUp({ ...deps, signer })).rejects.toThrow('not of the CA');
    expect(await deps.endpoints.findAuthority('ca1')).toBeUndefined();
  });
});

describe('a registration', () => {
  it("asks for the endpoint's first list", async () => {
    const { deps, woken } = account();
    await setUp(deps);
    expect(woken).toEqual([ENDPOINT_ID]);
  });

  it('follows what may change at an endpoint, and keeps what its list was', async () => {
    const { deps, exported } = account();
    const { registration } = await setUp(deps);
    exported.configuration = 'client\nport 1194\n';
    await registerEndpoint(deps, { ...registration, gateArn: `${GATE_ARN}:live` });
    expect(await deps.endpoints.find(ENDPOINT_ID)).toEqual({
      ...KEPT,
      gateArn: `${GATE_ARN}:live`,
      clientConfiguration: 'client\nport 1194\n',
    });
  });

  it('refuses a CA that is not there, and another CA than the one that the endpoint trusts', async () => {
    const { deps } = account();
    const { registration } = await setUp(deps);
    await expect(registerEndpoint(deps, { ...registration, caId: 'ca2' })).rejects.toThrow('no CA ca2');
    await ensureAuthority(deps, { ...names, caId: 'ca2', keyId: 'key' });
    await expect(registerEndpoint(deps, { ...registration, caId: 'ca2' })).rejects.toThrow('the CA ca1');
  });

  it('observes from the first time that it is told to, and forgets that once it enforces', async () => {
    const { deps } = account();
    const { registration } = await setUp(deps);
    const observing = { ...registration, gatePolicy: { mode: 'observe' as const } };
    await registerEndpoint(deps, observing);
    await deps.endpoints.noteUnknown(ENDPOINT_ID, START + 5);
    await registerEndpoint({ ...deps, clock: { now: () => START + 60_000 } }, observing);
    const observed = await deps.endpoints.find(ENDPOINT_ID);
    expect(observed?.observation).toEqual({ since: START, lastUnknownAt: START + 5 });
    await registerEndpoint(deps, registration);
    expect(await deps.endpoints.find(ENDPOINT_ID)).toEqual(KEPT);
  });

  it.each<[string, Partial<EndpointSettings> | undefined, RegExp]>([
    ['that is not there', undefined, /there is no endpoint/],
    [
      'of another CA',
      { clientRootCertificateChainArn: 'arn:theirs' },
      /arn:theirs, in which the CA ca1 is not/,
    ],
    ['that signs people in', { directoryId: 'd-0123456789' }, /--param directoryId=d-0123456789/],
    ['that signs people in by SAML', { samlProviderArn: 'arn:saml' }, /--param samlProviderArn=arn:saml/],
  ])('refuses an endpoint %s, and says what to do', async (_what, settings, words) => {
    const { deps, endpoint } = account();
    endpoint.settings = settings;
    await expect(setUp(deps)).rejects.toThrow(words);
    expect(await deps.endpoints.list()).toEqual([]);
  });

  it('refuses an endpoint that signs nobody in where the gate would ask who did', async () => {
    const { deps } = account();
    const { registration } = await setUp(deps);
    const secondFactor = { directoryId: 'd-0123456789' };
    await expect(registerEndpoint(deps, { ...registration, secondFactor })).rejects.toThrow(/has none/);
    const vpnEndpoints = {
      ...deps.vpnEndpoints,
      describe: async (endpointId: string) => ({ endpointId }),
    };
    await expect(registerEndpoint({ ...deps, vpnEndpoints }, registration)).rejects.toThrow(
      'does not ask its clients for certificates',
    );
  });

  it('takes an endpoint whose chain an administrator imported with our CA beside another', async () => {
    const { deps, endpoint, chains } = account();
    const { authority } = await setUp(deps);
    endpoint.settings = { clientRootCertificateChainArn: 'arn:theirs' };
    const other = await ensureAuthority(deps, { ...names, caId: 'ca2', keyId: 'key' });
    const pems = [other, authority].map(({ certificateDer }) => pemFrom('CERTIFICATE', certificateDer));
    chains.set('arn:theirs', pems.slice(0, 1).join(''));
    await expect(setUp(deps)).rejects.toThrow(/in which the CA ca1 is not/);
    chains.set('arn:theirs', pems.join(''));
    await setUp(deps);
  });
});
