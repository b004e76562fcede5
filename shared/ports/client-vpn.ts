import type { EndpointPlace } from '../domain/endpoint.ts';
import type { EpochMilliseconds } from '../domain/time.ts';

/** A connection as an endpoint reports it. */
export interface VpnConnection {
  readonly connectionId: string;
  readonly commonName: string;
  readonly status: 'active' | 'failed-to-terminate' | 'terminating' | 'terminated';
  readonly establishedAt?: EpochMilliseconds;
}

/** The calls of AWS Client VPN that end connections. */
export interface VpnConnections {
  /** All pages: active connections, and those that ended in the last 60 minutes. */
  list(endpointId: string): Promise<VpnConnection[]>;
  /** @returns false when the endpoint does not know it, which is as good as terminated */
  terminate(endpointId: string, connectionId: string): Promise<boolean>;
}

/** The calls of AWS Client VPN that bring a list to an endpoint. */
export interface VpnCrl {
  /** Replaces the endpoint's whole list. Every import resets every user's connection. */
  import(endpointId: string, crlPem: string, signal?: AbortSignal): Promise<void>;
  /** The list that the endpoint has, undefined where none was ever imported. */
  export(endpointId: string): Promise<{ crlPem: string; status: 'pending' | 'active' } | undefined>;
}

/** How an endpoint is set, as far as the portal depends on it. */
export interface EndpointSettings {
  readonly endpointId: string;
  /** The connect handler's ARN while it is enabled. */
  readonly connectHandlerArn?: string;
  readonly serverCertificateArn?: string;
  /** The certificate in ACM whose chain verifies clients; absent where certificates are not asked for. */
  readonly clientRootCertificateChainArn?: string;
  /** The directory at which people sign in beside their certificate. */
  readonly directoryId?: string;
  /** The SAML provider in IAM at which people sign in beside their certificate. */
  readonly samlProviderArn?: string;
}

/** The call of AWS Client VPN that switches the gate. */
export interface VpnGate {
  /** Makes the endpoint ask this function, or nobody. It counts for connections from then on. */
  setConnectHandler(endpointId: string, functionArn: string | undefined): Promise<void>;
}

/** The calls of AWS Client VPN that read an endpoint's settings. */
export interface VpnEndpoints {
  /** @param place of an endpoint that is not registered yet */
  describe(endpointId: string, place?: EndpointPlace): Promise<EndpointSettings | undefined>;
  /** The profile without certificate and key, as AWS words it. @param place of an endpoint that is not registered yet */
  exportClientConfiguration(endpointId: string, place?: EndpointPlace): Promise<string>;
}
