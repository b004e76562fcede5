import { createHash } from 'node:crypto';
import { certificateIdFrom, SERIAL_NUMBER_OCTETS, serialNumberOf } from '../domain/certificate-id.ts';
import type { CertificationAuthority, Endpoint } from '../domain/endpoint.ts';
import { SECONDS_PER_DAY, secondsFrom } from '../domain/time.ts';
import { buildTbsCaCertificate, buildTbsServerCertificate } from '../domain/x509/authority-certificates.ts';
import { readCaFacts } from '../domain/x509/ca-facts.ts';
import { assembleCertificate } from '../domain/x509/certificate.ts';
import { assertCaCertificateLints, assertServerCertificateLints } from '../domain/x509/certificate-lints.ts';
import { pemFrom } from '../domain/x509/pem.ts';
import { caValidity, serverValidity } from '../domain/x509/validity.ts';
import type { VpnEndpointFactory, VpnEndpoints } from '../ports/client-vpn.ts';
import type { Clock } from '../ports/clock.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';
import type { KeyPairs } from '../ports/key-pairs.ts';
import type { RandomOctets } from '../ports/random.ts';
import type { ServerCertificates } from '../ports/server-certificates.ts';
import type { Signer } from '../ports/signer.ts';
import type { Wake } from '../ports/wake.ts';
import { signVerified } from './sign-verified.ts';

/** Long, since every change of it resets every user's connection. */
const SERVER_LIFETIME_SECONDS = 825 * SECONDS_PER_DAY;

export interface SetUpDeps {
  readonly endpoints: EndpointStore;
  readonly signer: Signer;
  readonly keyPairs: KeyPairs;
  readonly serverCertificates: ServerCertificates;
  readonly vpnEndpoints: VpnEndpoints;
  readonly vpnEndpointFactory: VpnEndpointFactory;
  readonly clock: Clock;
  readonly random: RandomOctets;
  readonly wake: Wake;
}

export interface SetUpRequest {
  readonly caId: string;
  readonly keyId: string;
  readonly organization: string;
  /** A name with a dot: Client VPN wants a server certificate with a domain. */
  readonly serverName: string;
  readonly clientCidrBlock: string;
  readonly gateArn: string;
  readonly sessionTimeoutHours: 8 | 10 | 12 | 24;
  readonly transport: 'tcp' | 'udp';
}

/**
 * Sets up the CA, the server certificate and the endpoint, each only where it is not there yet, and asks for the
 * endpoint's first, empty list. Running it again changes nothing.
 */
export async function setUp(
  deps: SetUpDeps,
  request: SetUpRequest,
): Promise<{ authority: CertificationAuthority; endpoint: Endpoint }> {
  const authority = await ensureAuthority(deps, request);
  const existing = (await deps.endpoints.list()).find(({ caId }) => caId === request.caId);
  const endpoint = existing ?? (await createEndpoint(deps, request, authority));
  await deps.wake.publication(endpoint.endpointId);
  return { authority, endpoint };
}

/** The CA's certificate is made once; of two that race the store keeps one. */
async function ensureAuthority(deps: SetUpDeps, request: SetUpRequest): Promise<CertificationAuthority> {
  const { caId, keyId, organization } = request;
  const existing = await deps.endpoints.findAuthority(caId);
  if (existing !== undefined) return existing;
  const subjectPublicKeyInfoDer = await deps.signer.publicKey(keyId);
  const tbs = buildTbsCaCertificate({
    serialNumber: newSerialNumber(deps),
    commonName: `${organization} VPN CA ${caId}`,
    organization,
    subjectPublicKeyInfoDer,
    ...caValidity(secondsFrom(deps.clock.now())),
  });
  assertCaCertificateLints(tbs);
  const signature = await signVerified(deps.signer, { keyId, subjectPublicKeyInfoDer }, tbs);
  const certificateDer = assembleCertificate(tbs, signature);
  const { subjectKeyIdentifierHex, notAfter } = readCaFacts(certificateDer);
  return deps.endpoints.addAuthority({ caId, keyId, certificateDer, subjectKeyIdentifierHex, notAfter });
}

async function createEndpoint(
  deps: SetUpDeps,
  request: SetUpRequest,
  authority: CertificationAuthority,
): Promise<Endpoint> {
  const { caId, gateArn, clientCidrBlock, sessionTimeoutHours, transport, serverName } = request;
  // Kept before it is used: a second try must ask EC2 for the very same endpoint.
  const serverCertificateArn =
    (await deps.endpoints.findServerCertificate(caId)) ??
    (await deps.endpoints.keepServerCertificate(
      caId,
      await importServerCertificate(deps, request, authority),
    ));
  const { endpointId } = await deps.vpnEndpointFactory.create({
    // One endpoint for one server certificate, however often this is tried.
    clientToken: createHash('sha256').update(serverCertificateArn).digest('hex'),
    description: `VPN certificate portal, ${serverName}`,
    serverCertificateArn,
    // Client and server certificates have one CA, so one ARN names both (Client VPN administrator guide).
    clientRootCertificateArn: serverCertificateArn,
    clientCidrBlock,
    connectHandlerArn: gateArn,
    sessionTimeoutHours,
    transport,
  });
  const clientConfiguration = await deps.vpnEndpoints.exportClientConfiguration(endpointId);
  const endpoint = { endpointId, caId, serverCertificateArn, gateArn, clientConfiguration };
  await deps.endpoints.add(endpoint);
  return endpoint;
}

/** The server's key is made here, goes to ACM, and is forgotten. */
async function importServerCertificate(
  deps: SetUpDeps,
  request: SetUpRequest,
  authority: CertificationAuthority,
): Promise<string> {
  const now = secondsFrom(deps.clock.now());
  const { subjectPublicKeyInfoDer, privateKeyPem } = await deps.keyPairs.generate();
  const issuer = readCaFacts(authority.certificateDer);
  const tbs = buildTbsServerCertificate({
    serialNumber: newSerialNumber(deps),
    issuer,
    serverName: request.serverName,
    organization: request.organization,
    subjectPublicKeyInfoDer,
    ...serverValidity({ now, lifetimeSeconds: SERVER_LIFETIME_SECONDS, caNotAfter: issuer.notAfter }),
  });
  assertServerCertificateLints(tbs, issuer);
  const signature = await signVerified(deps.signer, { ...issuer, keyId: authority.keyId }, tbs);
  const certificateDer = assembleCertificate(tbs, signature);
  return deps.serverCertificates.import({
    certificatePem: pemFrom('CERTIFICATE', certificateDer),
    privateKeyPem,
    chainPem: pemFrom('CERTIFICATE', authority.certificateDer),
  });
}

const newSerialNumber = ({ random }: SetUpDeps): ReturnType<typeof serialNumberOf> =>
  serialNumberOf(certificateIdFrom(random(SERIAL_NUMBER_OCTETS)));
