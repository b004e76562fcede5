import {
  CreateClientVpnEndpointCommand,
  DeleteClientVpnEndpointCommand,
  DescribeClientVpnConnectionsCommand,
  DescribeClientVpnEndpointsCommand,
  ExportClientVpnClientConfigurationCommand,
  ImportClientVpnClientCertificateRevocationListCommand,
  ModifyClientVpnEndpointCommand,
  TerminateClientVpnConnectionsCommand,
  type CreateClientVpnEndpointCommandInput,
  type ModifyClientVpnEndpointCommandInput,
} from '@aws-sdk/client-ec2';
import { MAX_ENTRIES } from '../../../infra/local/cloud/ec2/certificate-list.ts';
import type { ImportedCertificate } from '../../../infra/local/cloud/ec2/server-certificate.ts';
import {
  allowing,
  denying,
  GATE_ARN,
  goodEndpoint,
  SERVER_ARN,
  startEc2StandIn,
  type Ec2StandIn,
} from '../../support/ec2-stand-in.ts';
import { scriptedVpnServer } from '../../support/scripted-vpn-server.ts';
import { createVpnPki, type VpnPki } from '../../support/vpn-pki.ts';

const arnOf = (name: string): string => `arn:aws:acm:eu-west-1:111122223333:certificate/${name}`;
const certificates = new Map<string, ImportedCertificate>();
const vpn = scriptedVpnServer();
const clock = { at: Date.UTC(2026, 0, 31, 18, 42, 0) };
const notes: string[] = [];
let gate: (payload: unknown) => Promise<{ payload?: unknown; functionError?: string }>;
let asked: unknown[] = [];
let pki: VpnPki;
let standIn: Ec2StandIn;
let endpointId: string;

beforeAll(async () => {
  pki = await createVpnPki();
  const add = async (name: string, options?: Parameters<VpnPki['server']>[0]): Promise<void> => {
    certificates.set(arnOf(name), { ...(await pki.server(options)), chainPem: pki.caPem });
  };
  await Promise.all([
    add('server'),
    add('dotless', { commonName: 'server' }),
    add('dotted-san', { commonName: 'server', dnsName: 'server.vpn.test' }),
    add('rsa-1024', { newKey: ['-newkey', 'rsa:1024'] }),
    add('rsa-3072', { newKey: ['-newkey', 'rsa:3072'] }),
    add('ec', { newKey: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] }),
  ]);
  certificates.set(arnOf('leaf-only'), { ...(await pki.server()), chainPem: '' });
  standIn = await startEc2StandIn(
    {
      startVpnServer: vpn.start,
      now: () => clock.at,
      handlerTimeoutMs: 50,
      note: (_, kind, text) => notes.push(`${kind}: ${text}`),
      invoke: (functionArn, payload) => {
        asked.push({ functionArn, payload });
        return gate(payload);
      },
    },
    certificates,
  );
  ({ ClientVpnEndpointId: endpointId = '' } = await create());
});

afterAll(async () => {
  await standIn.close();
  await pki.close();
});

beforeEach(() => {
  asked = [];
  notes.length = 0;
  gate = async () => ({ payload: allowing });
});

const create = (changes: Partial<CreateClientVpnEndpointCommandInput> = {}) =>
  standIn.client.send(new CreateClientVpnEndpointCommand({ ...goodEndpoint, ...changes }));

const modify = (changes: Partial<ModifyClientVpnEndpointCommandInput>) =>
  standIn.client.send(new ModifyClientVpnEndpointCommand({ ClientVpnEndpointId: endpointId, ...changes }));

const connections = async () => {
  const { Connections = [] } = await standIn.client.send(
    new DescribeClientVpnConnectionsCommand({ ClientVpnEndpointId: endpointId }),
  );
  return Connections;
};

const withHandler = (functionArn: string) => ({
  ClientConnectOptions: { Enabled: true, LambdaFunctionArn: functionArn },
});

