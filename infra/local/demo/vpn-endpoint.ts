import { verify, X509Certificate } from 'node:crypto';
import {
  DescribeClientVpnConnectionsCommand,
  DescribeClientVpnEndpointsCommand,
  EC2Client,
  ExportClientVpnClientCertificateRevocationListCommand,
  ModifyClientVpnEndpointCommand,
} from '@aws-sdk/client-ec2';
import type { RevokedCertificate } from '../../../shared/domain/crl-facts.ts';
import { readCrl } from '../../../shared/domain/x509/crl-reader.ts';
import { derFromPem } from '../../../shared/domain/x509/pem.ts';

export interface SeenConnection {
  readonly connectionId: string;
  readonly commonName: string;
  readonly status: string;
}

/** A list as the endpoint exports it. */
export interface SeenList {
  readonly crlNumber: number;
  /** By serial number, lower-case hex. */
  readonly entries: ReadonlyMap<string, RevokedCertificate>;
  /** Whether its signature is of the key in a CA certificate, as node:crypto sees it. */
  isSignedBy(caCertificatePem: string): boolean;
}

/** The endpoint as the EC2 API shows it: nothing here asks the portal. */
export interface VpnEndpoint {
  /** Those that live and those that ended within the hour. */
  connections(): Promise<SeenConnection[]>;
  /** The connect handler's ARN while it is on. */
  gateArn(): Promise<string | undefined>;
  /** @param gateArn undefined switches the connect handler off */
  switchGate(gateArn: string | undefined): Promise<void>;
  list(): Promise<SeenList>;
  close(): void;
}

/** @param endpointId of an endpoint in the stand-in that the environment points at */
export function vpnEndpoint(endpointId: string): VpnEndpoint {
  const client = new EC2Client({});
  const which = { ClientVpnEndpointId: endpointId };
  return {
    async connections() {
      const { Connections = [] } = await client.send(new DescribeClientVpnConnectionsCommand(which));
      return Connections.map(({ ConnectionId = '', CommonName = '', Status }) => ({
        connectionId: ConnectionId,
        commonName: CommonName,
        status: Status?.Code ?? '',
      }));
    },
    async gateArn() {
      const answer = await client.send(
        new DescribeClientVpnEndpointsCommand({ ClientVpnEndpointIds: [endpointId] }),
      );
      const options = answer.ClientVpnEndpoints?.[0]?.ClientConnectOptions;
      return options?.Enabled === true ? options.LambdaFunctionArn : undefined;
    },
    async switchGate(gateArn) {
      const options =
        gateArn === undefined ? { Enabled: false } : { Enabled: true, LambdaFunctionArn: gateArn };
      await client.send(new ModifyClientVpnEndpointCommand({ ...which, ClientConnectOptions: options }));
    },
    async list() {
      const { CertificateRevocationList = '' } = await client.send(
        new ExportClientVpnClientCertificateRevocationListCommand(which),
      );
      const {
        crlNumber = 0,
        entries,
        tbsCertListDer,
        signature,
      } = readCrl(derFromPem('X509 CRL', CertificateRevocationList));
      return {
        crlNumber,
        entries,
        isSignedBy: (caCertificatePem) =>
          verify('sha256', tbsCertListDer, new X509Certificate(caCertificatePem).publicKey, signature),
      };
    },
    close: () => client.destroy(),
  };
}
