import { importedCertificateFactsFrom, publicKeySha256Hex } from '../../domain/doctor/certificate-facts.ts';
import { NOBODYS_COMMON_NAME } from '../../domain/doctor/examine.ts';
import type {
  EndpointFacts,
  EndpointSettingsFacts,
  ImportedCertificateFacts,
  Seen,
} from '../../domain/doctor/facts.ts';
import { heldListFactsFrom } from '../../domain/doctor/held-list.ts';
import type { CertificationAuthority, Endpoint } from '../../domain/endpoint.ts';
import { secondsFrom } from '../../domain/time.ts';
import { readCaFacts } from '../../domain/x509/ca-facts.ts';
import type { CertificateStore } from '../../ports/certificate-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { VpnCrl } from '../../ports/client-vpn.ts';
import type { EndpointStore } from '../../ports/endpoint-store.ts';
import type { Inspection } from '../../ports/inspection.ts';
import type { JournalArchive, JournalStore } from '../../ports/journal.ts';
import type { OffboardingStore } from '../../ports/offboarding-store.ts';
import type { PersonStore } from '../../ports/person-store.ts';
import type { RevocationStore } from '../../ports/revocation-store.ts';
import type { Attempts } from './attempts.ts';
import { READS } from './reads.ts';

/** What the table tells; undefined where nobody knows its name. */
export interface DoctorStores {
  readonly tableName: string;
  readonly endpoints: Pick<EndpointStore, 'list' | 'findAuthority'>;
  readonly certificates: Pick<CertificateStore, 'holdersByEnd'>;
  readonly people: Pick<PersonStore, 'findMany'>;
  readonly revocations: Pick<RevocationStore, 'list' | 'listPending'>;
  readonly offboardings: Pick<OffboardingStore, 'listOpen' | 'listOpenIncidents'>;
  readonly journal: Pick<JournalStore, 'head' | 'listUnjournalled' | 'findEntry'>;
}

export interface GatherDeps {
  readonly inspection: Inspection;
  readonly vpnCrl: Pick<VpnCrl, 'export'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly stores: DoctorStores | undefined;
  /** Undefined where nobody knows the bucket's name. */
  readonly archive: Pick<JournalArchive, 'get'> | undefined;
}

/**
 * Everything about one endpoint: first what both sides say, then what that leads to.
 *
 * @param registered every endpoint that the portal looks after
 */
export async function gatherEndpoint(
  deps: GatherDeps,
  attempts: Attempts,
  endpointId: string,
  registered: Seen<readonly Endpoint[]>,
): Promise<EndpointFacts> {
  const { inspection, vpnCrl } = deps;
  const { attempt } = attempts;
  const registration = registered && {
    value: registered.value.find((endpoint) => endpoint.endpointId === endpointId),
  };
  const [settings, exported, authority] = await Promise.all([
    attempt(READS.settings, () => inspection.endpointSettings(endpointId)),
    attempt(READS.heldList, () => vpnCrl.export(endpointId)),
    authorityOf(deps, attempts, registration?.value),
  ]);
  const issuer = authority?.value === undefined ? undefined : readCaFacts(authority.value.certificateDer);
  const heldList = exported && { value: exported.value && heldListFactsFrom(exported.value, issuer) };
  const [certificates, store, key, gate, networks] = await Promise.all([
    certificatesOf(deps, attempts, settings?.value),
    storedOf(deps, attempts, registration?.value),
    keyOf(deps, attempts, authority?.value),
    gateOf(deps, attempts, endpointId, settings?.value),
    settings?.value && attempt(READS.authorizations, () => inspection.networks(endpointId)),
  ]);
  return {
    endpointId,
    settings,
    registration,
    authority,
    heldList,
    ...certificates,
    ...store,
    ...key,
    ...gate,
    networks,
  };
}

