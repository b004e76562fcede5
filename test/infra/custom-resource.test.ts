import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ACMClient, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import {
  CreateClientVpnEndpointCommand,
  DescribeClientVpnEndpointsCommand,
  EC2Client,
  ModifyClientVpnEndpointCommand,
} from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { createFaults } from '../../infra/local/cloud/faults.ts';
import { startStack, type Stack } from '../../infra/local/stack.ts';

/*
 * The life of the two custom resources, through the real function against the stand-ins, with an address for answers
 * as CloudFormation has: each answer is what was put there.
 */

const answer = z.strictObject({
  Status: z.enum(['SUCCESS', 'FAILED']),
  Reason: z.string().optional(),
  PhysicalResourceId: z.string(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  NoEcho: z.literal(true),
  Data: z.record(z.string(), z.string()),
});

const endpointsView = z.object({ endpoints: z.array(z.looseObject({ endpointId: z.string() })) });
const faults = createFaults();
let stack: Stack;
/** What was put, by path, and how often the address fails first. */
const put = new Map<string, { answer: unknown; contentType: string | undefined }>();
let refusals = 0;
const answers = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    if (refusals > 0) {
      refusals -= 1;
      response.writeHead(503).end();
      return;
    }
    put.set(request.url ?? '', { answer: JSON.parse(body), contentType: request.headers['content-type'] });
    response.writeHead(request.method === 'PUT' ? 200 : 405).end();
  });
});
let addressForAnswers = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => answers.listen(0, '127.0.0.1', resolve));
  addressForAnswers = `http://127.0.0.1:${(answers.address() as AddressInfo).port}`;
  stack = await startStack({ schedules: 'manual', vpn: 'tls', faults });
  await stack.settled();
}, 30_000);
afterAll(async () => {
  await stack.close();
  await new Promise((resolve) => answers.close(resolve));
});
afterEach(() => {
  faults.clear();
  refusals = 0;
});

let requests = 0;
type Changes = Record<string, unknown> & { readonly PhysicalResourceId?: string };

async function ask(
  RequestType: 'Create' | 'Update' | 'Delete',
  ResourceType: string,
  ResourceProperties: object,
  changes: Changes = {},
) {
  requests += 1;
  const path = `/${requests}?X-Amz-Signature=abc`;
  const { functionError } = await stack.invoke('set-up', {
    RequestType,
    ResponseURL: addressForAnswers + path,
    StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/vpn-portal-prod/1',
    RequestId: `request-${requests}`,
    LogicalResourceId: 'Logical',
    ResourceType,
    ResourceProperties: { ServiceToken: 'arn', ...ResourceProperties },
    ...changes,
  });
  expect(functionError).toBeUndefined();
  const { contentType, answer: text } = put.get(path) ?? {};
  expect(contentType).toBeUndefined();
  return answer.parse(text);
}

const keyArn = async (): Promise<string> => (await stack.cloud.kms.ensureKey('CaKey')).keyArn;
const authority = async (changes: object = {}) => ({
  CaId: 'life',
  KeyId: await keyArn(),
  CompanyName: 'Example Company',
  ServerName: 'vpn.example.com',
  ...changes,
});
const create = async (changes: object = {}) => ask('Create', 'Custom::Authority', await authority(changes));

