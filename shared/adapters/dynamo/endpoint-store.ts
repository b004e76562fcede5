import { randomUUID } from 'node:crypto';
import type {
  CertificationAuthority,
  ConfirmedCrl,
  Endpoint,
  GateOrder,
  PublicationRequest,
} from '../../domain/endpoint.ts';
import type { EpochMilliseconds } from '../../domain/time.ts';
import type { ChangedSettings, EndpointStore, Lease } from '../../ports/endpoint-store.ts';
import {
  authorityItem,
  crlEntry,
  gateOrderEntry,
  endpointItem,
  gatePolicyEntry,
  importAttemptEntry,
  readAuthority,
  readEndpoint,
} from './endpoint-items.ts';
import { ItemReader } from './item.ts';
import { authorityKey, ENDPOINTS_PK, endpointKey, serverCertificateKey } from './keys.ts';
import { getItem, listItems } from './table.ts';
import type { DynamoTable } from './table.ts';
import { NOT_THERE, putIf, THERE, updateAndRead, updateIf } from './writes.ts';
import type { Change } from './writes.ts';

/** CAs and endpoints in DynamoDB. */
export const dynamoEndpointStore = (table: DynamoTable): EndpointStore => ({
  addAuthority: (authority) => addAuthority(table, authority),
  findAuthority: (caId) => findAuthority(table, caId),
  keepServerCertificate: (caId, serverCertificateArn) =>
    keepServerCertificate(table, caId, serverCertificateArn),
  findServerCertificate: (caId) => findServerCertificate(table, caId),
  add: async (endpoint) => {
    await putIf(table, endpointItem(endpoint), NOT_THERE);
  },
  find: async (endpointId) => {
    const item = await getItem(table, endpointKey(endpointId));
    return item === undefined ? undefined : readEndpoint(item);
  },
  list: async () => (await listAll(table)).filter(({ retiredAt }) => retiredAt === undefined),
  listAll: () => listAll(table),
  retire: (endpointId, at) => retire(table, endpointId, at),
  saveSettings: (endpointId, settings) => change(table, endpointId, settingsChange(settings)),
  noteUnknown: async (endpointId, at) => {
    await updateIf(table, endpointKey(endpointId), {
      set: 'SET #observation.#last = :at',
      if: 'attribute_exists(#observation) AND (attribute_not_exists(#observation.#last) OR #observation.#last < :at)',
      names: { observation: 'observation', last: 'lastUnknownAt' },
      values: { at },
    });
  },
  acquireLease: (endpointId, now, until) => acquireLease(table, endpointId, now, until),
  renewLease: async (lease, until) =>
    (await updateIf(table, endpointKey(lease.endpointId), {
      set: 'SET #until = :until',
      ...whileHeld(lease),
      values: { token: lease.fencingToken, until },
    })) === undefined,
  releaseLease: async (lease) => {
    await updateIf(table, endpointKey(lease.endpointId), { set: 'REMOVE #until', ...whileHeld(lease) });
  },
  recordImportAttempt: async (lease, attempt) => {
    const { if: isHeld, names, values } = whileHeld(lease);
    const failed = await updateIf(table, endpointKey(lease.endpointId), {
      set: 'SET #attempt = :attempt',
      if: isHeld,
      names: { ...names, attempt: 'importAttempt' },
      values: { ...values, attempt: importAttemptEntry(attempt) },
    });
    return failed === undefined;
  },
  recordCrl: (lease, crl, unplanned) => recordCrl(table, lease, crl, unplanned),
  noteGateOrder: (endpointId, order) => noteGateOrder(table, endpointId, order),
  requestPublication: (endpointId, { requestedAt, by }) =>
    change(table, endpointId, {
      set: 'SET #request = :request',
      names: { request: 'publicationRequest' },
      values: { request: { requestedAt, by } },
    }),
  endPublicationRequest: (endpointId, request) => endPublicationRequest(table, endpointId, request),
});

async function endPublicationRequest(
  table: DynamoTable,
  endpointId: string,
  { requestedAt, by }: PublicationRequest,
): Promise<void> {
  await updateIf(table, endpointKey(endpointId), {
    set: 'REMOVE #request',
    if: '#request.#at = :at AND #request.#by = :by',
    names: { request: 'publicationRequest', at: 'requestedAt', by: 'by' },
    values: { at: requestedAt, by },
  });
}

const listAll = async (table: DynamoTable): Promise<Endpoint[]> =>
  (await listItems(table, ENDPOINTS_PK)).map(readEndpoint);

async function retire(table: DynamoTable, endpointId: string, at: EpochMilliseconds): Promise<void> {
  await updateIf(table, endpointKey(endpointId), {
    set: 'SET #retired = :at',
    if: 'attribute_exists(pk) AND attribute_not_exists(#retired)',
    names: { retired: 'retiredAt' },
    values: { at },
  });
}

async function findAuthority(table: DynamoTable, caId: string): Promise<CertificationAuthority | undefined> {
  const item = await getItem(table, authorityKey(caId));
  return item === undefined ? undefined : readAuthority(item);
}

async function addAuthority(
  table: DynamoTable,
  authority: CertificationAuthority,
): Promise<CertificationAuthority> {
  await putIf(table, authorityItem(authority), NOT_THERE);
  const kept = await findAuthority(table, authority.caId);
  if (kept === undefined) throw new Error('a CA that was just added is not there');
  return kept;
}

