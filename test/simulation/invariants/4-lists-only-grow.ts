import { assembleSigned } from '../../../shared/domain/x509/signed.ts';
import type { CaId } from '../scenery.ts';
import { isCrowdedOut } from './crowded-out.ts';
import { listFromDer, type EndpointList } from '../cloud/endpoint.ts';
import type { Invariant, Oracle } from '../oracle.ts';

/** A list is made of what was there some time before it is signed. */
const MARGIN_MILLISECONDS = 10_000;

export const listsOnlyGrow: Invariant = {
  number: 4,
  words: 'at an endpoint the number never goes down, and nobody who is revoked is absent from a newer list',

  signed: (oracle, { kind, caId, tbs, signature, invocation }) => {
    if (kind === 'certificate') return undefined;
    const list = listFromDer(assembleSigned(tbs, signature), caId);
    const name = `${caId} ${list.crlNumber}`;
    const former = oracle.signedLists.get(name);
    oracle.signedLists.set(name, list);
    for (const serialNumber of list.revoked) oracle.everListed.add(serialNumber);
    if (former !== undefined) return `the number ${list.crlNumber} was given twice`;
    for (const [serialNumber, { step }] of oracle.revokedSince) {
      if (step < invocation.startedAtStep && mustBeOn(oracle, list, caId, serialNumber)) {
        return `list ${list.crlNumber} lacks ${ownerOf(oracle, serialNumber)}, revoked before its publisher began`;
      }
    }
    return undefined;
  },

  imported: (oracle, { endpoint, list }) => {
    const { highestNumber, listed } = oracle.historyOf(endpoint);
    if (list.crlNumber <= highestNumber) {
      return `list ${list.crlNumber} was imported at ${endpoint.endpointId} after list ${highestNumber}`;
    }
    if (list.serialNumbers.size > oracle.portal.scenery.mostEntries) {
      return `list ${list.crlNumber} has more entries than ${endpoint.endpointId} takes`;
    }
    for (const serialNumber of listed) {
      if (mustBeOn(oracle, list, endpoint.caId, serialNumber)) {
        return `list ${list.crlNumber} at ${endpoint.endpointId} has lost ${ownerOf(oracle, serialNumber)}`;
      }
    }
    return undefined;
  },
};

function mustBeOn(oracle: Oracle, list: EndpointList, caId: CaId, serialNumber: string): boolean {
  const certificate = oracle.certificates.get(serialNumber);
  // What was only reserved is in no journal: nobody was given it.
  const isForgotten =
    oracle.restored !== undefined && oracle.storedCertificate(certificate?.commonName ?? '') === undefined;
  if (certificate === undefined || isForgotten || certificate.caId !== caId || list.revoked.has(serialNumber))
    return false;
  return (
    certificate.notAfter > oracle.machine.now + MARGIN_MILLISECONDS &&
    !isCrowdedOut(oracle, list, certificate)
  );
}

const ownerOf = ({ certificates }: Oracle, serialNumber: string): string =>
  certificates.get(serialNumber)?.login ?? 'somebody';
