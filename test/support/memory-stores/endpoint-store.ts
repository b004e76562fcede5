import type { Endpoint } from '../../../shared/domain/endpoint.ts';
import type { EndpointStore, Lease } from '../../../shared/ports/endpoint-store.ts';
import { present, sortedValues, type MemoryState } from './state.ts';

/** CAs and endpoints in memory. */
export function memoryEndpointStore(state: MemoryState): EndpointStore {
  const stored = (endpointId: string) => present(state.endpoints.get(endpointId), 'endpoint');
  const change = (endpointId: string, part: Partial<Endpoint>): void => {
    stored(endpointId).endpoint = { ...stored(endpointId).endpoint, ...part };
  };
  const isHeld = ({ endpointId, fencingToken }: Lease): boolean =>
    stored(endpointId).fencingToken === fencingToken && stored(endpointId).leaseUntil !== undefined;
  return {
    addAuthority: async (authority) => {
      const kept = state.authorities.get(authority.caId) ?? authority;
      state.authorities.set(authority.caId, kept);
      return kept;
    },
    findAuthority: async (caId) => state.authorities.get(caId),
    keepServerCertificate: async (caId, serverCertificateArn) => {
      const kept = state.serverCertificates.get(caId) ?? serverCertificateArn;
      state.serverCertificates.set(caId, kept);
      return kept;
    },
    findServerCertificate: async (caId) => state.serverCertificates.get(caId),
    add: async (endpoint) => {
      if (state.endpoints.has(endpoint.endpointId)) return;
      state.endpoints.set(endpoint.endpointId, { endpoint, fencingToken: 0 });
    },
    find: async (endpointId) => state.endpoints.get(endpointId)?.endpoint,
    list: async () =>
      sortedValues(state.endpoints)
        .map(({ endpoint }) => endpoint)
        .filter(({ retiredAt }) => retiredAt === undefined),
    listAll: async () => sortedValues(state.endpoints).map(({ endpoint }) => endpoint),
    retire: async (endpointId, at) => {
      const endpoint = state.endpoints.get(endpointId)?.endpoint;
      if (endpoint !== undefined && endpoint.retiredAt === undefined) change(endpointId, { retiredAt: at });
    },
    saveSettings: async (endpointId, { gate, ...settings }) => {
      const { retiredAt: _retiredAt, ...lookedAfter } = stored(endpointId).endpoint;
      stored(endpointId).endpoint = { ...lookedAfter, ...settings };
      if (gate === undefined) return;
      const { observation, ...rest } = stored(endpointId).endpoint;
      const observed = gate.policy.mode === 'observe' && { observation: observation ?? { since: gate.at } };
      stored(endpointId).endpoint = { ...rest, gatePolicy: gate.policy, ...observed };
    },
    noteUnknown: async (endpointId, at) => {
      const observation = state.endpoints.get(endpointId)?.endpoint.observation;
      if (observation === undefined || (observation.lastUnknownAt ?? -1) >= at) return;
      change(endpointId, { observation: { ...observation, lastUnknownAt: at } });
    },
    acquireLease: async (endpointId, now, until) => {
      const entry = stored(endpointId);
      if (entry.leaseUntil !== undefined && entry.leaseUntil > now) return undefined;
      entry.leaseUntil = until;
      entry.fencingToken += 1;
      return { endpointId, fencingToken: entry.fencingToken };
    },
    renewLease: async (lease, until) => {
      if (!isHeld(lease)) return false;
      stored(lease.endpointId).leaseUntil = until;
      return true;
    },
    releaseLease: async (lease) => {
      if (isHeld(lease)) delete stored(lease.endpointId).leaseUntil;
    },
    recordImportAttempt: async (lease, importAttempt) => {
      if (!isHeld(lease)) return false;
      change(lease.endpointId, { importAttempt });
      return true;
    },
    recordCrl: async (lease, crl, unplanned) => {
      const { crl: held } = stored(lease.endpointId).endpoint;
      const isSame = held?.crlNumber === crl.crlNumber && held.sha256Hex === crl.sha256Hex;
      if (!isHeld(lease) || (held !== undefined && held.crlNumber >= crl.crlNumber && !isSame)) return false;
      change(lease.endpointId, { crl, ...(unplanned ? { lastUnplannedImportAt: crl.importedAt } : {}) });
      return true;
    },
    noteGateOrder: async (endpointId, gateOrder) => change(endpointId, { gateOrder }),
    requestPublication: async (endpointId, publicationRequest) => change(endpointId, { publicationRequest }),
    endPublicationRequest: async (endpointId, { requestedAt, by }) => {
      const { publicationRequest, ...rest } = stored(endpointId).endpoint;
      if (publicationRequest?.requestedAt === requestedAt && publicationRequest.by === by) {
        stored(endpointId).endpoint = rest;
      }
    },
  };
}
