import { readCrl } from '../../shared/domain/x509/crl-reader.ts';
import { derFromPem } from '../../shared/domain/x509/pem.ts';
import type { SerialNumber } from '../../shared/domain/certificate-id.ts';
import type { IssuedCertificate } from '../../shared/use-cases/issue-certificate.ts';
import type {
  VpnConnection,
  VpnConnections,
  VpnCrl,
  VpnEndpoints,
  VpnGate,
} from '../../shared/ports/client-vpn.ts';
import { decideConnection, type DecideConnectionDeps } from '../../shared/use-cases/decide-connection.ts';

/** An endpoint in memory: it asks its list, then its gate, as AWS Client VPN does, and an import resets everybody. */
export class FakeVpn {
  readonly #options: DecideConnectionDeps & { readonly gateArn: string; readonly endpointId: string };
  #held: { crlPem: string; status: 'pending' | 'active' } | undefined;
  #up: (VpnConnection & { readonly serialNumber: SerialNumber })[] = [];
  #count = 0;
  isGateOn = true;
  /** As if it held no list, to ask the gate alone. */
  isListOff = false;
  /** The connect handler that it is set to. */
  gateArn: string;
  /** For how many reads a list that was imported stays pending. */
  pendingReads = 0;
  imports = 0;
  readonly importedNumbers: number[] = [];

  constructor(options: DecideConnectionDeps & { readonly gateArn: string; readonly endpointId: string }) {
    this.#options = options;
    this.gateArn = options.gateArn;
  }

  /** @returns the connection, or who refused it */
  async connect(certificate: IssuedCertificate): Promise<VpnConnection | 'list' | 'gate'> {
    if (!this.isListOff && this.revoked().has(certificate.serialNumber)) return 'list';
    const { commonName, serialNumber } = certificate;
    const { endpointId } = this.#options;
    if (this.isGateOn) {
      const { access } = await decideConnection(this.#options, { commonName, endpointId, signedInAs: '' });
      if (!access.allowed) return 'gate';
    }
    this.#count += 1;
    const connectionId = `cvpn-connection-${this.#count}`;
    const connection = { connectionId, commonName, status: 'active' as const, serialNumber };
    this.#up.push(connection);
    return connection;
  }

  /** Common names of live connections. */
  names(): string[] {
    return this.#up.map(({ commonName }) => commonName);
  }

  revoked(): ReadonlyMap<string, unknown> {
    return this.held?.entries ?? new Map();
  }

  get held(): ReturnType<typeof readCrl> | undefined {
    return this.#held && readCrl(derFromPem('X509 CRL', this.#held.crlPem));
  }

  readonly connections: VpnConnections = {
    list: async () => this.#up.map(({ serialNumber: _, ...connection }) => connection),
    terminate: async (_endpointId, connectionId) => {
      const before = this.#up.length;
      this.#up = this.#up.filter((connection) => connection.connectionId !== connectionId);
      return this.#up.length < before;
    },
  };

  readonly crl: VpnCrl = {
    import: async (_endpointId, crlPem) => {
      this.imports += 1;
      this.importedNumbers.push(readCrl(derFromPem('X509 CRL', crlPem)).crlNumber ?? NaN);
      this.#held = { crlPem, status: this.pendingReads > 0 ? 'pending' : 'active' };
      this.#up = [];
    },
    export: async () => {
      const held = this.#held;
      if (held?.status === 'pending' && this.pendingReads > 0) {
        this.pendingReads -= 1;
        return { ...held };
      }
      if (held !== undefined) held.status = 'active';
      return held === undefined ? undefined : { ...held };
    },
  };

  readonly gate: VpnGate = {
    setConnectHandler: async (_endpointId, functionArn) => {
      this.isGateOn = functionArn === this.#options.gateArn;
    },
  };

  readonly endpoints: VpnEndpoints = {
    describe: async (endpointId) => ({
      endpointId,
      ...(this.isGateOn ? { connectHandlerArn: this.gateArn } : {}),
    }),
    exportClientConfiguration: async () => 'client\n',
  };
}
