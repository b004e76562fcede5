import { octetsFromBase64, pemBlocksIn } from '../../domain/x509/pem.ts';
import type { EndpointSettings } from '../../ports/client-vpn.ts';
import type { EndpointStore } from '../../ports/endpoint-store.ts';
import type { ServerCertificates } from '../../ports/server-certificates.ts';
import type { CertificationAuthority } from '../../domain/endpoint.ts';

/** Where people sign in beside their certificate, as the parameters say. */
export interface SecondFactor {
  readonly directoryId?: string;
  readonly samlProviderArn?: string;
}

export interface ExpectedEndpoint {
  readonly authority: CertificationAuthority;
  readonly secondFactor: SecondFactor;
  /** In another account or Region, whose ACM is not reached: what it trusts cannot be looked at. */
  readonly isElsewhere: boolean;
}

export interface EndpointFitDeps {
  readonly endpoints: Pick<EndpointStore, 'findServerCertificate'>;
  readonly serverCertificates: Pick<ServerCertificates, 'findChain'>;
}

/**
 * Refuses an endpoint for which certificates of this CA would be worth nothing, and one that asks people for more, or
 * for less, than its gate was told: the gate would refuse everybody, or nobody.
 *
 * @throws Error in words for whoever deploys
 */
export async function assertEndpointFits(
  deps: EndpointFitDeps,
  settings: EndpointSettings,
  { authority, secondFactor, isElsewhere }: ExpectedEndpoint,
): Promise<void> {
  const { endpointId, clientRootCertificateChainArn: chainArn } = settings;
  if (chainArn === undefined) throw new Error(`${endpointId} does not ask its clients for certificates`);
  if (!isElsewhere) await assertTrusts(deps, endpointId, chainArn, authority);
  assertSame(endpointId, 'directoryId', settings.directoryId, secondFactor.directoryId);
  assertSame(endpointId, 'samlProviderArn', settings.samlProviderArn, secondFactor.samlProviderArn);
}

async function assertTrusts(
  deps: EndpointFitDeps,
  endpointId: string,
  chainArn: string,
  authority: CertificationAuthority,
): Promise<void> {
  const ownArn = await deps.endpoints.findServerCertificate(authority.caId);
  if (chainArn !== ownArn && !(await isInChain(deps, chainArn, authority))) {
    throw new Error(
      `${endpointId} verifies clients with ${chainArn}, in which the CA ${authority.caId} is not. ` +
        `An endpoint keeps what it was made with: make one with ClientRootCertificateChainArn=${ownArn ?? 'unknown'}`,
    );
  }
}

/** A chain that an administrator imported may hold our CA beside another, whose certificates shall go on. */
async function isInChain(
  { serverCertificates }: EndpointFitDeps,
  chainArn: string,
  { certificateDer }: CertificationAuthority,
): Promise<boolean> {
  const chainPem = await serverCertificates.findChain(chainArn);
  return pemBlocksIn(chainPem ?? '').some(({ base64 }) => {
    const der = octetsFromBase64(base64);
    return der !== undefined && Buffer.from(certificateDer).equals(der);
  });
}

function assertSame(endpointId: string, name: string, actual = '', told = ''): void {
  if (actual === told) return;
  const does = actual === '' ? 'has none' : `has ${actual}`;
  throw new Error(`${endpointId} ${does}, and ${name} says "${told}". Deploy with --param ${name}=${actual}`);
}
