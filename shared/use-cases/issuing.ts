import type { CertificationAuthority, Endpoint } from '../domain/endpoint.ts';
import { issuingCaIdOf } from '../domain/issuing.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';

/** The CA that issues now, and the endpoints that its certificates are for. */
export interface Issuing {
  readonly authority: CertificationAuthority;
  readonly endpoints: readonly Endpoint[];
}

export interface IssuingDeps {
  readonly endpoints: Pick<EndpointStore, 'findAuthority' | 'list'>;
  /** In the order in which they issue. */
  readonly issuingCaIds: readonly string[];
}

/** @throws Error where no endpoint trusts any of them */
export async function readIssuing({ endpoints, issuingCaIds }: IssuingDeps): Promise<Issuing> {
  const all = await endpoints.list();
  const caId = issuingCaIdOf(issuingCaIds, all);
  if (caId === undefined) throw new Error(`no endpoint trusts the CA ${issuingCaIds.join(' or ')} yet`);
  const concerned = all.filter((endpoint) => endpoint.caId === caId);
  return { authority: await authorityOf(endpoints, caId), endpoints: concerned };
}

/** @throws Error where it is not set up */
export async function authorityOf(
  endpoints: Pick<EndpointStore, 'findAuthority'>,
  caId: string,
): Promise<CertificationAuthority> {
  const authority = await endpoints.findAuthority(caId);
  if (authority === undefined) throw new Error(`the CA ${caId} is not set up`);
  return authority;
}
