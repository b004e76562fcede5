import { createHash } from 'node:crypto';
import type { Caller } from '../../shared/domain/caller.ts';
import { aliasFrom, personIdFrom, type SourceId } from '../../shared/domain/identity.ts';
import type { OffboardingEvent } from '../../shared/domain/offboarding.ts';
import type { EndingDigest } from '../../shared/domain/reminder.ts';
import type { Audit } from '../../shared/ports/audit.ts';
import type { JournalArchive } from '../../shared/ports/journal.ts';
import type { Notices } from '../../shared/ports/notices.ts';
import { advanceOffboardings } from '../../shared/use-cases/advance-offboardings.ts';
import { cutConnections, sweepConnections } from '../../shared/use-cases/cut-connections.ts';
import { keepJournal } from '../../shared/use-cases/keep-journal.ts';
import { replayJournal } from '../../shared/use-cases/replay-journal.ts';
import { issueCertificate, type IssuedCertificate } from '../../shared/use-cases/issue-certificate.ts';
import type { PublicationOptions } from '../../shared/use-cases/publication/deps.ts';
import { publishDue } from '../../shared/use-cases/publication/publish-due.ts';
import { sendNotices } from '../../shared/use-cases/send-notices.ts';
import { sweepOffboardings } from '../../shared/use-cases/sweep-offboardings.ts';
import { receiveEvent, type EventResult } from '../../shared/use-cases/receive-event.ts';
import { FakeVpn } from './fake-vpn.ts';
import { memoryArchive } from './memory-archive.ts';
import { memoryStores } from './memory-stores/memory-stores.ts';
import { restore, snapshotOf } from './memory-stores/snapshot.ts';
import { newMemoryState, type MemoryState } from './memory-stores/state.ts';
import { CA_ID, GATE_ARN, portalDeps, setUp, START } from './portal.ts';
import { testCa, testKey } from '../unit/x509/fixtures.ts';

export { CA_ID, GATE_ARN, START };
export const ENDPOINT_ID = 'cvpn-endpoint-0123456789abcdef0';
const HR = 'hr' as SourceId;

/** Stands between a use case and a port: whoever is asked may die before or after the effect. */
export type Interference = <T>(name: string, effect: () => Promise<T>) => Promise<T>;

const undisturbed: Interference = (_name, effect) => effect();

/** A port of which every method goes through the interference first. */
function interfered<Port extends object>(port: Port, name: string, by: () => Interference): Port {
  return new Proxy(port, {
    get(target, property, receiver) {
      const member: unknown = Reflect.get(target, property, receiver);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): Promise<unknown> =>
        by()(
          `${name}.${String(property)}`,
          async () => Reflect.apply(member, target, args) as Promise<unknown>,
        );
    },
  });
}

export const silentAudit = (): Audit =>
  new Proxy({} as Audit, {
    get: () => () => undefined,
  });

export const callerOf = (login: string, now: number, changes: Partial<Caller> = {}): Caller => ({
  personId: personIdFrom('https://id.example', login),
  issuer: 'https://id.example',
  subject: login,
  login,
  email: `${login}@example.com`,
  aliases: [aliasFrom('email', `${login}@example.com`)].filter((alias) => alias !== undefined),
  groups: ['vpn-users'],
  roles: login === 'adam' ? ['vpn-admin'] : [],
  scopes: login === 'adam' ? ['vpn', 'vpn.admin'] : ['vpn'],
  signedInAt: Math.floor(now / 1000) - 30,
  lacksMfa: false,
  ...changes,
});

/**
 * A portal in memory with one endpoint: the real use cases over memory stores, a real CA key, and an endpoint that
 * asks the gate and its list as AWS does. Time moves when somebody sleeps, or when a test says so.
 */
