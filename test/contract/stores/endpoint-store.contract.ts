import type { ConfirmedCrl, Endpoint, ImportAttempt } from '../../../shared/domain/endpoint.ts';
import {
  CA_ID,
  ENDPOINT_ID,
  NOW,
  NOW_MILLISECONDS,
  OTHER_ENDPOINT_ID,
} from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

const ENDPOINT: Endpoint = {
  endpointId: ENDPOINT_ID,
  caId: CA_ID,
  serverCertificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/1',
  gateArn: 'arn:aws:lambda:eu-west-1:111122223333:function:AWSClientVPN-gate:live',
};

const AUTHORITY = {
  caId: CA_ID,
  certificateDer: new Uint8Array([1, 2, 3]),
  subjectKeyIdentifierHex: 'ab'.repeat(20),
  keyId: 'key-1',
  notAfter: NOW + 86_400,
};

const confirmed = (crlNumber: number, changes: Partial<ConfirmedCrl> = {}): ConfirmedCrl => ({
  crlNumber,
  thisUpdate: NOW,
  nextUpdate: NOW + 86_400,
  sha256Hex: String(crlNumber).padStart(64, '0'),
  entries: 2,
  importedAt: NOW_MILLISECONDS + crlNumber,
  confirmedAt: NOW_MILLISECONDS + crlNumber + 1,
  ...changes,
});

const attemptOf = (crlNumber: number): ImportAttempt => ({
  crlNumber,
  sha256Hex: String(crlNumber).padStart(64, '0'),
  at: NOW_MILLISECONDS + crlNumber,
});

const T = NOW_MILLISECONDS;

const leased = async (stores: Stores, now = T, until = T + 1_000) => {
  const lease = await stores.endpoints.acquireLease(ENDPOINT_ID, now, until);
  if (lease === undefined) throw new Error('no lease');
  return lease;
};

