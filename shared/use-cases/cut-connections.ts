import type { JudgedCertificate } from '../domain/access.ts';
import { ENFORCE, type GatePolicy } from '../domain/gate-policy.ts';
import type { OffboardingRecord } from '../domain/offboarding.ts';
import { secondsFrom, SECONDS_PER_HOUR, type EpochMilliseconds } from '../domain/time.ts';
import type { Audit } from '../ports/audit.ts';
import type { CertificateStore } from '../ports/certificate-store.ts';
import type { VpnConnection, VpnConnections } from '../ports/client-vpn.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';
import type { OffboardingStore } from '../ports/offboarding-store.ts';
import type { Clock } from '../ports/clock.ts';
import { decideConnection, type DecideConnectionDeps } from './decide-connection.ts';
import { eachAtOnce } from './each-at-once.ts';
import { retirePredecessor } from './retire-predecessor.ts';

export interface CutConnectionsDeps extends DecideConnectionDeps {
  readonly connections: VpnConnections;
  readonly endpoints: Pick<EndpointStore, 'find' | 'noteUnknown'>;
  readonly certificates: Pick<CertificateStore, 'find' | 'markUsed' | 'revoke'>;
  readonly offboardings: Pick<OffboardingStore, 'listOpen' | 'markCut' | 'markTerminated'>;
  readonly clock: Clock;
  readonly audit: Audit;
}

export interface CutResult {
  readonly terminated: number;
  /** The lists of five seconds held nobody whom the gate would refuse. */
  readonly isClean: boolean;
}

const ROUNDS = 40;
const PAUSE_MILLISECONDS = 1_000;
/**
 * For how long lists must be clean. The gate may have let a client in just before the denial, and an endpoint lists a
 * connection only when its tunnel is up: the gate's two tries and the tunnel take less than this.
 */
const CLEAN_MILLISECONDS = 5_000;
/** Reads, marks and endings. EC2 lets a burst of 50 through and then five a second: the SDK waits. */
const AT_A_TIME = 16;
/** No new round later, so that a crowd that takes longer is gone on with by the next look, not cut off in the middle. */
const LONGEST_MILLISECONDS = 45_000;
/** Last use is written at most this often, so that a sweep of thousands costs reads only. */
const LAST_USE_RESOLUTION_SECONDS = SECONDS_PER_HOUR;

/** What was open before the first clean list: it was surely looked for in every list since. */
interface Clean {
  readonly since: EpochMilliseconds;
  readonly open: readonly OffboardingRecord[];
}

/**
 * Ends each live connection at an endpoint whose certificate the gate would refuse, and nobody else's; goes on until
 * every list of five seconds was clean, since a client may come up between a list and its end. Then every
 * offboarding that was open before those lists is noted as cut. A certificate whose successor is connected is retired,
 * and its own connections end too.
 *
 * @param signal ends it early; the next sweep goes on
 * @throws AggregateError when connections could not be ended, or uses not noted; the others were
 */
export const cutConnections = (
  deps: CutConnectionsDeps,
  endpointId: string,
  signal?: AbortSignal,
): Promise<CutResult> => endRefused(deps, endpointId, () => false, signal);

/**
 * The same where nobody said that there is somebody to end. One clean list is enough as long as no offboarding waits
 * to be cut there: one that was cut before had its five seconds, whoever was coming up meanwhile, and one that comes
 * later wakes or is found by the sweep of the next minute. What has no offboarding, as an owner's revocation, wakes; if
 * that is lost and somebody just came up, the next sweep has her.
 *
 * @param signal ends it early; the next sweep goes on
 * @throws AggregateError as `cutConnections`
 */
export const sweepConnections = (
  deps: CutConnectionsDeps,
  endpointId: string,
  signal?: AbortSignal,
): Promise<CutResult> =>
  endRefused(deps, endpointId, ({ open }) => uncutAt(endpointId, open).length === 0, signal);

/** @param isOneEnough asked of the first list, where it is clean */
async function endRefused(
  deps: CutConnectionsDeps,
  endpointId: string,
  isOneEnough: (first: Clean) => boolean,
  signal: AbortSignal | undefined,
): Promise<CutResult> {
  const ended = new Set<string>();
  const failures: unknown[] = [];
  const endpoint = await deps.endpoints.find(endpointId);
  // Certificates name it for as long as they live, and whoever revokes one wakes us.
  if (endpoint?.retiredAt !== undefined) return { terminated: 0, isClean: true };
  const policy = endpoint?.gatePolicy ?? ENFORCE;
  const isTimeLeft = timer(deps.clock, signal);
  let clean: Clean | undefined;
  for (let round = 0; round < ROUNDS && isTimeLeft(); round += 1) {
    const listedAt = deps.clock.now();
    // A clock that is set back would keep five seconds from ever being over: they begin anew.
    const before: Clean =
      clean !== undefined && clean.since <= listedAt
        ? clean
        : { since: listedAt, open: await deps.offboardings.listOpen() };
    const { refused, allowed, isSomebodyUnknown } = await judgeConnections(deps, endpointId, policy);
    clean = refused.length === 0 ? before : undefined;
    const isEnough = (lists: Clean): boolean =>
      listedAt - lists.since >= CLEAN_MILLISECONDS || (round === 0 && isOneEnough(lists));
    if (clean !== undefined && isEnough(clean)) {
      await noteCut(deps, endpointId, clean.open);
      if (isSomebodyUnknown) await deps.endpoints.noteUnknown(endpointId, deps.clock.now());
      const used = await noteUses(deps, allowed);
      if (used.failures.length > 0) throw new AggregateError(used.failures, 'not every use could be noted');
      if (used.retired === 0) return { terminated: ended.size, isClean: true };
      // Whoever is connected with the old one as well has just become somebody to be refused.
      clean = undefined;
    }
    // Read after the judgement: whoever was refused for a denial has its record by now.
    const open = refused.length === 0 ? [] : await deps.offboardings.listOpen();
    const endOne = async (connection: RefusedConnection): Promise<void> => {
      try {
        await terminate(deps, endpointId, connection, open);
        ended.add(connection.connection.connectionId);
      } catch (error) {
        failures.push(error);
      }
    };
    await eachAtOnce(refused, AT_A_TIME, endOne, isTimeLeft);
    await deps.clock.sleep(PAUSE_MILLISECONDS, signal);
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `connections at ${endpointId} could not be ended`);
  return { terminated: ended.size, isClean: false };
}