describe('creation refuses', () => {
  it.each<[string, Partial<CreateClientVpnEndpointCommandInput>, string, RegExp]>([
    ['no server certificate', { ServerCertificateArn: '' }, 'MissingParameter', /ServerCertificateArn/],
    ['an unknown one', { ServerCertificateArn: arnOf('none') }, 'InvalidParameterValue', /does not exist/],
    [
      'one without a domain',
      { ServerCertificateArn: arnOf('dotless') },
      'InvalidParameterValue',
      /^Certificate \S+ does not have a domain$/,
    ],
    ['RSA 3072', { ServerCertificateArn: arnOf('rsa-3072') }, 'InvalidParameterValue', /1024 or 2048/],
    ['an EC key', { ServerCertificateArn: arnOf('ec') }, 'InvalidParameterValue', /1024 or 2048/],
    [
      'no certificates',
      {
        AuthenticationOptions: [
          { Type: 'directory-service-authentication', ActiveDirectory: { DirectoryId: 'd-0123456789' } },
        ],
      },
      'InvalidParameterValue',
      /certificate-authentication/,
    ],
    ['no authentication', { AuthenticationOptions: [] }, 'MissingParameter', /Authentication/],
    [
      'a client root that is no CA',
      {
        AuthenticationOptions: [
          {
            Type: 'certificate-authentication',
            MutualAuthentication: { ClientRootCertificateChainArn: arnOf('leaf-only') },
          },
        ],
      },
      'InvalidParameterValue',
      /no certification authority/,
    ],
    [
      'too small a block',
      { ClientCidrBlock: '10.0.0.0/24' },
      'InvalidParameterValue',
      /between \/12 and \/22/,
    ],
    ['no block', { ClientCidrBlock: undefined }, 'MissingParameter', /ClientCidrBlock/],
    ['nine hours', { SessionTimeoutHours: 9 }, 'InvalidParameterValue', /8, 10, 12, 24/],
    ['port 80', { VpnPort: 80 }, 'InvalidParameterValue', /443, 1194/],
    [
      'a handler of another name',
      withHandler('arn:aws:lambda:eu-west-1:111122223333:function:gate:AWSClientVPN-x'),
      'InvalidParameterValue',
      /must start with AWSClientVPN-/,
    ],
  ])('%s', async (_, changes, code, words) => {
    await expect(create(changes)).rejects.toMatchObject({
      name: code,
      message: expect.stringMatching(words) as string,
    });
  });

  it.each(['dotted-san', 'rsa-1024'])('but not the server certificate %s', async (name) => {
    const { ClientVpnEndpointId } = await create({ ServerCertificateArn: arnOf(name) });
    await standIn.client.send(new DeleteClientVpnEndpointCommand({ ClientVpnEndpointId }));
  });
});

describe('an endpoint', () => {
  it('says how it was made, and what AWS would have filled in', async () => {
    const { ClientVpnEndpoints } = await standIn.client.send(
      new DescribeClientVpnEndpointsCommand({ ClientVpnEndpointIds: [endpointId] }),
    );
    expect(ClientVpnEndpoints).toEqual([
      expect.objectContaining({
        ClientVpnEndpointId: endpointId,
        Status: { Code: 'available' },
        TransportProtocol: 'udp',
        VpnPort: 443,
        VpnProtocol: 'openvpn',
        SplitTunnel: false,
        SessionTimeoutHours: 24,
        DisconnectOnSessionTimeout: true,
        ServerCertificateArn: SERVER_ARN,
        AuthenticationOptions: [
          {
            Type: 'certificate-authentication',
            MutualAuthentication: { ClientRootCertificateChain: SERVER_ARN },
          },
        ],
        ClientConnectOptions: { Enabled: false, Status: { Code: 'applied' } },
      }),
    ]);
  });

  it.each(['ClientCidrBlock', 'TransportProtocol', 'Authentication.1.Type'])(
    'keeps %s for life',
    async (parameter) => {
      const answer = await fetch(standIn.cloud.url, {
        method: 'POST',
        body: new URLSearchParams({
          Action: 'ModifyClientVpnEndpoint',
          Version: '2016-11-15',
          ClientVpnEndpointId: endpointId,
          [parameter]: 'tcp',
        }),
      });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('<Code>UnknownParameter</Code>');
    },
  );

  it('is the same after a restart: id, port, settings and list', async () => {
    await modify({ Description: 'kept', SessionTimeoutHours: 10 });
    const crlPem = await pki.crl();
    await standIn.client.send(
      new ImportClientVpnClientCertificateRevocationListCommand({
        ClientVpnEndpointId: endpointId,
        CertificateRevocationList: crlPem,
      }),
    );
    const { port } = vpn.settings();
    await standIn.restart();
    expect(vpn.settings()).toMatchObject({ port, crlPem, clientCaPem: pki.caPem });
    const { ClientVpnEndpoints } = await standIn.client.send(new DescribeClientVpnEndpointsCommand({}));
    expect(ClientVpnEndpoints).toMatchObject([
      { ClientVpnEndpointId: endpointId, Description: 'kept', SessionTimeoutHours: 10 },
    ]);
  });

  it('is not there: every call says so', async () => {
    const unknown = { ClientVpnEndpointId: 'cvpn-endpoint-00000000000000000' };
    for (const call of [
      standIn.client.send(new DescribeClientVpnConnectionsCommand(unknown)),
      standIn.client.send(new ExportClientVpnClientConfigurationCommand(unknown)),
      standIn.client.send(new ModifyClientVpnEndpointCommand(unknown)),
      standIn.client.send(
        new DescribeClientVpnEndpointsCommand({ ClientVpnEndpointIds: ['cvpn-endpoint-0'] }),
      ),
    ]) {
      await expect(call).rejects.toMatchObject({ name: 'InvalidClientVpnEndpointId.NotFound' });
    }
  });
});

