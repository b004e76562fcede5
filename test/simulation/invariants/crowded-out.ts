import type { EndpointList } from '../cloud/endpoint.ts';
import type { Oracle, SignedCertificate } from '../oracle.ts';

/** Whether a list is full of certificates that expire no sooner: then this one rests on the gate alone. */
export function isCrowdedOut(
  { certificates, portal }: Oracle,
  { serialNumbers }: Pick<EndpointList, 'serialNumbers'>,
  { notAfter }: Pick<SignedCertificate, 'notAfter'>,
): boolean {
  if (serialNumbers.size < portal.scenery.mostEntries) return false;
  return [...serialNumbers].every(
    (serialNumber) => (certificates.get(serialNumber)?.notAfter ?? Infinity) >= notAfter,
  );
}