async function authorityOf(
  { stores }: GatherDeps,
  { attempt }: Attempts,
  endpoint: Endpoint | undefined,
): Promise<Seen<CertificationAuthority | undefined>> {
  if (stores === undefined || endpoint === undefined) return undefined;
  return attempt(READS.authority, () => stores.endpoints.findAuthority(endpoint.caId));
}

/** One call where one ARN names both, as in what the template makes. */
async function certificatesOf(
  { inspection }: GatherDeps,
  { attempt }: Attempts,
  settings: EndpointSettingsFacts | undefined,
): Promise<Pick<EndpointFacts, 'serverCertificate' | 'clientRoot'>> {
  if (settings === undefined) return { serverCertificate: undefined, clientRoot: undefined };
  const read = (arn: string): Promise<Seen<ImportedCertificateFacts | undefined>> =>
    attempt(READS.certificate, async () => {
      const found = await inspection.certificate(arn);
      return found && importedCertificateFactsFrom(found.certificatePem, found.chainPem);
    });
  const { serverCertificateArn } = settings;
  const rootArn = settings.authentication
    .map(({ clientRootCertificateArn }) => clientRootCertificateArn)
    .find((arn) => arn !== undefined);
  const serverCertificate = read(serverCertificateArn);
  const clientRoot = rootArn === serverCertificateArn ? serverCertificate : rootArn && read(rootArn);
  return { serverCertificate: await serverCertificate, clientRoot: (await clientRoot) || undefined };
}

async function storedOf(
  { stores, inspection, clock }: GatherDeps,
  { attempt }: Attempts,
  endpoint: Endpoint | undefined,
): Promise<Pick<EndpointFacts, 'rows' | 'pending' | 'lease'>> {
  if (stores === undefined || endpoint === undefined) {
    return { rows: undefined, pending: undefined, lease: undefined };
  }
  const { endpointId, caId } = endpoint;
  const [rows, pending, lease] = await Promise.all([
    attempt(READS.rows, () => stores.revocations.list(caId, secondsFrom(clock.now()))),
    attempt(READS.pending, () => stores.revocations.listPending(endpointId)),
    attempt(READS.lease, () => inspection.lease(stores.tableName, endpointId)),
  ]);
  return { rows, pending, lease };
}

async function keyOf(
  { inspection }: GatherDeps,
  { attempt }: Attempts,
  authority: CertificationAuthority | undefined,
): Promise<Pick<EndpointFacts, 'key' | 'keyPublicSha256Hex'>> {
  if (authority === undefined) return { key: undefined, keyPublicSha256Hex: undefined };
  const key = await attempt(READS.key, () => inspection.key(authority.keyId));
  // A key that is off does not tell its public half; that it is off has been seen.
  if (key !== undefined && key.value?.state !== 'Enabled') return { key, keyPublicSha256Hex: undefined };
  const keyPublicSha256Hex = await attempt(READS.publicKey, async () =>
    publicKeySha256Hex(await inspection.publicKey(authority.keyId)),
  );
  return { key, keyPublicSha256Hex };
}

async function gateOf(
  { inspection }: GatherDeps,
  { attempt }: Attempts,
  endpointId: string,
  settings: EndpointSettingsFacts | undefined,
): Promise<Pick<EndpointFacts, 'gate' | 'gateReservedConcurrency' | 'gateAnswer'>> {
  const { isEnabled = false, functionArn } = settings?.connectHandler ?? {};
  if (!isEnabled || functionArn === undefined) {
    return { gate: undefined, gateReservedConcurrency: undefined, gateAnswer: undefined };
  }
  const [gate, gateReservedConcurrency, gateAnswer] = await Promise.all([
    attempt(READS.gate, () => inspection.gateFunction(functionArn)),
    attempt(READS.reserved, () => inspection.reservedConcurrency(functionArn)),
    attempt(READS.gateAnswer, () => inspection.askGate(functionArn, endpointId, NOBODYS_COMMON_NAME)),
  ]);
  return { gate, gateReservedConcurrency, gateAnswer };
}
