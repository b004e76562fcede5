import { isCaId, type CertificationAuthority } from '../domain/endpoint.ts';
import type { SignedCrl } from '../domain/crl-facts.ts';
import { DomainError } from '../domain/errors.ts';
import type { CrlStore } from '../ports/crl-store.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';

export interface PublicDocumentsDeps {
  readonly endpoints: Pick<EndpointStore, 'findAuthority'>;
  readonly crls: Pick<CrlStore, 'current'>;
}

const noAuthority = (): DomainError => new DomainError('notFound', 'no CA has this id');

/** @throws DomainError notFound */
export async function readAuthority(
  { endpoints }: PublicDocumentsDeps,
  caId: string,
): Promise<CertificationAuthority> {
  const authority = isCaId(caId) ? await endpoints.findAuthority(caId) : undefined;
  if (authority === undefined) throw noAuthority();
  return authority;
}

/**
 * The newest signed list of a CA.
 *
 * @throws DomainError notFound: no such CA, or none signed yet
 */
export async function readCurrentCrl({ crls }: PublicDocumentsDeps, caId: string): Promise<SignedCrl> {
  const crl = isCaId(caId) ? await crls.current(caId) : undefined;
  if (crl === undefined) throw noAuthority();
  return crl;
}
