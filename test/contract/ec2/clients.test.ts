import { EC2Client } from '@aws-sdk/client-ec2';
import { STSClient } from '@aws-sdk/client-sts';
import type { CloudRequest } from '../../../infra/local/cloud/protocol.ts';
import { startCloud, type Cloud } from '../../../infra/local/cloud/server.ts';
import { operatorPlaces } from '../../../cli/aws/places.ts';
import { clientsByPlace } from '../../../shared/adapters/ec2/clients.ts';
import { ec2Crl } from '../../../shared/adapters/ec2/crl.ts';
import type { EndpointPlace } from '../../../shared/domain/endpoint.ts';

const OTHER_ROLE = 'arn:aws:iam::222233334444:role/vpn-portal-endpoint';
const places: Readonly<Record<string, EndpointPlace>> = {
  home: {},
  'other-region': { region: 'us-east-1' },
  'other-account': { region: 'ap-south-1', accessRoleArn: OTHER_ROLE },
};

const seen: CloudRequest[] = [];
let cloud: Cloud;
const made: EC2Client[] = [];

beforeAll(async () => {
  cloud = await startCloud({
    ec2: async (request) => {
      seen.push(request);
      return {
        status: 200,
        body: '<ExportClientVpnClientCertificateRevocationListResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"/>',
      };
    },
  });
});
afterAll(async () => {
  for (const client of made) client.destroy();
  await cloud.close();
});

const own = { region: 'eu-west-1', credentials: { accessKeyId: 'own', secretAccessKey: 'own' } };
const access = () =>
  clientsByPlace({
    placeOf: async (endpointId) => places[endpointId],
    sts: () => new STSClient({ ...own, endpoint: cloud.url }),
    make: (options) => {
      const client = new EC2Client({ ...own, ...options, endpoint: cloud.url, maxAttempts: 1 });
      made.push(client);
      return client;
    },
  });

/** The Region and the credentials with which a call was signed (Signature Version 4). */
function signedAs({ headers }: CloudRequest): unknown {
  const [, accessKeyId, region] =
    /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(headers['authorization'] ?? '') ?? [];
  return { accessKeyId, region, token: headers['x-amz-security-token'] };
}

describe('a call about an endpoint', () => {
  it.each([
    ['home', { accessKeyId: 'own', region: 'eu-west-1', token: undefined }],
    ['other-region', { accessKeyId: 'own', region: 'us-east-1', token: undefined }],
    ['other-account', { accessKeyId: 'ASIALOCAL', region: 'ap-south-1', token: OTHER_ROLE }],
    ['unknown', { accessKeyId: 'own', region: 'eu-west-1', token: undefined }],
  ])('goes where it is, with the rights that are meant for it: %s', async (endpointId, expected) => {
    seen.length = 0;
    await ec2Crl(access()).export(endpointId);
    expect(seen.map(signedAs)).toEqual([expected]);
  });

  it('uses the client of its place again, and one of another place never', async () => {
    const one = access();
    const [first, again, other] = await Promise.all([
      one.clientFor('other-account'),
      one.clientFor('other-account').then(() => one.clientFor('other-account')),
      one.clientFor('home'),
    ]);
    expect(await one.clientFor('other-account')).toBe(again);
    expect(other).not.toBe(first);
  });

  it('goes where it is said, for an endpoint that is not registered yet', async () => {
    seen.length = 0;
    const client = await access().clientFor('new', { region: 'us-east-1' });
    expect(await client.config.region()).toBe('us-east-1');
  });
});

describe("an operator's call about what is elsewhere", () => {
  const list = async () =>
    Object.entries(places).map(([endpointId, { region, accessRoleArn }]) => ({
      endpointId,
      ...(region === undefined ? {} : { region }),
      ...(accessRoleArn === undefined ? {} : { accessRoleArn: `${accessRoleArn}-0a` }),
    }));
  const operator = () => operatorPlaces({ list, sts: () => new STSClient({ ...own, endpoint: cloud.url }) });

  it('goes through the role for operators there, and through none that the portal has', async () => {
    const { placeOf } = operator();
    expect(await Promise.all(['home', 'other-region', 'other-account', 'unknown'].map(placeOf))).toEqual([
      {},
      { region: 'us-east-1' },
      { region: 'ap-south-1', accessRoleArn: 'arn:aws:iam::222233334444:role/vpn-portal-operator-0a' },
      {},
    ]);
  });

  it.each([
    ['a gate at home', 'arn:aws:lambda:eu-west-1:111122223333:function:gate:live', 'eu-west-1', undefined],
    [
      'a gate beside an endpoint elsewhere',
      'arn:aws:lambda:ap-south-1:222233334444:function:gate:live',
      'ap-south-1',
      'arn:aws:iam::222233334444:role/vpn-portal-operator-0a',
    ],
    [
      'another Region of that account',
      'arn:aws:acm:us-east-1:222233334444:certificate/1',
      'us-east-1',
      undefined,
    ],
  ])('finds %s', async (_what, arn, region, token) => {
    const options = await operator().optionsFor(arn);
    expect(options.region).toBe(region);
    expect((await options.credentials?.())?.sessionToken).toBe(token);
  });
});
