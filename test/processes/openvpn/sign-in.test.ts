import {
  CreateClientVpnEndpointCommand,
  DescribeClientVpnConnectionsCommand,
  DescribeClientVpnEndpointsCommand,
  type ClientVpnAuthenticationRequest,
} from '@aws-sdk/client-ec2';
import type { Context } from 'aws-lambda';
import { gateHandler } from '../../../functions/gate/handler.ts';
import { ec2Endpoints } from '../../../shared/adapters/ec2/endpoints.ts';
import { nodeKeyPairs } from '../../../shared/adapters/node-key-pairs.ts';
import type { GatePolicy } from '../../../shared/domain/gate-policy.ts';
import { composeProfile, withPrivateKey } from '../../../shared/domain/profile.ts';
import { pemFrom } from '../../../shared/domain/x509/pem.ts';
import { ensureServerCertificate } from '../../../shared/use-cases/set-up/ensure-server-certificate.ts';
import { registerEndpoint } from '../../../shared/use-cases/set-up/register-endpoint.ts';
import type { ImportedCertificate } from '../../../infra/local/cloud/ec2/server-certificate.ts';
import { GATE_ARN, goodEndpoint, SERVER_ARN, startEc2StandIn } from '../../support/ec2-stand-in.ts';
import { quietObservability } from '../../support/observability.ts';
import { testBackends, vpnClients, type TestBackend } from '../../support/vpn-client.ts';
import { createVpnPki } from '../../support/vpn-pki.ts';
import { CA_ID, newWorld, START } from '../../support/world.ts';
import { testKey } from '../../unit/x509/fixtures.ts';

/*
 * An endpoint as an administrator brings it: its server certificate is of another CA, ours came into ACM with a
 * certificate that only carries it, and people sign in beside their own. What asks is the real gate.
 */

const CARRIER_ARN = 'arn:aws:acm:eu-west-1:111122223333:certificate/carrier';
const PATIENCE_MS = 30_000;
const SIGN_IN: GatePolicy = { mode: 'enforce', signIn: { nameKind: 'login', domains: ['CORP'] } };
const DIRECTORY: ClientVpnAuthenticationRequest = {
  Type: 'directory-service-authentication',
  ActiveDirectory: { DirectoryId: 'd-0123456789' },
};
const SAML_ARN = 'arn:aws:iam::111122223333:saml-provider/Okta';
const SAML: ClientVpnAuthenticationRequest = {
  Type: 'federated-authentication',
  FederatedAuthentication: { SAMLProviderArn: SAML_ARN },
};

const pki = await createVpnPki();
const server = { ...(await pki.server()), chainPem: pki.caPem };
afterAll(() => pki.close());

async function brought({ backend, startVpnServer }: TestBackend, beside: ClientVpnAuthenticationRequest) {
  const world = await newWorld();
  world.moveTime((Date.now() - START) / 1000);
  const acm = new Map<string, ImportedCertificate>([[SERVER_ARN, server]]);
  const gate = gateHandler({ ...quietObservability().observability, ...world.deps, gatePolicy: SIGN_IN });
  const standIn = await startEc2StandIn(
    {
      startVpnServer,
      invoke: async (_arn, event) => ({ payload: await gate(event, {} as Context) }),
    },
    acm,
  );
  const clients = vpnClients(backend);
  const serverCertificates = {
    import: async (material: ImportedCertificate) => {
      acm.set(CARRIER_ARN, material);
      return CARRIER_ARN;
    },
    read: async (arn: string) => acm.get(arn)?.certificatePem ?? '',
    findChain: async () => undefined,
  };
  const deps = {
    ...world.deps,
    keyPairs: nodeKeyPairs,
    serverCertificates,
    serverCertificateStore: world.stores.serverCertificates,
    vpnEndpoints: ec2Endpoints({ client: standIn.client }),
  };
  const authority = await world.stores.endpoints.findAuthority(CA_ID);
  if (authority === undefined) throw new Error('no CA');
  const names = { serverName: 'client-ca.invalid', organization: 'Example Ltd' };
  const chainArn = await ensureServerCertificate(deps, names, authority);
  const { ClientVpnEndpointId: endpointId = '' } = await standIn.client.send(
    new CreateClientVpnEndpointCommand({
      ...goodEndpoint,
      AuthenticationOptions: [
        {
          Type: 'certificate-authentication',
          MutualAuthentication: { ClientRootCertificateChainArn: chainArn },
        },
        beside,
      ],
      ClientConnectOptions: { Enabled: true, LambdaFunctionArn: GATE_ARN },
    }),
  );
  const registration = { endpointId, caId: CA_ID, gateArn: GATE_ARN, gatePolicy: SIGN_IN };
  return {
    world,
    standIn,
    endpointId,
    register: (secondFactor: object) => registerEndpoint(deps, { ...registration, secondFactor }),
    /** With the certificate of one person, signed in as maybe another. */
    async connect(login: string, username: string) {
      const { issued } = await world.enrol(login);
      const endpoint = await world.stores.endpoints.find(endpointId);
      const certificatePem = pemFrom('CERTIFICATE', issued.certificateDer);
      const clientConfiguration = endpoint?.clientConfiguration ?? '';
      const keyPem = testKey(login).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const profile = withPrivateKey(composeProfile({ clientConfiguration, certificatePem }), keyPem);
      const client = await clients.connect(login, profile, { username, password: 'anything' });
      return client;
    },
    async close() {
      await clients.stopAll();
      await standIn.close();
    },
  };
}

describe.each(await testBackends())('an endpoint that signs people in, over $backend', (backend) => {
  it.concurrent.each([
    ['a directory', DIRECTORY, { directoryId: 'd-0123456789' }, 'CORP\\alice'],
    ['SAML', SAML, { samlProviderArn: SAML_ARN }, ''],
  ])(
    'with %s lets in the owner of a certificate, and tells another that she is not',
    async (_what, beside, secondFactor, shownName) => {
      const endpoint = await brought(backend, beside);
      try {
        await expect(endpoint.register({})).rejects.toThrow(/Deploy with --param/);
        await endpoint.register(secondFactor);
        const alice = await endpoint.connect('alice', 'CORP\\alice');
        const mallory = await endpoint.connect('bob', 'mallory');
        await alice.connected;
        expect(await mallory.refused).toMatchObject({
          by: 'gate',
          text: expect.stringMatching(/^You signed in as somebody else/) as string,
        });
        const { client } = endpoint.standIn;
        const asked = { ClientVpnEndpointId: endpoint.endpointId };
        const { Connections = [] } = await client.send(new DescribeClientVpnConnectionsCommand(asked));
        expect(Connections.map(({ Username }) => Username ?? '')).toEqual([shownName]);
      } finally {
        await endpoint.close();
      }
    },
    PATIENCE_MS,
  );
});

it('tells how people sign in at an endpoint', async () => {
  const [backend] = (await testBackends()).slice(-1);
  if (backend === undefined) throw new Error('no backend');
  const { standIn, close } = await brought(backend, SAML);
  const { ClientVpnEndpoints = [] } = await standIn.client.send(new DescribeClientVpnEndpointsCommand({}));
  expect(ClientVpnEndpoints[0]?.AuthenticationOptions).toMatchObject([
    { MutualAuthentication: { ClientRootCertificateChain: CARRIER_ARN } },
    { FederatedAuthentication: { SamlProviderArn: SAML_ARN } },
  ]);
  await close();
});
