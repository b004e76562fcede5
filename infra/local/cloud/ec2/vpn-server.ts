/** What stands behind one endpoint: a VPN server that asks before it lets somebody in, and can cut. */
export interface VpnServer {
  /**
   * Ends a live connection.
   *
   * @param mayComeBack whether the client is left to connect again by itself, and is then judged anew
   */
  kill(clientKey: string, mayComeBack: boolean): void;
  /** Replaces the whole list and resets every connection. Resolves when clients can connect again. */
  useCrl(crlPem: string): Promise<void>;
  /** Ends every connection and everything that was started. */
  stop(): Promise<void>;
}

/** What the server knows of a client whose certificate it has verified. */
export interface VpnClientFacts {
  readonly commonName: string;
  /** Who signed in beside the certificate; empty where nobody is asked to. */
  readonly username: string;
  readonly publicIp: string;
  /** As AWS names platforms: `linux`, `mac`, `win`, …; empty where the client does not say. */
  readonly platform: string;
  readonly platformVersion: string;
  readonly clientOpenVpnVersion: string;
}

/** @param text shown to the person who is refused */
export type Verdict = { readonly allow: true } | { readonly allow: false; readonly text: string };

/** `clientKey` names one connection of one client for as long as this server lives; it is never used twice. */
export interface VpnServerEvents {
  /** Must not reject: whoever cannot judge denies. */
  judge(clientKey: string, client: VpnClientFacts): Promise<Verdict>;
  established(clientKey: string): void;
  disconnected(clientKey: string): void;
  /** Octets so far; ingress comes from the client. */
  transferred(clientKey: string, ingressOctets: number, egressOctets: number): void;
  /** A client that did not get as far as being judged; AWS shows these nowhere. */
  refused(reason: string): void;
  /** The server ended without being told to. */
  died(reason: string): void;
}

export interface VpnServerSettings {
  /** On 127.0.0.1, TCP. */
  readonly port: number;
  /** The server's own, for what it must keep in files. */
  readonly directory: string;
  readonly serverCertificatePem: string;
  readonly serverChainPem: string;
  readonly serverPrivateKeyPem: string;
  readonly clientCaPem: string;
  /** A client without a user name is refused. Whoever has one is believed: no directory stands behind. */
  readonly asksForSignIn: boolean;
  /** Absent: revocation is not checked. */
  readonly crlPem?: string;
}

/** Resolves when clients can connect. */
export type StartVpnServer = (settings: VpnServerSettings, events: VpnServerEvents) => Promise<VpnServer>;