describe('the authority, as CloudFormation asks for it', () => {
  it('is made once: neither a retry nor an update nor a deletion changes its id or its certificate', async () => {
    const first = await create();
    expect(first).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'life', Data: { CaId: 'life' } });
    const { ServerCertificateArn: arn } = first.Data;
    const again = await create();
    const updated = await ask(
      'Update',
      'Custom::Authority',
      await authority({ ServerName: 'other.example.com', CompanyName: 'Other' }),
      { PhysicalResourceId: 'life', OldResourceProperties: await authority() },
    );
    const deleted = await ask('Delete', 'Custom::Authority', await authority(), {
      PhysicalResourceId: 'life',
    });
    const anew = await create();
    for (const later of [again, updated, anew]) {
      expect(later).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'life', Data: first.Data });
    }
    expect(deleted).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'life', Data: {} });
    const acm = new ACMClient({});
    const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
    expect(Certificate?.DomainName).toBe('vpn.example.com');
    acm.destroy();
  });

  it('comes to the same when a first deploy failed after the import, was rolled back, and is tried again', async () => {
    // The ARN is put after the CA was: the second write of the table.
    faults.add({ service: 'dynamodb', action: 'PutItem', kind: 'error', skip: 1, times: 3 });
    const failed = await create({ CaId: 'rolledback' });
    expect(faults.pending()).toEqual([]);
    expect(failed).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'rolledback' });
    expect(failed.Reason).toMatch(/InternalServerError/);
    const { PhysicalResourceId } = failed;
    const properties = await authority({ CaId: 'rolledback' });
    const deleted = await ask('Delete', 'Custom::Authority', properties, { PhysicalResourceId });
    expect(deleted).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    const second = await create({ CaId: 'rolledback' });
    expect(second).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect((await create({ CaId: 'rolledback' })).Data).toEqual(second.Data);
  });

  it('cannot become another CA, which would be another endpoint', async () => {
    const refused = await ask('Update', 'Custom::Authority', await authority({ CaId: 'life2' }), {
      PhysicalResourceId: 'life',
    });
    expect(refused).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'life' });
    expect(refused.Reason).toContain('CaId is life and cannot be changed');
  });

  it.each([
    ['ServerName', 'localhost', /a domain name/],
    ['CaId', 'CA One', /a to z/],
    ['CompanyName', '', /CompanyName/],
    ['KeyId', undefined, /KeyId/],
  ])('says what is wrong with %s=%s', async (name, value, words) => {
    const failed = await create({ [name]: value });
    expect(failed).toMatchObject({ Status: 'FAILED', Data: {} });
    expect(failed.Reason).toMatch(words);
  });

  it('is not taken for what it is not', async () => {
    const failed = await ask('Create', 'Custom::Sesame', {});
    expect(failed).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'not-made' });
    const deleted = await ask('Delete', 'Custom::Sesame', {}, { PhysicalResourceId: 'not-made' });
    expect(deleted.Status).toBe('SUCCESS');
  });

  it('is answered again where the address for answers failed', async () => {
    refusals = 2;
    expect((await create()).Status).toBe('SUCCESS');
  });
});

describe('the registration, as CloudFormation asks for it', () => {
  const registration = async (changes: object = {}) => ({
    EndpointId: stack.endpointId,
    CaId: 'ca1',
    GateMode: 'enforce',
    SignInName: 'none',
    SignInDomains: '',
    DirectoryId: '',
    SamlProviderArn: '',
    GateArn: 'arn:aws:lambda:eu-west-1:111122223333:function:AWSClientVPN-vpn-portal-local-gate:live',
    ...changes,
  });

  const leave = async () =>
    ask('Delete', 'Custom::EndpointRegistration', await registration(), {
      PhysicalResourceId: stack.endpointId,
    });

  const endpointsNow = async (): Promise<string[]> => {
    const response = await fetch(`${stack.apiUrl}/v1/admin/endpoints`, {
      headers: { authorization: `Bearer ${await stack.tokenFor('adam')}` },
    });
    return endpointsView.parse(await response.json()).endpoints.map(({ endpointId }) => endpointId);
  };

  it('keeps one endpoint, however often it is asked', async () => {
    for (const type of ['Create', 'Update'] as const) {
      const changes = type === 'Create' ? {} : { PhysicalResourceId: stack.endpointId };
      const got = await ask(type, 'Custom::EndpointRegistration', await registration(), changes);
      expect(got).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: stack.endpointId });
    }
    await stack.settled();
    expect(await endpointsNow()).toEqual([stack.endpointId]);
  });

  it('does not go while the endpoint asks the gate, and says what to run first', async () => {
    stack.cloud.cloudFormation.stackStatus = 'DELETE_IN_PROGRESS';
    const refused = await leave();
    expect(refused).toMatchObject({ Status: 'FAILED', PhysicalResourceId: stack.endpointId });
    expect(refused.Reason).toContain('npm run cli -- uninstall');
  });

  it('goes where its deployment is rolled back', async () => {
    stack.cloud.cloudFormation.stackStatus = 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS';
    expect((await leave()).Status).toBe('SUCCESS');
    expect(await endpointsNow()).toEqual([]);
    await ask('Create', 'Custom::EndpointRegistration', await registration());
    expect(await endpointsNow()).toEqual([stack.endpointId]);
  });

  it('names the one command where only this endpoint goes', async () => {
    stack.cloud.cloudFormation.stackStatus = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
    expect((await leave()).Reason).toContain(`npm run cli -- gate off --endpoint ${stack.endpointId}`);
  });

  it('goes once the gate is off, or was never on', async () => {
    stack.cloud.cloudFormation.stackStatus = 'DELETE_IN_PROGRESS';
    const ec2 = new EC2Client({});
    const { GateArn: LambdaFunctionArn } = await registration();
    const modify = (Enabled: boolean) =>
      ec2.send(
        new ModifyClientVpnEndpointCommand({
          ClientVpnEndpointId: stack.endpointId,
          ClientConnectOptions: Enabled ? { Enabled, LambdaFunctionArn } : { Enabled },
        }),
      );
    await modify(false);
    expect((await leave()).Status).toBe('SUCCESS');
    await modify(true);
    expect((await leave()).Status).toBe('FAILED');
    ec2.destroy();
    const neverMade = await ask('Delete', 'Custom::EndpointRegistration', await registration(), {
      PhysicalResourceId: 'not-made',
    });
    expect(neverMade.Status).toBe('SUCCESS');
  });

  it('fails in words where there is no such endpoint, and where there is no such CA', async () => {
    const EndpointId = 'cvpn-endpoint-00000000000000000';
    const unknown = await ask('Create', 'Custom::EndpointRegistration', await registration({ EndpointId }));
    expect(unknown).toMatchObject({ Status: 'FAILED', PhysicalResourceId: EndpointId });
    expect(unknown.Reason).toContain(`there is no endpoint ${EndpointId}`);
    const orphan = await ask('Create', 'Custom::EndpointRegistration', await registration({ CaId: 'none' }));
    expect(orphan.Reason).toContain('there is no CA none');
  });

  it.each([
    ['GateMode', 'allow', /GateMode/],
    ['SignInName', 'nickname', /SignInName/],
    ['DirectoryId', 'd-0123456789', /has none, and directoryId says "d-0123456789"/],
    ['EndpointId', 'soon', /the id of a Client VPN endpoint/],
  ])('says what is wrong with %s=%s', async (name, value, words) => {
    const failed = await ask('Create', 'Custom::EndpointRegistration', await registration({ [name]: value }));
    expect(failed).toMatchObject({ Status: 'FAILED' });
    expect(failed.Reason).toMatch(words);
  });
});

