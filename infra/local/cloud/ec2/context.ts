import type { ConnectionStatus } from './connection-table.ts';
import { noSuchEndpoint } from './ec2-error.ts';
import type { Endpoint } from './endpoint.ts';
import type { EndpointFiles } from './endpoint-files.ts';
import type { EndpointRecord } from './endpoint-record.ts';
import type { Query } from './query.ts';
import type { CertificateRevocationLists } from './revocation-lists.ts';
import type { ServerCertificateSource } from './server-certificate.ts';
import type { XmlValue } from './xml.ts';

/** What tests make the stand-in say against the truth. It reads them at each call. */
export interface Ec2Lies {
  /** An imported list stays `pending`, without effect, for so long. */
  importPendingMs?: number;
  /** Export answers with the list before the last import, as if that were the one. */
  exportPrevious?: boolean;
  /** Destinations with an authorization rule; everything, where nobody says otherwise. */
  authorizedCidrs?: readonly string[] | undefined;
  /** Terminate answers with this status and leaves the connection alone. */
  terminateStatus?: Extract<ConnectionStatus, 'failed-to-terminate' | 'terminating'>;
}

/** What every action works on. */
export interface Ec2Context {
  readonly endpoints: Map<string, Endpoint>;
  readonly files: EndpointFiles;
  readonly lists: CertificateRevocationLists;
  readonly certificates: ServerCertificateSource;
  readonly lies: Ec2Lies;
  readonly now: () => number;
  /** @param prefix for example `cvpn-endpoint`; 17 hex digits follow */
  readonly newId: (prefix: string) => string;
  readonly findPort: () => Promise<number>;
  readonly newEndpoint: (record: EndpointRecord) => Endpoint;
}

export type Action = (query: Query, context: Ec2Context) => Promise<Record<string, XmlValue>>;

/** @throws Ec2Error InvalidClientVpnEndpointId.NotFound */
export function endpointOf(query: Query, context: Ec2Context): Endpoint {
  const endpointId = query.required('ClientVpnEndpointId');
  const endpoint = context.endpoints.get(endpointId);
  if (!endpoint) throw noSuchEndpoint(endpointId);
  return endpoint;
}