/** What every EndpointStore does. */
export function endpointStoreContract(newStores: () => Promise<Stores>): void {
  const withEndpoint = async (): Promise<Stores> => {
    const stores = await newStores();
    await stores.endpoints.add(ENDPOINT);
    return stores;
  };

  it('keeps the first CA under an id, and tells which that is', async () => {
    const { endpoints } = await newStores();
    expect(await endpoints.findAuthority(CA_ID)).toBeUndefined();
    expect(await endpoints.addAuthority(AUTHORITY)).toEqual(AUTHORITY);
    expect(await endpoints.addAuthority({ ...AUTHORITY, keyId: 'key-2' })).toEqual(AUTHORITY);
    expect(await endpoints.findAuthority(CA_ID)).toEqual(AUTHORITY);
  });

  it('tells 20 who add a CA at once of the same one', async () => {
    const { endpoints } = await newStores();
    const kept = await Promise.all(
      Array.from({ length: 20 }, (_, n) => endpoints.addAuthority({ ...AUTHORITY, keyId: `key-${n}` })),
    );
    expect(new Set(kept.map(({ keyId }) => keyId)).size).toBe(1);
  });

  it('keeps the first server certificate of each CA, and tells which that is', async () => {
    const { endpoints } = await newStores();
    expect(await endpoints.findServerCertificate(CA_ID)).toBeUndefined();
    expect(await endpoints.keepServerCertificate(CA_ID, 'arn:1')).toBe('arn:1');
    expect(await endpoints.keepServerCertificate(CA_ID, 'arn:2')).toBe('arn:1');
    expect(await endpoints.findServerCertificate(CA_ID)).toBe('arn:1');
    expect(await endpoints.findAuthority(CA_ID)).toBeUndefined();
    expect(await endpoints.keepServerCertificate('ca-2', 'arn:2')).toBe('arn:2');
  });

  it('tells 20 who bring a server certificate at once of the same one', async () => {
    const { endpoints } = await newStores();
    const kept = await Promise.all(
      Array.from({ length: 20 }, (_, n) => endpoints.keepServerCertificate(CA_ID, `arn:${n}`)),
    );
    expect(new Set(kept).size).toBe(1);
    expect(await endpoints.findServerCertificate(CA_ID)).toBe(kept[0]);
  });

  it('adds an endpoint once; one that is there stays as it is, but for its settings', async () => {
    const { endpoints } = await withEndpoint();
    const settings = { gateArn: 'arn:gate:2', clientConfiguration: 'client\n' };
    await endpoints.saveSettings(ENDPOINT_ID, settings);
    await endpoints.add({ ...ENDPOINT, gateArn: 'other' });
    const kept = { ...ENDPOINT, ...settings };
    expect(await endpoints.find(ENDPOINT_ID)).toEqual(kept);
    const elsewhere = { region: 'us-east-1', accessRoleArn: 'arn:aws:iam::222233334444:role/vpn' };
    const other = {
      ...ENDPOINT,
      ...elsewhere,
      endpointId: OTHER_ENDPOINT_ID,
      importAttempt: attemptOf(3),
    };
    await endpoints.add(other);
    expect(await endpoints.list()).toEqual([kept, other]);
  });

  it('retires an endpoint once, and looks after it again when it is registered again', async () => {
    const { endpoints } = await withEndpoint();
    const retired = { ...ENDPOINT, retiredAt: T };
    await endpoints.retire(ENDPOINT_ID, T);
    await endpoints.retire(ENDPOINT_ID, T + 1);
    await endpoints.retire(OTHER_ENDPOINT_ID, T);
    expect(await endpoints.list()).toEqual([]);
    expect(await endpoints.listAll()).toEqual([retired]);
    expect(await endpoints.find(ENDPOINT_ID)).toEqual(retired);
    await endpoints.saveSettings(ENDPOINT_ID, { gateArn: 'g', clientConfiguration: 'c' });
    expect(await endpoints.list()).toEqual([{ ...ENDPOINT, gateArn: 'g', clientConfiguration: 'c' }]);
  });

  it('keeps what its gate was deployed with, and when observing began', async () => {
    const { endpoints } = await withEndpoint();
    const signIn = { nameKind: 'login' as const, domains: ['CORP'] };
    const settings = { gateArn: 'g', clientConfiguration: 'c', serverCertificateArn: 's' };
    const save = (mode: 'observe' | 'enforce', at: number) =>
      endpoints.saveSettings(ENDPOINT_ID, { ...settings, gate: { policy: { mode, signIn }, at } });
    await endpoints.noteUnknown(ENDPOINT_ID, T);
    await save('observe', T + 1);
    await save('observe', T + 9);
    const kept = { ...ENDPOINT, ...settings, gatePolicy: { mode: 'observe', signIn } };
    expect(await endpoints.find(ENDPOINT_ID)).toEqual({ ...kept, observation: { since: T + 1 } });
    for (const at of [T + 20, T + 10]) await endpoints.noteUnknown(ENDPOINT_ID, at);
    const observation = { since: T + 1, lastUnknownAt: T + 20 };
    expect(await endpoints.find(ENDPOINT_ID)).toEqual({ ...kept, observation });
    await endpoints.saveSettings(ENDPOINT_ID, { gateArn: 'g2', clientConfiguration: 'c' });
    expect(await endpoints.find(ENDPOINT_ID)).toMatchObject({ gateArn: 'g2', observation });
    await save('enforce', T + 30);
    await endpoints.noteUnknown(ENDPOINT_ID, T + 40);
    await endpoints.noteUnknown('cvpn-endpoint-none', T + 40);
    expect(await endpoints.find(ENDPOINT_ID)).toEqual({ ...kept, gatePolicy: { mode: 'enforce', signIn } });
    const added = { ...ENDPOINT, endpointId: OTHER_ENDPOINT_ID, gatePolicy: kept.gatePolicy, observation };
    await endpoints.add({ ...added, gatePolicy: { mode: 'observe', signIn } });
    expect(await endpoints.find(OTHER_ENDPOINT_ID)).toEqual(added);
  });

  it('makes no endpoint of one that is not there', async () => {
    const { endpoints } = await newStores();
    const settings = { gateArn: 'x', clientConfiguration: 'x' };
    await expect(endpoints.saveSettings('cvpn-endpoint-none', settings)).rejects.toThrow();
    await expect(endpoints.acquireLease('cvpn-endpoint-none', T, T + 1)).rejects.toThrow();
    const request = { requestedAt: T, by: 'x' };
    await expect(endpoints.requestPublication('cvpn-endpoint-none', request)).rejects.toThrow();
    expect(await endpoints.list()).toEqual([]);
  });

  it('leases to one at a time, and the next holder has a higher token', async () => {
    const stores = await withEndpoint();
    const { endpoints } = stores;
    const first = await leased(stores);
    expect(await endpoints.acquireLease(ENDPOINT_ID, T + 999, T + 2_000)).toBeUndefined();
    const second = await leased(stores, T + 1_000, T + 2_000);
    expect(second.fencingToken).toBeGreaterThan(first.fencingToken);
    expect(await endpoints.renewLease(first, T + 9_000)).toBe(false);
    expect(await endpoints.renewLease(second, T + 9_000)).toBe(true);
    expect(await endpoints.acquireLease(ENDPOINT_ID, T + 8_999, T + 10_000)).toBeUndefined();
    await endpoints.releaseLease(first);
    expect(await endpoints.acquireLease(ENDPOINT_ID, T + 8_999, T + 10_000)).toBeUndefined();
    await endpoints.releaseLease(second);
    expect(await endpoints.renewLease(second, T + 9_000)).toBe(false);
    expect((await leased(stores, T + 1, T + 2)).fencingToken).toBeGreaterThan(second.fencingToken);
  });

  it('leases to one of 20 who ask at once', async () => {
    const { endpoints } = await withEndpoint();
    const leases = await Promise.all(
      Array.from({ length: 20 }, () => endpoints.acquireLease(ENDPOINT_ID, T, T + 1_000)),
    );
    expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  it('records only higher lists, and the same one again', async () => {
    const stores = await withEndpoint();
    const { endpoints } = stores;
    const lease = await leased(stores);
    expect(await endpoints.recordCrl(lease, confirmed(4), false)).toBe(true);
    expect(await endpoints.recordCrl(lease, confirmed(3), false)).toBe(false);
    expect(await endpoints.recordCrl(lease, confirmed(4, { sha256Hex: 'ff'.repeat(32) }), false)).toBe(false);
    const seenAgain = confirmed(4, { confirmedAt: T + 99 });
    expect(await endpoints.recordCrl(lease, seenAgain, false)).toBe(true);
    expect(await endpoints.find(ENDPOINT_ID)).toEqual({ ...ENDPOINT, crl: seenAgain });
  });

  it('records nothing under a lease that another took over, or that was given back', async () => {
    const stores = await withEndpoint();
    const { endpoints } = stores;
    const first = await leased(stores);
    const second = await leased(stores, T + 1_000, T + 2_000);
    expect(await endpoints.recordCrl(first, confirmed(4), true)).toBe(false);
    await endpoints.releaseLease(second);
    expect(await endpoints.recordCrl(second, confirmed(4), true)).toBe(false);
    expect(await endpoints.find(ENDPOINT_ID)).toEqual(ENDPOINT);
  });

  it('writes down the list that is sent last, beside the one that was seen', async () => {
    const stores = await withEndpoint();
    const { endpoints } = stores;
    const lease = await leased(stores);
    await endpoints.recordCrl(lease, confirmed(4), false);
    expect(await endpoints.recordImportAttempt(lease, attemptOf(5))).toBe(true);
    expect(await endpoints.recordImportAttempt(lease, attemptOf(6))).toBe(true);
    const recorded = { ...ENDPOINT, crl: confirmed(4), importAttempt: attemptOf(6) };
    expect(await endpoints.find(ENDPOINT_ID)).toEqual(recorded);
    expect(await endpoints.list()).toEqual([recorded]);
  });

  it('writes no list down under a lease that another took over, or that was given back', async () => {
    const stores = await withEndpoint();
    const { endpoints } = stores;
    const first = await leased(stores);
    const second = await leased(stores, T + 1_000, T + 2_000);
    expect(await endpoints.recordImportAttempt(first, attemptOf(5))).toBe(false);
    await endpoints.releaseLease(second);
    expect(await endpoints.recordImportAttempt(second, attemptOf(5))).toBe(false);
    expect(await endpoints.find(ENDPOINT_ID)).toEqual(ENDPOINT);
  });

  it('remembers the last import that its age did not ask for', async () => {
    const stores = await withEndpoint();
    const lease = await leased(stores);
    await stores.endpoints.recordCrl(lease, confirmed(4), true);
    await stores.endpoints.recordCrl(lease, confirmed(5), false);
    const { lastUnplannedImportAt, crl } = (await stores.endpoints.find(ENDPOINT_ID)) ?? {};
    expect(lastUnplannedImportAt).toBe(confirmed(4).importedAt);
    expect(crl?.crlNumber).toBe(5);
  });

  it('ends the request that was answered, not a later one', async () => {
    const { endpoints } = await withEndpoint();
    const first = { requestedAt: T, by: 'admin' };
    const second = { requestedAt: T + 1, by: 'admin' };
    await endpoints.requestPublication(ENDPOINT_ID, first);
    await endpoints.requestPublication(ENDPOINT_ID, second);
    await endpoints.endPublicationRequest(ENDPOINT_ID, first);
    expect((await endpoints.find(ENDPOINT_ID))?.publicationRequest).toEqual(second);
    await endpoints.endPublicationRequest(ENDPOINT_ID, second);
    expect((await endpoints.find(ENDPOINT_ID))?.publicationRequest).toBeUndefined();
    await endpoints.endPublicationRequest(ENDPOINT_ID, second);
  });

  it('keeps who switched the gate last', async () => {
    const { endpoints } = await withEndpoint();
    const off = { isOn: false, by: 'arn:aws:iam::1:user/a', at: T, crlLifeSeconds: 86_400 };
    const on = { isOn: true, by: 'arn:aws:iam::1:user/b', at: T + 1 };
    for (const order of [off, on]) {
      await endpoints.noteGateOrder(ENDPOINT_ID, order);
      expect((await endpoints.find(ENDPOINT_ID))?.gateOrder).toEqual(order);
    }
    await expect(endpoints.noteGateOrder('cvpn-endpoint-none', on)).rejects.toThrow();
  });
}