export async function newWorld() {
  const state = newMemoryState();
  const stores = memoryStores(state);
  const archive = memoryArchive();
  const ca = testCa('world', START / 1000);
  let now = START;
  let random = 0;
  let interference = undisturbed;
  const clock = {
    now: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds;
    },
  };
  const newVpn = (endpointId: string): FakeVpn =>
    new FakeVpn({ gateStore: stores.gate, clock, gateArn: GATE_ARN, endpointId });
  const vpn = newVpn(ENDPOINT_ID);
  const vpns = new Map([[ENDPOINT_ID, vpn]]);
  const at = (endpointId: string): FakeVpn => vpns.get(endpointId) ?? vpn;
  const cas = new Map([['key', ca]]);
  const letters: Letter[] = [];
  const portal = portalDeps(
    stores,
    {
      connections: {
        list: (endpointId) => at(endpointId).connections.list(endpointId),
        terminate: (endpointId, connectionId) =>
          at(endpointId).connections.terminate(endpointId, connectionId),
      },
      vpnCrl: {
        import: (endpointId, crlPem) => at(endpointId).crl.import(endpointId, crlPem),
        export: (endpointId) => at(endpointId).crl.export(endpointId),
      },
      vpnEndpoints: {
        describe: (endpointId) => at(endpointId).endpoints.describe(endpointId),
        exportClientConfiguration: (endpointId) =>
          at(endpointId).endpoints.exportClientConfiguration(endpointId),
      },
      signer: {
        publicKey: async (keyId: string) => (cas.get(keyId) ?? ca).key.subjectPublicKeyInfoDer,
        sign: async (keyId: string, tbs: Uint8Array) => (cas.get(keyId) ?? ca).key.sign(tbs),
      },
      wake: {
        connections: async (_endpointId: string): Promise<void> => undefined,
        publication: async (_endpointId: string): Promise<void> => undefined,
      },
      clock,
      random: (count: number) => {
        random += 1;
        return Uint8Array.from(createHash('sha512').update(String(random)).digest().subarray(0, count));
      },
      audit: silentAudit(),
    },
    (port, name) => interfered(port, name, () => interference),
  );
  const notices: Notices = {
    certificateIssued: async (notice) => void letters.push({ kind: 'issued', ...notice }),
    certificateEnding: async (notice) => void letters.push({ kind: 'ending', ...notice }),
    endingDigest: async (digest) => void letters.push({ kind: 'digest', digest }),
    happened: async (tellings) => void letters.push({ kind: 'happened', tellings }),
    failing: async (failing) => void letters.push({ kind: 'failing', failing }),
  };
  const deps = {
    ...portal,
    notices: interfered(notices, 'notices', () => interference),
    archive: interfered<JournalArchive>(archive, 's3', () => interference),
  };
  await setUp(stores.endpoints, ca, [ENDPOINT_ID]);
  return {
    stores,
    deps,
    vpn,
    ca,
    clock,
    letters,
    /** Another CA with an endpoint of its own, which issues from now on: a rollover. */
    async rollOver(caId: string, endpointId: string) {
      const next = testCa(`world ${caId}`, START / 1000);
      cas.set(`key of ${caId}`, next);
      vpns.set(endpointId, newVpn(endpointId));
      await setUp(stores.endpoints, next, [endpointId], { caId, keyId: `key of ${caId}` });
      deps.issuingCaIds = [caId, ...deps.issuingCaIds];
      return { ca: next, vpn: at(endpointId) };
    },
    moveTime: (seconds: number) => {
      now += seconds * 1000;
    },
    interfere: (with_: Interference) => {
      interference = with_;
    },
    calm: () => {
      interference = undisturbed;
    },
    caller: (login: string, changes: Partial<Caller> = {}) => callerOf(login, now, changes),
    /** Enrols with the person's key of that name. */
    enrol: (login: string, keyName = login): Promise<IssuedCertificate> =>
      issueCertificate(deps, {
        caller: callerOf(login, now),
        deviceName: 'laptop',
        publicKey: publicKeyOf(keyName),
        isKeyOurs: false,
      }),
    /** Renews a certificate of the person's with another key. */
    renew: (login: string, renews: IssuedCertificate, keyName: string): Promise<IssuedCertificate> =>
      issueCertificate(deps, {
        caller: callerOf(login, now),
        deviceName: renews.deviceName,
        publicKey: publicKeyOf(keyName),
        isKeyOurs: false,
        renews: renews.certificateId,
      }),
    archive,
    /** What a backup of the table would have now. */
    backup: () => snapshotOf(state),
    restore: (backup: MemoryState) => restore(state, backup),
    keepJournal: () => keepJournal(deps),
    replayJournal: () => replayJournal(deps),
    sendNotices: () => sendNotices(deps),
    event: (
      login: string,
      kind: OffboardingEvent['kind'],
      changes: Partial<OffboardingEvent> = {},
    ): OffboardingEvent => ({
      source: HR,
      eventId: `evt-${login}-${kind}`,
      kind,
      eventTime: now,
      whom: { alias: aliasOf(login) },
      bodySha256Hex: 'aa',
      receivedAt: now,
      ...changes,
    }),
    tell: (event: OffboardingEvent): Promise<EventResult> => receiveEvent(deps, event),
    cut: (endpointId = ENDPOINT_ID) => cutConnections(deps, endpointId),
    sweepConnections: (endpointId = ENDPOINT_ID) => sweepConnections(deps, endpointId),
    advance: () => advanceOffboardings(deps),
    sweep: () => sweepOffboardings(deps),
    publish: (options: PublicationOptions = {}, endpointId = ENDPOINT_ID) =>
      publishDue(deps, endpointId, options),
  };
}

/** What somebody was written. */
export type Letter =
  | ({ readonly kind: 'issued' } & Parameters<Notices['certificateIssued']>[0])
  | ({ readonly kind: 'ending' } & Parameters<Notices['certificateEnding']>[0])
  | { readonly kind: 'digest'; readonly digest: EndingDigest }
  | { readonly kind: 'happened'; readonly tellings: Parameters<Notices['happened']>[0] }
  | { readonly kind: 'failing'; readonly failing: Parameters<Notices['failing']>[0] };

export type World = Awaited<ReturnType<typeof newWorld>>;

export function aliasOf(login: string) {
  const alias = aliasFrom('email', `${login}@example.com`);
  if (alias === undefined) throw new Error('no alias');
  return alias;
}

export function publicKeyOf(keyName: string) {
  const { subjectPublicKeyInfoDer } = testKey(keyName);
  const publicKeySha256Hex = createHash('sha256').update(subjectPublicKeyInfoDer).digest('hex');
  return { subjectPublicKeyInfoDer, publicKeySha256Hex };
}