/** Says whether there is time to begin something more. */
function timer(clock: Clock, signal: AbortSignal | undefined): () => boolean {
  const until = clock.now() + LONGEST_MILLISECONDS;
  return () => signal?.aborted !== true && clock.now() < until;
}

interface RefusedConnection {
  readonly connection: VpnConnection;
  readonly certificate: JudgedCertificate | undefined;
  readonly cause: string;
}

/** Who signed in is not asked again: the gate did, and lists tell it of directories only. */
async function judgeConnections(
  deps: CutConnectionsDeps,
  endpointId: string,
  policy: GatePolicy,
): Promise<{ refused: RefusedConnection[]; allowed: JudgedCertificate[]; isSomebodyUnknown: boolean }> {
  const all = await deps.connections.list(endpointId);
  // What is terminating already is on its way out; 'failed-to-terminate' is still up.
  const isUp = ({ status }: VpnConnection): boolean =>
    status === 'active' || status === 'failed-to-terminate';
  // Where somebody unknown is looked for, those of the last hour count too: a sweep sees only who is there just then.
  const judgedOnes = policy.mode === 'observe' ? all : all.filter(isUp);
  const refused: RefusedConnection[] = [];
  const allowed: JudgedCertificate[] = [];
  let isSomebodyUnknown = false;
  for (let start = 0; start < judgedOnes.length; start += AT_A_TIME) {
    const judged = await Promise.all(
      judgedOnes.slice(start, start + AT_A_TIME).map(async (connection) => {
        const { commonName } = connection;
        return { connection, ...(await decideConnection(deps, { commonName, endpointId }, policy)) };
      }),
    );
    for (const { connection, access, certificate } of judged) {
      isSomebodyUnknown ||= access.allowed && access.observed === 'commonNameUnknown';
      if (!isUp(connection)) continue;
      if (!access.allowed) refused.push({ connection, certificate, cause: access.cause });
      else if (certificate !== undefined) allowed.push(certificate);
    }
  }
  return { refused, allowed, isSomebodyUnknown };
}

/** One certificate that fails does not keep the others from being noted. */
async function noteUses(
  deps: CutConnectionsDeps,
  certificates: readonly JudgedCertificate[],
): Promise<{ readonly retired: number; readonly failures: readonly unknown[] }> {
  const now = secondsFrom(deps.clock.now());
  const failures: unknown[] = [];
  let retired = 0;
  for (const certificate of certificates) {
    if (now - (certificate.lastUsedAt ?? 0) < LAST_USE_RESOLUTION_SECONDS) continue;
    try {
      // Before the use is noted: who dies in between looks again.
      if (await retirePredecessor(deps, certificate)) retired += 1;
      await deps.certificates.markUsed(certificate.certificateId, now);
    } catch (error) {
      failures.push(error);
    }
  }
  return { retired, failures };
}

async function terminate(
  { connections, offboardings, clock, audit }: CutConnectionsDeps,
  endpointId: string,
  { connection, certificate, cause }: RefusedConnection,
  open: readonly OffboardingRecord[],
): Promise<void> {
  const { connectionId } = connection;
  await connections.terminate(endpointId, connectionId);
  const { certificateId, personId } = certificate ?? {};
  audit.connectionTerminated({ endpointId, connectionId, certificateId, personId, cause });
  if (personId === undefined) return;
  const terminatedAt = clock.now();
  for (const record of open) {
    if (record.personId === personId) {
      await offboardings.markTerminated(record.offboardingId, { endpointId, connectionId, terminatedAt });
    }
  }
}

/** Those whose people must be gone from the endpoint and are not known to be. */
const uncutAt = (endpointId: string, records: readonly OffboardingRecord[]): OffboardingRecord[] =>
  records.filter(({ deniedAt, cutAt }) => deniedAt !== undefined && cutAt[endpointId] === undefined);

async function noteCut(
  { offboardings, clock }: CutConnectionsDeps,
  endpointId: string,
  records: readonly OffboardingRecord[],
): Promise<void> {
  await eachAtOnce(uncutAt(endpointId, records), AT_A_TIME, ({ offboardingId }) =>
    offboardings.markCut(offboardingId, endpointId, clock.now()),
  );
}
