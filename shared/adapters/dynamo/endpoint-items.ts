import type {
  CertificationAuthority,
  ConfirmedCrl,
  Endpoint,
  GateOrder,
  ImportAttempt,
} from '../../domain/endpoint.ts';
import { GATE_MODES, type GatePolicy } from '../../domain/gate-policy.ts';
import { ALIAS_KINDS } from '../../domain/identity.ts';
import { ItemReader } from './item.ts';
import type { Item } from './item.ts';
import { authorityKey, endpointKey } from './keys.ts';

export const authorityItem = (authority: CertificationAuthority): Item => ({
  ...authorityKey(authority.caId),
  caId: authority.caId,
  certificateDer: authority.certificateDer,
  subjectKeyIdentifierHex: authority.subjectKeyIdentifierHex,
  keyId: authority.keyId,
  notAfter: authority.notAfter,
});

export function readAuthority(item: Item): CertificationAuthority {
  const reader = new ItemReader(item);
  return {
    caId: reader.text('caId'),
    certificateDer: reader.octets('certificateDer'),
    subjectKeyIdentifierHex: reader.text('subjectKeyIdentifierHex'),
    keyId: reader.text('keyId'),
    notAfter: reader.whole('notAfter'),
  };
}

export const crlEntry = (crl: ConfirmedCrl): Item => ({
  crlNumber: crl.crlNumber,
  thisUpdate: crl.thisUpdate,
  nextUpdate: crl.nextUpdate,
  sha256Hex: crl.sha256Hex,
  entries: crl.entries,
  importedAt: crl.importedAt,
  confirmedAt: crl.confirmedAt,
});

const readConfirmedCrl = (reader: ItemReader): ConfirmedCrl => ({
  crlNumber: reader.whole('crlNumber'),
  thisUpdate: reader.whole('thisUpdate'),
  nextUpdate: reader.whole('nextUpdate'),
  sha256Hex: reader.text('sha256Hex'),
  entries: reader.whole('entries'),
  importedAt: reader.whole('importedAt'),
  confirmedAt: reader.whole('confirmedAt'),
});

export const importAttemptEntry = ({ crlNumber, sha256Hex, at }: ImportAttempt): Item => ({
  crlNumber,
  sha256Hex,
  at,
});

const readImportAttempt = (reader: ItemReader): ImportAttempt => ({
  crlNumber: reader.whole('crlNumber'),
  sha256Hex: reader.text('sha256Hex'),
  at: reader.whole('at'),
});

export const gateOrderEntry = ({ isOn, by, at, crlLifeSeconds }: GateOrder): Item => ({
  isOn: isOn ? 'yes' : 'no',
  by,
  at,
  ...(crlLifeSeconds === undefined ? {} : { crlLifeSeconds }),
});

const readGateOrder = (reader: ItemReader): GateOrder => ({
  isOn: reader.oneOf('isOn', ['yes', 'no']) === 'yes',
  by: reader.text('by'),
  at: reader.whole('at'),
  ...reader.optional('crlLifeSeconds', (name) => reader.whole(name)),
});

export const gatePolicyEntry = ({ mode, signIn }: GatePolicy): Item => ({
  mode,
  ...(signIn && { signIn: { nameKind: signIn.nameKind, domains: [...signIn.domains] } }),
});

function readGatePolicy(reader: ItemReader): GatePolicy {
  return {
    mode: reader.oneOf('mode', GATE_MODES),
    ...reader.optional('signIn', (name) => {
      const signIn = reader.map(name);
      return { nameKind: signIn.oneOf('nameKind', ALIAS_KINDS), domains: signIn.texts('domains') };
    }),
  };
}

/** An endpoint's item. `fencingToken`, `leaseUntil` and `leaseHolder` are the store's own. */
export const endpointItem = (endpoint: Endpoint): Item => ({
  ...endpointKey(endpoint.endpointId),
  endpointId: endpoint.endpointId,
  caId: endpoint.caId,
  serverCertificateArn: endpoint.serverCertificateArn,
  gateArn: endpoint.gateArn,
  region: endpoint.region,
  accessRoleArn: endpoint.accessRoleArn,
  clientConfiguration: endpoint.clientConfiguration,
  gatePolicy: endpoint.gatePolicy && gatePolicyEntry(endpoint.gatePolicy),
  observation: endpoint.observation,
  crl: endpoint.crl && crlEntry(endpoint.crl),
  importAttempt: endpoint.importAttempt && importAttemptEntry(endpoint.importAttempt),
  lastUnplannedImportAt: endpoint.lastUnplannedImportAt,
  publicationRequest: endpoint.publicationRequest,
  gateOrder: endpoint.gateOrder && gateOrderEntry(endpoint.gateOrder),
  retiredAt: endpoint.retiredAt,
  fencingToken: 0,
});

export function readEndpoint(item: Item): Endpoint {
  const reader = new ItemReader(item);
  return {
    endpointId: reader.text('endpointId'),
    caId: reader.text('caId'),
    serverCertificateArn: reader.text('serverCertificateArn'),
    gateArn: reader.text('gateArn'),
    ...reader.optional('region', (name) => reader.text(name)),
    ...reader.optional('accessRoleArn', (name) => reader.text(name)),
    ...reader.optional('clientConfiguration', (name) => reader.text(name)),
    ...reader.optional('gatePolicy', (name) => readGatePolicy(reader.map(name))),
    ...reader.optional('observation', (name) => {
      const observation = reader.map(name);
      return {
        since: observation.whole('since'),
        ...observation.optional('lastUnknownAt', (at) => observation.whole(at)),
      };
    }),
    ...reader.optional('crl', (name) => readConfirmedCrl(reader.map(name))),
    ...reader.optional('importAttempt', (name) => readImportAttempt(reader.map(name))),
    ...reader.optional('lastUnplannedImportAt', (name) => reader.whole(name)),
    ...reader.optional('publicationRequest', (name) => {
      const request = reader.map(name);
      return { requestedAt: request.whole('requestedAt'), by: request.text('by') };
    }),
    ...reader.optional('gateOrder', (name) => readGateOrder(reader.map(name))),
    ...reader.optional('retiredAt', (name) => reader.whole(name)),
  };
}