describe('the import of a list', () => {
  const load = (crlPem: string) =>
    standIn.client.send(
      new ImportClientVpnClientCertificateRevocationListCommand({
        ClientVpnEndpointId: endpointId,
        CertificateRevocationList: crlPem,
      }),
    );
  const serials = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => (0x100000 + index).toString(16).toUpperCase());

  it.each([
    ['words', 'no list'],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n'],
    ['other DER', '-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n'],
    ['half a list', '-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n'],
  ])('refuses %s', async (_, text) => {
    await expect(load(text)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  it('takes 20,000 entries and not one more', async () => {
    await expect(load(await pki.crl({ revoked: serials(MAX_ENTRIES) }))).resolves.toMatchObject({
      Return: true,
    });
    await expect(load(await pki.crl({ revoked: serials(MAX_ENTRIES + 1) }))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining('20001 entries') as string,
    });
  });

  it('takes an expired list and one of another CA: only whoever imports can know better', async () => {
    await expect(load(await pki.crl({ nextUpdateDays: -1 }))).resolves.toMatchObject({ Return: true });
    await expect(load(await pki.crl({ foreign: true }))).resolves.toMatchObject({ Return: true });
  });
});

describe('the connect handler', () => {
  beforeAll(() => modify(withHandler(GATE_ARN)));

  it('is asked in the words of schema v2, under the name of the connection', async () => {
    const { clientKey } = await vpn.connect('id.alice');
    const [connection] = await connections();
    expect(asked).toEqual([
      {
        functionArn: GATE_ARN,
        payload: {
          'connection-id': connection?.ConnectionId,
          'endpoint-id': endpointId,
          'common-name': 'id.alice',
          username: '',
          platform: 'mac',
          'platform-version': '14',
          'public-ip': '192.0.2.7',
          'client-openvpn-version': '3.8',
          groups: '',
          'schema-version': 'v2',
        },
      },
    ]);
    vpn.disconnect(clientKey);
  });

  it('denies with its own words, and the refused are not listed', async () => {
    gate = async () => ({ payload: denying('access ended') });
    const before = (await connections()).length;
    expect((await vpn.connect('id.alice')).verdict).toEqual({ allow: false, text: 'access ended' });
    expect(await connections()).toHaveLength(before);
    expect(notes).toContain('refused: id.alice: client-connect-failed: access ended');
  });

  const { allow, ...withoutAllow } = allowing;
  it.each<[string, () => Promise<{ payload?: unknown; functionError?: string }>, string]>([
    ['throws', () => Promise.reject(new Error('unreachable')), 'other-execution-error'],
    [
      'fails',
      async () => ({ functionError: 'Unhandled', payload: { ...allowing } }),
      'other-execution-error',
    ],
    ['does not answer in time', () => new Promise(() => undefined), 'timed-out'],
    ['answers nothing', async () => ({}), 'invalid-response'],
    ['answers null', async () => ({ payload: null }), 'invalid-response'],
    ['leaves out whether', async () => ({ payload: withoutAllow }), 'invalid-response'],
    ['says "true"', async () => ({ payload: { ...allowing, allow: String(allow) } }), 'invalid-response'],
    ['says 1', async () => ({ payload: { ...allowing, allow: 1 } }), 'invalid-response'],
    ['speaks v1', async () => ({ payload: { ...allowing, 'schema-version': 'v1' } }), 'invalid-response'],
    [
      'says too much',
      async () => ({ payload: { ...allowing, 'error-msg-on-denied-connection': 'x'.repeat(256) } }),
      'invalid-response',
    ],
    [
      'knows eleven postures',
      async () => ({ payload: { ...allowing, 'posture-compliance-statuses': Array(11).fill('ok') } }),
      'invalid-response',
    ],
  ])('that %s denies', async (_, answer, failure) => {
    gate = answer;
    expect((await vpn.connect('id.alice')).verdict).toMatchObject({ allow: false });
    expect(notes.join()).toContain(`client-connect-handler-${failure}`);
  });

  it('is not asked while it is switched off', async () => {
    await modify({ ClientConnectOptions: { Enabled: false } });
    const { verdict, clientKey } = await vpn.connect('id.alice');
    expect(verdict).toEqual({ allow: true });
    expect(asked).toEqual([]);
    vpn.disconnect(clientKey);
    await modify(withHandler(GATE_ARN));
  });
});

describe('connections', () => {
  it('are described in strings, with the times of EC2', async () => {
    clock.at += 2 * 60 * 60 * 1000;
    const { clientKey } = await vpn.connect('id.bob');
    vpn.transfer(clientKey, 12_345, 678);
    clock.at += 5_000;
    expect(await connections()).toEqual([
      {
        ClientVpnEndpointId: endpointId,
        Timestamp: '2026-01-31 20:42:05',
        ConnectionId: expect.any(String) as string,
        Username: '',
        ConnectionEstablishedTime: '2026-01-31 20:42:00',
        ConnectionEndTime: '-',
        IngressBytes: '12345',
        EgressBytes: '678',
        IngressPackets: '13',
        EgressPackets: '1',
        ClientIp: '192.0.2.7',
        CommonName: 'id.bob',
        Status: { Code: 'active' },
        PostureComplianceStatuses: [],
      },
    ]);
    vpn.disconnect(clientKey);
  });

  it.each<[string, object, string]>([
    ['a page of four', { MaxResults: 4 }, 'InvalidParameterValue'],
    ['a page of 1,001', { MaxResults: 1_001 }, 'InvalidParameterValue'],
    ['a token of its own making', { NextToken: 'x' }, 'InvalidNextToken'],
    [
      'a filter for the common name',
      { Filters: [{ Name: 'common-name', Values: ['id.bob'] }] },
      'InvalidParameterValue',
    ],
  ])('refuse %s', async (_, changes, code) => {
    await expect(
      standIn.client.send(
        new DescribeClientVpnConnectionsCommand({ ClientVpnEndpointId: endpointId, ...changes }),
      ),
    ).rejects.toMatchObject({ name: code });
  });

  it('can be found by id', async () => {
    const { clientKey } = await vpn.connect('id.carol');
    const carol = (await connections()).at(-1);
    const { Connections } = await standIn.client.send(
      new DescribeClientVpnConnectionsCommand({
        ClientVpnEndpointId: endpointId,
        Filters: [{ Name: 'connection-id', Values: [carol?.ConnectionId ?? ''] }],
      }),
    );
    expect(Connections).toMatchObject([{ CommonName: 'id.carol' }]);
    vpn.disconnect(clientKey);
  });

  it('cannot be ended by a user name, for they have none', async () => {
    await expect(
      standIn.client.send(
        new TerminateClientVpnConnectionsCommand({ ClientVpnEndpointId: endpointId, Username: 'bob' }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidClientVpnConnection.UserNotFound' });
  });

  it.each([
    [true, false],
    [false, true],
  ])(
    'end when they are too old; disconnect on timeout %s: may come back %s',
    async (disconnects, mayComeBack) => {
      await modify({ SessionTimeoutHours: 8, DisconnectOnSessionTimeout: disconnects });
      const { clientKey } = await vpn.connect('id.dave');
      clock.at += 8 * 60 * 60 * 1000;
      expect((await connections()).at(-1)).toMatchObject({ Status: { Code: 'active' } });
      clock.at += 1_000;
      expect((await connections()).at(-1)).toMatchObject({ Status: { Code: 'terminated' } });
      expect(vpn.killed.at(-1)).toEqual({ clientKey, mayComeBack });
    },
  );
});
