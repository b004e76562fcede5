import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EC2Client, type CreateClientVpnEndpointCommandInput } from '@aws-sdk/client-ec2';
import { ec2Service, type Ec2Service, type Ec2ServiceDeps } from '../../infra/local/cloud/ec2/service.ts';
import type { ImportedCertificate } from '../../infra/local/cloud/ec2/server-certificate.ts';
import type { Faults } from '../../infra/local/cloud/faults.ts';
import { startCloud, type Cloud } from '../../infra/local/cloud/server.ts';

export const SERVER_ARN = 'arn:aws:acm:eu-west-1:111122223333:certificate/server';
export const GATE_ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:AWSClientVPN-gate:live';

/** The stand-in behind the HTTP server that the local stack uses, and a client of the SDK. */
export interface Ec2StandIn {
  readonly client: EC2Client;
  readonly cloud: Cloud;
  readonly directory: string;
  readonly service: () => Ec2Service;
  /** As after a crash: everything from what was kept. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startEc2StandIn(
  options: Partial<Ec2ServiceDeps> & Pick<Ec2ServiceDeps, 'startVpnServer'> & { faults?: Faults },
  certificates: ReadonlyMap<string, ImportedCertificate>,
): Promise<Ec2StandIn> {
  const directory = await mkdtemp(join(tmpdir(), 'ec2-'));
  const create = (): Ec2Service =>
    ec2Service({
      directory,
      certificates: { find: (arn) => certificates.get(arn) },
      invoke: async () => ({ payload: allowing }),
      ...options,
    });
  let service = create();
  await service.start();
  const cloud = await startCloud({
    ec2: (request) => service.handle(request),
    ...(options.faults && { faults: options.faults }),
  });
  const client = new EC2Client({
    endpoint: cloud.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  return {
    client,
    cloud,
    directory,
    service: () => service,
    async restart() {
      await service.stop();
      service = create();
      await service.start();
    },
    async close() {
      client.destroy();
      await service.stop();
      await cloud.close();
      await rm(directory, { recursive: true });
    },
  };
}

export const allowing = {
  allow: true,
  'error-msg-on-denied-connection': '',
  'posture-compliance-statuses': [],
  'schema-version': 'v2',
};

export const denying = (text: string) => ({
  ...allowing,
  allow: false,
  'error-msg-on-denied-connection': text,
});

/** What creation asks for when nothing is wrong. */
export const goodEndpoint: CreateClientVpnEndpointCommandInput = {
  ServerCertificateArn: SERVER_ARN,
  AuthenticationOptions: [
    {
      Type: 'certificate-authentication',
      MutualAuthentication: { ClientRootCertificateChainArn: SERVER_ARN },
    },
  ],
  ConnectionLogOptions: { Enabled: false },
  ClientCidrBlock: '10.20.0.0/22',
};