describe('an endpoint that an administrator brings', () => {
  const ec2 = new EC2Client({});
  afterAll(() => ec2.destroy());
  const registration = async (changes: object) => ({
    CaId: 'ca1',
    GateArn: 'arn:aws:lambda:eu-west-1:111122223333:function:AWSClientVPN-vpn-portal-local-gate',
    GateMode: 'observe',
    SignInName: 'login',
    SignInDomains: 'CORP',
    DirectoryId: 'd-0123456789',
    SamlProviderArn: '',
    ...changes,
  });
  const make = async (chainArn: string): Promise<string> => {
    const { ClientVpnEndpoints = [] } = await ec2.send(new DescribeClientVpnEndpointsCommand({}));
    const { ClientVpnEndpointId = '' } = await ec2.send(
      new CreateClientVpnEndpointCommand({
        ServerCertificateArn: ClientVpnEndpoints[0]?.ServerCertificateArn,
        AuthenticationOptions: [
          {
            Type: 'certificate-authentication',
            MutualAuthentication: { ClientRootCertificateChainArn: chainArn },
          },
          { Type: 'directory-service-authentication', ActiveDirectory: { DirectoryId: 'd-0123456789' } },
        ],
        ConnectionLogOptions: { Enabled: false },
        ClientCidrBlock: '10.20.0.0/22',
      }),
    );
    return ClientVpnEndpointId;
  };

  it('is taken where it trusts the CA, told otherwise where not, and may be judged in another way later', async () => {
    const type = 'Custom::EndpointRegistration';
    // The very CA, as a deployment without an endpoint answers it.
    const ours = await create({ CaId: 'ca1', ServerName: 'client-ca.invalid' });
    const theirs = await make((await create({ CaId: 'life' })).Data['ServerCertificateArn'] ?? '');
    const foreign = await ask('Create', type, await registration({ EndpointId: theirs }));
    expect(foreign).toMatchObject({ Status: 'FAILED', PhysicalResourceId: theirs });
    expect(foreign.Reason).toContain(
      `make one with ClientRootCertificateChainArn=${ours.Data['ServerCertificateArn']}`,
    );
    const EndpointId = await make(ours.Data['ServerCertificateArn'] ?? '');
    for (const GateMode of ['observe', 'observe', 'enforce']) {
      const adopted = await ask('Update', type, await registration({ EndpointId, GateMode }), {
        PhysicalResourceId: EndpointId,
      });
      expect(adopted).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: EndpointId });
    }
    const response = await fetch(`${stack.apiUrl}/v1/admin/endpoints`, {
      headers: { authorization: `Bearer ${await stack.tokenFor('adam')}` },
    });
    const { endpoints } = endpointsView.parse(await response.json());
    expect(endpoints.find((one) => one.endpointId === EndpointId)).toMatchObject({
      gateMode: 'enforce',
      signInName: 'login',
    });
    expect(endpoints.find((one) => one.endpointId === theirs)).toBeUndefined();
  });
});