async function findServerCertificate(table: DynamoTable, caId: string): Promise<string | undefined> {
  const item = await getItem(table, serverCertificateKey(caId));
  return item === undefined ? undefined : new ItemReader(item).text('serverCertificateArn');
}

async function keepServerCertificate(
  table: DynamoTable,
  caId: string,
  serverCertificateArn: string,
): Promise<string> {
  await putIf(table, { ...serverCertificateKey(caId), serverCertificateArn }, NOT_THERE);
  const kept = await findServerCertificate(table, caId);
  if (kept === undefined) throw new Error('a server certificate that was just kept is not there');
  return kept;
}

/** An observation that goes on keeps when it began. */
function settingsChange({
  gateArn,
  clientConfiguration,
  serverCertificateArn,
  gate,
}: ChangedSettings): Pick<Change, 'set' | 'names' | 'values'> {
  const sets = ['#gate = :gate', '#configuration = :configuration'];
  if (serverCertificateArn !== undefined) sets.push('#server = :server');
  if (gate !== undefined) sets.push('#policy = :policy');
  const isObserved = gate?.policy.mode === 'observe';
  if (isObserved) sets.push('#observation = if_not_exists(#observation, :observation)');
  const ends = gate !== undefined && !isObserved;
  return {
    set: `SET ${sets.join(', ')} REMOVE #retired${ends ? ', #observation' : ''}`,
    names: {
      retired: 'retiredAt',
      gate: 'gateArn',
      configuration: 'clientConfiguration',
      ...(serverCertificateArn === undefined ? {} : { server: 'serverCertificateArn' }),
      ...(gate === undefined ? {} : { policy: 'gatePolicy', observation: 'observation' }),
    },
    values: {
      gate: gateArn,
      configuration: clientConfiguration,
      ...(serverCertificateArn === undefined ? {} : { server: serverCertificateArn }),
      ...(gate === undefined ? {} : { policy: gatePolicyEntry(gate.policy) }),
      ...(gate !== undefined && isObserved ? { observation: { since: gate.at } } : {}),
    },
  };
}

/** Changes an endpoint that must be there. */
async function change(
  table: DynamoTable,
  endpointId: string,
  { set, names, values }: Pick<Change, 'set' | 'names' | 'values'>,
): Promise<void> {
  const failed = await updateIf(table, endpointKey(endpointId), {
    set,
    ...THERE,
    ...(names === undefined ? {} : { names }),
    ...(values === undefined ? {} : { values }),
  });
  if (failed !== undefined) throw new Error(`no such endpoint: ${endpointId}`);
}

const noteGateOrder = (table: DynamoTable, endpointId: string, order: GateOrder): Promise<void> =>
  change(table, endpointId, {
    set: 'SET #order = :order',
    names: { order: 'gateOrder' },
    values: { order: gateOrderEntry(order) },
  });

async function acquireLease(
  table: DynamoTable,
  endpointId: string,
  now: EpochMilliseconds,
  until: EpochMilliseconds,
): Promise<Lease | undefined> {
  const leaseHolder = randomUUID();
  const result = await updateAndRead(table, endpointKey(endpointId), {
    set: 'SET #until = :until, #holder = :holder, #token = #token + :one',
    if: 'attribute_exists(pk) AND (attribute_not_exists(#until) OR #until <= :now)',
    names: { until: 'leaseUntil', holder: 'leaseHolder', token: 'fencingToken' },
    values: { until, now, holder: leaseHolder, one: 1 },
  });
  if ('changed' in result) {
    return { endpointId, fencingToken: new ItemReader(result.changed).whole('fencingToken') };
  }
  if (result.old === undefined) throw new Error(`no such endpoint: ${endpointId}`);
  // It is ours when the SDK asked again after an answer was lost.
  if (result.old['leaseHolder']?.S !== leaseHolder) return undefined;
  return { endpointId, fencingToken: Number(result.old['fencingToken']?.N) };
}

/** Only its last holder may speak for a lease, and only until she gives it back. */
const whileHeld = (lease: Lease) => ({
  if: '#token = :token AND attribute_exists(#until)',
  names: { token: 'fencingToken', until: 'leaseUntil' },
  values: { token: lease.fencingToken },
});

async function recordCrl(
  table: DynamoTable,
  lease: Lease,
  crl: ConfirmedCrl,
  unplanned: boolean,
): Promise<boolean> {
  const held = whileHeld(lease);
  const isNewer =
    'attribute_not_exists(#crl) OR #crl.#number < :number OR (#crl.#number = :number AND #crl.#sha = :sha)';
  const failed = await updateIf(table, endpointKey(lease.endpointId), {
    set: unplanned ? 'SET #crl = :crl, #unplanned = :importedAt' : 'SET #crl = :crl',
    if: `${held.if} AND (${isNewer})`,
    names: {
      ...held.names,
      crl: 'crl',
      number: 'crlNumber',
      sha: 'sha256Hex',
      ...(unplanned ? { unplanned: 'lastUnplannedImportAt' } : {}),
    },
    values: {
      ...held.values,
      crl: crlEntry(crl),
      number: crl.crlNumber,
      sha: crl.sha256Hex,
      ...(unplanned ? { importedAt: crl.importedAt } : {}),
    },
  });
  return failed === undefined;
}
