import type {
  CertificationAuthority,
  ConfirmedCrl,
  Endpoint,
  GateOrder,
  ImportAttempt,
  PublicationRequest,
} from '../domain/endpoint.ts';
import type { GatePolicy } from '../domain/gate-policy.ts';
import type { EpochMilliseconds } from '../domain/time.ts';

/** The right to publish at one endpoint until a time; a later holder has a higher token. */
export interface Lease {
  readonly endpointId: string;
  readonly fencingToken: number;
}

/** What may change at an endpoint. */
export interface ChangedSettings {
  readonly gateArn: string;
  readonly clientConfiguration: string;
  readonly serverCertificateArn?: string;
  /** With the time from which on it observes, if it does and did not before. */
  readonly gate?: { readonly policy: GatePolicy; readonly at: EpochMilliseconds };
}

/** CAs, endpoints and what we know of them. Every read sees every earlier write. */
export interface EndpointStore {
  /** Adds a CA once. @returns the one that is kept, which is an earlier one if there was one */
  addAuthority(authority: CertificationAuthority): Promise<CertificationAuthority>;
  findAuthority(caId: string): Promise<CertificationAuthority | undefined>;
  /** Keeps the ARN of a CA's server certificate once. @returns the one that is kept, which may be an earlier one */
  keepServerCertificate(caId: string, serverCertificateArn: string): Promise<string>;
  findServerCertificate(caId: string): Promise<string | undefined>;
  /** Adds an endpoint once; one that is there stays as it is. */
  add(endpoint: Endpoint): Promise<void>;
  find(endpointId: string): Promise<Endpoint | undefined>;
  /** Those that are looked after. */
  list(): Promise<Endpoint[]>;
  /** Those too that are not any more. */
  listAll(): Promise<Endpoint[]>;
  /** From now on it is not looked after; one that is not there, or was retired before, stays so. */
  retire(endpointId: string, at: EpochMilliseconds): Promise<void>;
  /** Replaces what may change at an endpoint that is there; what is absent stays. A retired one is looked after again. */
  saveSettings(endpointId: string, settings: ChangedSettings): Promise<void>;
  /**
   * Notes that somebody unknown is connected. Nothing happens at an endpoint that is not observed, and to a time that
   * is later already.
   */
  noteUnknown(endpointId: string, at: EpochMilliseconds): Promise<void>;

  /** @returns undefined while somebody else holds it */
  acquireLease(
    endpointId: string,
    now: EpochMilliseconds,
    until: EpochMilliseconds,
  ): Promise<Lease | undefined>;
  /** @returns false when a later holder took it */
  renewLease(lease: Lease, until: EpochMilliseconds): Promise<boolean>;
  releaseLease(lease: Lease): Promise<void>;

  /** Writes down, before it is sent, which list is sent; only under a lease that still holds. */
  recordImportAttempt(lease: Lease, attempt: ImportAttempt): Promise<boolean>;

  /**
   * Records what the endpoint was seen to hold, only under a lease that still holds and never a lower number.
   * `unplanned`: it was imported for another reason than its age.
   */
  recordCrl(lease: Lease, crl: ConfirmedCrl, unplanned: boolean): Promise<boolean>;

  /** Writes down who switches the gate, over what was said before. */
  noteGateOrder(endpointId: string, order: GateOrder): Promise<void>;

  requestPublication(endpointId: string, request: PublicationRequest): Promise<void>;
  /** Ends the request if it is still that one. */
  endPublicationRequest(endpointId: string, request: PublicationRequest): Promise<void>;
}
