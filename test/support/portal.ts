import { DEFAULT_ENROLMENT_POLICY } from '../../shared/domain/enrolment-policy.ts';
import type { AliasKind, PersonId, SourceId } from '../../shared/domain/identity.ts';
import { DEFAULT_PUBLICATION_POLICY } from '../../shared/domain/publication.ts';
import { DEFAULT_SURGE_POLICY } from '../../shared/domain/surge.ts';
import { DEFAULT_RENEWAL_WINDOW_PERCENT } from '../../shared/domain/renewal.ts';
import { SECONDS_PER_DAY } from '../../shared/domain/time.ts';
import { pemFrom } from '../../shared/domain/x509/pem.ts';
import type { Audit } from '../../shared/ports/audit.ts';
import type { VpnConnections, VpnCrl, VpnEndpoints } from '../../shared/ports/client-vpn.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EndpointStore } from '../../shared/ports/endpoint-store.ts';
import type { RandomOctets } from '../../shared/ports/random.ts';
import type { Signer } from '../../shared/ports/signer.ts';
import type { Wake } from '../../shared/ports/wake.ts';
import type { TestCa } from '../unit/x509/fixtures.ts';
import type { ScimDenialKind } from '../../shared/use-cases/scim/tell.ts';
import type { Stores } from './stores.ts';

export const GATE_ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:AWSClientVPN-gate';
export const CA_ID = 'ca1';
/** 1 March 2026, 09:00 UTC: no quiet hour. */
export const START = Date.UTC(2026, 2, 1, 9);

/** What a portal stands on, beside its stores. */
export interface Surroundings {
  readonly connections: VpnConnections;
  readonly vpnCrl: VpnCrl;
  readonly vpnEndpoints: VpnEndpoints;
  readonly signer: Signer;
  readonly wake: Wake;
  readonly clock: Clock;
  readonly random: RandomOctets;
  readonly audit: Audit;
}

/** Puts something between a use case and a port. */
export type Between = <Port extends object>(port: Port, name: string) => Port;

/** What the use cases are given, as `functions/*` wire them, with the settings of a small company. */
export const portalDeps = (stores: Stores, outside: Surroundings, between: Between) => ({
  people: between(stores.people, 'people'),
  certificates: between(stores.certificates, 'certificates'),
  revocations: between(stores.revocations, 'revocations'),
  crls: between(stores.crls, 'crls'),
  endpoints: between(stores.endpoints, 'endpoints'),
  offboardings: between(stores.offboardings, 'offboardings'),
  incidents: between(stores.offboardings, 'incidents'),
  surges: between(stores.surges, 'surges'),
  reconciliations: between(stores.reconciliations, 'reconciliations'),
  gateStore: between(stores.gate, 'gate'),
  noticeStore: between(stores.notices, 'noticeStore'),
  auditStore: between(stores.audit, 'auditStore'),
  journal: between(stores.journal, 'journal'),
  scimUsers: between(stores.scimUsers, 'scimUsers'),
  lookups: between(stores.lookups, 'lookups'),
  connections: between(outside.connections, 'ec2'),
  vpnCrl: between(outside.vpnCrl, 'ec2'),
  vpnEndpoints: between(outside.vpnEndpoints, 'ec2'),
  signer: between(outside.signer, 'kms'),
  wake: outside.wake,
  clock: outside.clock,
  random: outside.random,
  audit: outside.audit,
  policy: DEFAULT_PUBLICATION_POLICY,
  surgePolicy: DEFAULT_SURGE_POLICY,
  breakGlass: new Set<PersonId>(),
  aliasKindOf: new Map([['hr' as SourceId, 'email' as const]]),
  enrolment: DEFAULT_ENROLMENT_POLICY,
  access: {
    employeeScope: 'vpn',
    adminScope: 'vpn.admin',
    enrolGroup: 'vpn-users',
    adminRole: 'vpn-admin',
    auditorRole: 'vpn-auditor',
    freshSignInSeconds: 600,
  },
  profile: {
    organization: 'Example Ltd',
    lifetimeSeconds: 180 * SECONDS_PER_DAY,
    renewalWindowPercent: DEFAULT_RENEWAL_WINDOW_PERCENT,
    nameThePerson: true,
    nameTheEmail: true,
  },
  issuingCaIds: [CA_ID] as readonly string[],
  requiredAliasKinds: ['email'] as AliasKind[],
  scimAliasKind: 'email' as const,
  scimDeactivation: 'left' as ScimDenialKind,
});

export type PortalDeps = ReturnType<typeof portalDeps>;

const clientConfiguration = (ca: TestCa): string =>
  [
    'client',
    'dev tun',
    'proto tcp',
    'remote 127.0.0.1 1194',
    'remote-cert-tls server',
    'cipher AES-256-GCM',
    `<ca>\n${pemFrom('CERTIFICATE', ca.certificateDer)}</ca>`,
    'verify-x509-name vpn.example.com name',
    '',
  ].join('\n');

/** Adds a CA and the endpoints that trust it, as a deploy does. */
export async function setUp(
  endpoints: EndpointStore,
  ca: TestCa,
  endpointIds: readonly string[],
  { caId, keyId }: { readonly caId: string; readonly keyId: string } = { caId: CA_ID, keyId: 'key' },
): Promise<void> {
  await endpoints.addAuthority({
    caId,
    keyId,
    certificateDer: ca.certificateDer,
    subjectKeyIdentifierHex: ca.facts.subjectKeyIdentifierHex,
    notAfter: ca.facts.notAfter,
  });
  for (const endpointId of endpointIds) {
    await endpoints.add({
      endpointId,
      caId,
      serverCertificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/1',
      gateArn: GATE_ARN,
      clientConfiguration: clientConfiguration(ca),
    });
  }
}
