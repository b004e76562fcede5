import { createHash } from 'node:crypto';
import { certificateFactsFrom, publicKeySha256Hex } from '../../../shared/domain/doctor/certificate-facts.ts';
import { decideAccess } from '../../../shared/domain/access.ts';
import type {
  EndpointFacts,
  EndpointSettingsFacts,
  HeldListFacts,
  PortalFacts,
} from '../../../shared/domain/doctor/facts.ts';
import { heldListFactsFrom } from '../../../shared/domain/doctor/held-list.ts';
import type { Endpoint } from '../../../shared/domain/endpoint.ts';
import type { SourceId } from '../../../shared/domain/identity.ts';
import { assembleCertificate } from '../../../shared/domain/x509/certificate.ts';
import { pemFrom } from '../../../shared/domain/x509/pem.ts';
import type { CertListRequest } from '../../../shared/domain/x509/crl.ts';
import { DAY, NOW, revokedCertificates, serverTbs, testCa, testCrlDer } from '../x509/fixtures.ts';

export const CA = testCa();
export const ENDPOINT_ID = 'cvpn-endpoint-0123456789abcdef0';
export const GATE_ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:AWSClientVPN-gate:live';
const SERVER_ARN = 'arn:aws:acm:eu-west-1:111122223333:certificate/1';

const tbs = serverTbs(CA);
export const SERVER = certificateFactsFrom(assembleCertificate(tbs, CA.key.sign(tbs)));
export const CA_FACTS = certificateFactsFrom(CA.certificateDer);
export const REVOKED = revokedCertificates(3);

const unknown = decideAccess({ commonName: '', endpointId: '', at: 0 }, undefined, undefined);
export const UNKNOWN_WORDS = unknown.allowed ? '' : unknown.words;

/** A list of the portal's CA, as an endpoint exports it. */
export function heldList(changes: Partial<CertListRequest> = {}, ca = CA, revoked = REVOKED): HeldListFacts {
  return heldListFactsFrom({ crlPem: listPem(changes, ca, revoked), status: 'active' }, CA.facts);
}

export const listPem = (changes: Partial<CertListRequest> = {}, ca = CA, revoked = REVOKED): string =>
  pemFrom('X509 CRL', testCrlDer(ca, revoked, changes));

export const LIST = heldList();

export const REGISTERED: Endpoint = {
  endpointId: ENDPOINT_ID,
  caId: 'ca1',
  serverCertificateArn: SERVER_ARN,
  gateArn: GATE_ARN,
  crl: {
    crlNumber: 7,
    thisUpdate: NOW - 300,
    nextUpdate: NOW + 60 * DAY,
    sha256Hex: LIST.sha256Hex,
    entries: 3,
    importedAt: NOW * 1000,
    confirmedAt: NOW * 1000,
  },
};

export const SETTINGS: EndpointSettingsFacts = {
  status: 'available',
  authentication: [{ type: 'certificate-authentication', clientRootCertificateArn: SERVER_ARN }],
  serverCertificateArn: SERVER_ARN,
  connectHandler: { isEnabled: true, functionArn: GATE_ARN, status: 'applied' },
  hasConnectionLog: true,
  sessionTimeoutHours: 10,
  endsOnSessionTimeout: true,
  isSplitTunnel: true,
  transport: 'udp',
  port: 443,
};

const imported = { value: { certificate: SERVER, chain: [CA_FACTS] } };

export const ENDPOINT: EndpointFacts = {
  endpointId: ENDPOINT_ID,
  settings: { value: SETTINGS },
  registration: { value: REGISTERED },
  authority: {
    value: {
      caId: 'ca1',
      certificateDer: CA.certificateDer,
      subjectKeyIdentifierHex: CA.facts.subjectKeyIdentifierHex,
      keyId: 'key-1',
      notAfter: CA.facts.notAfter,
    },
  },
  serverCertificate: imported,
  clientRoot: imported,
  heldList: { value: LIST },
  rows: { value: REVOKED.map((row) => ({ ...row, notAfter: NOW + 90 * DAY, crlNumber: 7 })) },
  pending: { value: [] },
  lease: { value: undefined },
  key: { value: { state: 'Enabled', spec: 'RSA_2048', usage: 'SIGN_VERIFY' } },
  keyPublicSha256Hex: { value: publicKeySha256Hex(CA.key.subjectPublicKeyInfoDer) },
  networks: { value: { authorizedCidrs: ['10.0.0.0/8'], routedCidrs: ['10.0.0.0/16', '10.1.0.0/16'] } },
  gate: { value: { name: 'AWSClientVPN-gate', state: 'Active', lastUpdateStatus: 'Successful' } },
  gateReservedConcurrency: { value: 50 },
  gateAnswer: { value: { milliseconds: 40, isAllowed: false, words: UNKNOWN_WORDS } },
};

/** A portal of which nothing is to be said but that it is well. */
export const PORTAL: PortalFacts = {
  now: NOW * 1000,
  place: {
    stage: 'prod',
    ownOptions: ' --stage prod --region eu-west-1',
    awsOptions: () => ' --region eu-west-1',
  },
  caller: { value: { account: '111122223333', arn: 'arn:aws:iam::111122223333:user/olga' } },
  clockAheadMilliseconds: 300,
  unread: [],
  stack: { value: { name: 'vpn-portal-prod', status: 'UPDATE_COMPLETE' } },
  table: { value: { name: 'table', status: 'ACTIVE', isDeletionProtected: true } },
  hasPointInTimeRecovery: { value: true },
  endpoints: [ENDPOINT],
  concurrencyLimit: { value: 1_000 },
  secrets: [{ name: 'hr', use: 'events', facts: { value: { hasValue: true, isBeingDeleted: false } } }],
  alarmNames: ['crl-days', 'gate-errors'],
  alarms: {
    value: ['crl-days', 'gate-errors'].map((name) => ({
      name,
      state: 'OK',
      description: `what ${name} means`,
      hasActions: true,
    })),
  },
  topicArn: 'arn:aws:sns:eu-west-1:111122223333:alarms',
  confirmedSubscriptions: { value: { confirmed: 1, unconfirmed: 0 } },
  holdersTopicArn: 'arn:aws:sns:eu-west-1:111122223333:holders',
  holdersSubscriptions: { value: { confirmed: 1, unconfirmed: 0 } },
  deadLetters: [{ value: { queueArn: 'arn:aws:sqs:eu-west-1:111122223333:dead.fifo', messages: 0 } }],
  journal: { value: { tableSequence: 7, isTableBehind: false } },
  aliasCoverage: {
    value: {
      sources: [{ source: 'hr' as SourceId, aliasKind: 'email' }],
      holders: 40,
      isPart: false,
      lacking: new Map([['email', []]]),
    },
  },
  incidents: { value: [] },
  offboardings: { value: [] },
};

export const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');
