import {
  CreateClientVpnEndpointCommand,
  ModifyClientVpnEndpointCommand,
  type CreateClientVpnEndpointCommandInput,
} from '@aws-sdk/client-ec2';
import type { ImportedCertificate } from '../../../infra/local/cloud/ec2/server-certificate.ts';
import { createFaults } from '../../../infra/local/cloud/faults.ts';
import { ec2Connections } from '../../../shared/adapters/ec2/connections.ts';
import { ec2Crl } from '../../../shared/adapters/ec2/crl.ts';
import { ec2Endpoints } from '../../../shared/adapters/ec2/endpoints.ts';
import {
  GATE_ARN,
  goodEndpoint,
  SERVER_ARN,
  startEc2StandIn,
  type Ec2StandIn,
} from '../../support/ec2-stand-in.ts';
import { scriptedVpnServer } from '../../support/scripted-vpn-server.ts';
import { createVpnPki, type VpnPki } from '../../support/vpn-pki.ts';

const certificates = new Map<string, ImportedCertificate>();
const vpn = scriptedVpnServer();
const faults = createFaults();
const clock = { at: Date.UTC(2026, 0, 31, 18, 42, 0) };
let pki: VpnPki;
let standIn: Ec2StandIn;
let endpointId: string;
let crlPem: string;

const creation = {
  ...goodEndpoint,
  ClientToken: 'token-1',
  Description: 'local <endpoint> & co.',
  ClientConnectOptions: { Enabled: true, LambdaFunctionArn: GATE_ARN },
} satisfies CreateClientVpnEndpointCommandInput;

/** As CloudFormation does. */
async function createEndpoint(
  { client }: Ec2StandIn,
  changes: Partial<CreateClientVpnEndpointCommandInput> = {},
): Promise<string> {
  const { ClientVpnEndpointId = '' } = await client.send(
    new CreateClientVpnEndpointCommand({ ...creation, ...changes }),
  );
  return ClientVpnEndpointId;
}

beforeAll(async () => {
  pki = await createVpnPki();
  certificates.set(SERVER_ARN, { ...(await pki.server()), chainPem: pki.caPem });
  crlPem = await pki.crl();
  standIn = await startEc2StandIn({ startVpnServer: vpn.start, now: () => clock.at, faults }, certificates);
  endpointId = await createEndpoint(standIn);
});

afterAll(async () => {
  await standIn.close();
  await pki.close();
});

afterEach(() => {
  faults.clear();
  for (const lie of Object.keys(standIn.service().lies)) Reflect.deleteProperty(standIn.service().lies, lie);
});

describe('a client token', () => {
  it('makes one endpoint, however often it is asked', async () => {
    expect(endpointId).toMatch(/^cvpn-endpoint-[0-9a-f]{17}$/);
    await expect(createEndpoint(standIn)).resolves.toBe(endpointId);
    await expect(createEndpoint(standIn, { TransportProtocol: 'tcp' })).rejects.toMatchObject({
      name: 'IdempotentParameterMismatch',
    });
  });

  it('makes one endpoint when two ask at the same moment', async () => {
    const ask = () => createEndpoint(standIn, { ClientToken: 'token-2' });
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(first).toBe(second);
    expect(first).not.toBe(endpointId);
  });
});

describe('the endpoints', () => {
  it('tells the connect handler while it is enabled, and nothing of an endpoint that is not there', async () => {
    const endpoints = ec2Endpoints(standIn);
    const certificates = { serverCertificateArn: SERVER_ARN, clientRootCertificateChainArn: SERVER_ARN };
    await expect(endpoints.describe(endpointId)).resolves.toEqual({
      endpointId,
      connectHandlerArn: GATE_ARN,
      ...certificates,
    });
    await standIn.client.send(
      new ModifyClientVpnEndpointCommand({
        ClientVpnEndpointId: endpointId,
        ClientConnectOptions: { Enabled: false },
      }),
    );
    await expect(endpoints.describe(endpointId)).resolves.toEqual({ endpointId, ...certificates });
    await standIn.client.send(
      new ModifyClientVpnEndpointCommand({
        ClientVpnEndpointId: endpointId,
        ClientConnectOptions: { Enabled: true, LambdaFunctionArn: GATE_ARN },
      }),
    );
    await expect(endpoints.describe('cvpn-endpoint-00000000000000000')).resolves.toBeUndefined();
  });

  it('exports the profile in the words of AWS, with the CA and the server name', async () => {
    const profile = await ec2Endpoints(standIn).exportClientConfiguration(endpointId);
    expect(profile.split('\n').filter((line) => !/^[A-Za-z0-9+/=]{20,}$/.test(line))).toEqual([
      'client',
      'dev tun',
      'proto tcp',
      `remote 127.0.0.1 ${profile.match(/^remote \S+ (\d+)$/m)?.[1]}`,
      'resolv-retry infinite',
      'nobind',
      'remote-cert-tls server',
      'cipher AES-256-GCM',
      'verb 3',
      '<ca>',
      '-----BEGIN CERTIFICATE-----',
      '-----END CERTIFICATE-----',
      '</ca>',
      '',
      'reneg-sec 0',
      '',
      'verify-x509-name server.vpn.test name',
      '',
    ]);
    expect(profile).toContain(pki.caPem.trim());
  });
});

describe('the list', () => {
  it('is undefined before the first import, whichever way EC2 says so', async () => {
    await expect(ec2Crl(standIn).export(endpointId)).resolves.toBeUndefined();
    const strict = await startEc2StandIn(
      { startVpnServer: scriptedVpnServer().start, exportBeforeImport: 'error' },
      certificates,
    );
    const other = await createEndpoint(strict);
    await expect(ec2Crl(strict).export(other)).resolves.toBeUndefined();
    await strict.close();
  });

  it('is pending, then active, comes back as it went, and resets connections each time', async () => {
    const list = ec2Crl(standIn);
    const before = vpn.lists.length;
    await list.import(endpointId, crlPem);
    await expect(list.export(endpointId)).resolves.toEqual({ crlPem, status: 'pending' });
    expect(vpn.lists).toHaveLength(before);
    await eventually(async () => expect((await list.export(endpointId))?.status).toBe('active'));
    expect(vpn.lists.at(-1)).toBe(crlPem);
    await list.import(endpointId, crlPem);
    await eventually(async () => expect(vpn.lists).toHaveLength(before + 2));
    await eventually(async () => expect((await list.export(endpointId))?.status).toBe('active'));
  });

  it('shows a lie: pending for ever, or the one before', async () => {
    const list = ec2Crl(standIn);
    const { lies } = standIn.service();
    lies.importPendingMs = 60_000;
    const next = await pki.crl({ revoked: ['1234'] });
    await list.import(endpointId, next);
    await expect(list.export(endpointId)).resolves.toEqual({ crlPem: next, status: 'pending' });
    lies.exportPrevious = true;
    await expect(list.export(endpointId)).resolves.toEqual({ crlPem, status: 'active' });
    await standIn.restart();
    await expect(list.export(endpointId)).resolves.toEqual({ crlPem: next, status: 'active' });
  });

  it.each([
    [
      'an endpoint that is not there',
      'cvpn-endpoint-00000000000000000',
      'InvalidClientVpnEndpointId.NotFound',
    ],
  ])('an error stays an error: %s', async (_, unknown, code) => {
    await expect(ec2Crl(standIn).export(unknown)).rejects.toMatchObject({ name: code });
    await expect(ec2Crl(standIn).import(unknown, crlPem)).rejects.toMatchObject({ name: code });
  });

  it('never takes throttling for an absent list', async () => {
    faults.add({
      service: 'ec2',
      action: 'ExportClientVpnClientCertificateRevocationList',
      kind: 'throttle',
    });
    await expect(ec2Crl(standIn).export(endpointId)).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
  });
});

describe('the connections', () => {
  it('are listed with their names and times, over all pages', async () => {
    const names = Array.from({ length: 1_003 }, (_, index) => `person-${index}`);
    const keys = [];
    for (const name of names) keys.push((await vpn.connect(name)).clientKey);
    const listed = await ec2Connections(standIn).list(endpointId);
    expect(listed.map(({ commonName }) => commonName)).toEqual(names);
    expect(listed[0]).toEqual({
      connectionId: expect.stringMatching(/^cvpn-connection-[0-9a-f]{17}$/) as string,
      commonName: 'person-0',
      status: 'active',
      establishedAt: clock.at,
    });
    for (const key of keys) vpn.disconnect(key);
    clock.at += 61 * 60 * 1000;
    await expect(ec2Connections(standIn).list(endpointId)).resolves.toEqual([]);
  });

  it('end one by one, and are remembered for an hour', async () => {
    const connections = ec2Connections(standIn);
    await vpn.connect('alice');
    await vpn.connect('bob "<&>" \u00e9');
    const [alice, bob] = await connections.list(endpointId);
    await expect(connections.terminate(endpointId, alice?.connectionId ?? '')).resolves.toBe(true);
    expect(await connections.list(endpointId)).toMatchObject([
      { commonName: 'alice', status: 'terminated' },
      { commonName: 'bob "<&>" \u00e9', status: 'active' },
    ]);
    await expect(connections.terminate(endpointId, bob?.connectionId ?? '')).resolves.toBe(true);
    clock.at += 59 * 60 * 1000;
    await expect(connections.list(endpointId)).resolves.toHaveLength(2);
    clock.at += 2 * 60 * 1000;
    await expect(connections.list(endpointId)).resolves.toEqual([]);
  });

  it('are as good as terminated where the endpoint does not know them', async () => {
    await expect(
      ec2Connections(standIn).terminate(endpointId, 'cvpn-connection-00000000000000000'),
    ).resolves.toBe(false);
  });

  it('show a termination that failed', async () => {
    const connections = ec2Connections(standIn);
    const { clientKey } = await vpn.connect('carol');
    standIn.service().lies.terminateStatus = 'failed-to-terminate';
    const [carol] = await connections.list(endpointId);
    await connections.terminate(endpointId, carol?.connectionId ?? '');
    await expect(connections.list(endpointId)).resolves.toMatchObject([{ status: 'failed-to-terminate' }]);
    expect(vpn.killed.map((kill) => kill.clientKey)).not.toContain(clientKey);
    vpn.disconnect(clientKey);
  });
});

/** Asks until it holds, for a second and a half. */
async function eventually(check: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await check();
    } catch (error) {
      if (tries >= 60) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
