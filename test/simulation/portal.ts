import type { ReconciliationPolicy } from '../../shared/domain/reconciliation.ts';
import { bestEffortWake } from '../../shared/adapters/best-effort-wake.ts';
import type { Audit } from '../../shared/ports/audit.ts';
import type { Directory } from '../../shared/ports/directory.ts';
import type { KeyPairs } from '../../shared/ports/key-pairs.ts';
import type { Wake } from '../../shared/ports/wake.ts';
import { keepJournal } from '../../shared/use-cases/keep-journal.ts';
import { cutConnections, sweepConnections } from '../../shared/use-cases/cut-connections.ts';
import { decideConnection } from '../../shared/use-cases/decide-connection.ts';
import { publishDue } from '../../shared/use-cases/publication/publish-due.ts';
import { reconcile } from '../../shared/use-cases/reconciliation/reconcile.ts';
import { replayJournal, type Replayed } from '../../shared/use-cases/replay-journal.ts';
import { sweepOffboardings } from '../../shared/use-cases/sweep-offboardings.ts';
import { dynamoStores } from '../support/embedded-dynamodb.ts';
import { quietObservability } from '../support/observability.ts';
import { GATE_ARN, portalDeps, setUp, type PortalDeps } from '../support/portal.ts';
import { simulatedDynamoTable } from '../support/simulated-dynamodb/client.ts';
import { callerOf } from '../support/world.ts';
import { SimulatedTable } from '../support/simulated-dynamodb/table.ts';
import type { Asked, Call } from './calls.ts';
import { tableFor } from './cloud/dynamodb.ts';
import { ec2For } from './cloud/ec2.ts';
import { SimulatedEndpoint } from './cloud/endpoint.ts';
import { journalBucketFor } from './cloud/s3.ts';
import { keyIdOf, simulatedCa, simulatedSigner } from './cloud/kms.ts';
import { SimulatedQueue } from './cloud/queue.ts';
import type { Invocation } from './invocation.ts';
import { KEY_MARK } from './key-mark.ts';
import { InjectedFault, type End, type Machine } from './machine.ts';
import type { CaId, Scenery } from './scenery.ts';
import type { Watch } from './watch.ts';

export type SimulatedDeps = PortalDeps & { readonly keyPairs: KeyPairs };

const ENDPOINT_IDS = ['cvpn-endpoint-a', 'cvpn-endpoint-b', 'cvpn-endpoint-c'];
const API_SECONDS = 10;
const GATE_SECONDS = 2.1;
const WORKER_SECONDS = 60;
const SWEEP_SECONDS = 60;
const PUBLISHER_SECONDS = 300;
const REPLAY_SECONDS = 3_600;
const COMPARISON_SECONDS = 900;
const RECONCILIATION = {
  mode: 'offboard',
  hourUtc: 3,
  mostMissingPercent: 20,
  names: new Set(['email'] as const),
} satisfies ReconciliationPolicy;

const { logger } = quietObservability().observability;

/** The functions of serverless.yml, each as an invocation of its own, on a simulated AWS. */
export class SimulatedPortal {
  readonly table = new SimulatedTable();
  readonly endpoints: readonly SimulatedEndpoint[];
  readonly calls: Call[] = [];
  readonly scenery: Scenery;
  /** Nobody is sent to it: no function runs, and an endpoint gets no answer from the gate. */
  isDown = false;
  readonly #journal = new Map<number, Uint8Array>();
  /** In the order in which they issue. */
  issuingCaIds: readonly CaId[] = ['ca1'];
  readonly #machine: Machine;
  readonly #watch: Watch;
  readonly #connections: SimulatedQueue;
  readonly #publication: SimulatedQueue;

  constructor(machine: Machine, scenery: Scenery, watch: Watch) {
    this.#machine = machine;
    this.#watch = watch;
    this.scenery = scenery;
    this.endpoints = scenery.authorities.map((caId, index) => {
      const place = { endpointId: ENDPOINT_IDS[index] ?? '', caId };
      return new SimulatedEndpoint(machine, place, GATE_ARN, (asked, answer) => this.#askGate(asked, answer));
    });
    this.#connections = new SimulatedQueue(machine, 120, (id, ended) => this.cut(id, ended));
    this.#publication = new SimulatedQueue(machine, 600, (id, ended) => this.publish(id, ended));
  }

  /** As the first deploy leaves it. */
  async setUp(): Promise<void> {
    const table = simulatedDynamoTable(
      async (command) => this.table.execute(command),
      async () => undefined,
    );
    for (const caId of new Set(this.scenery.authorities)) {
      const concerned = this.endpoints.filter((endpoint) => endpoint.caId === caId);
      const endpointIds = concerned.map(({ endpointId }) => endpointId);
      const authority = { caId, keyId: keyIdOf(caId) };
      await setUp(dynamoStores(table).endpoints, simulatedCa(caId), endpointIds, authority);
    }
    this.table.takeChanges();
  }

  /** A call of the API. */
  call(asked: Asked, use: (deps: SimulatedDeps, invocation: Invocation) => Promise<unknown>): Call {
    const machine = this.#machine;
    const ended = (end: End<unknown>): void => {
      call.end = end;
      call.endedAtStep = machine.step;
      call.endedAt = machine.now;
      machine.tell(call.invocation.name, () => `ends: ${describeEnd(end)}`);
      this.#watch.ended(call);
    };
    // The use case begins in a later turn, so that whoever asked is known by then.
    const run = async (invocation: Invocation): Promise<unknown> => {
      await Promise.resolve();
      if (this.isDown) throw refuseDown(invocation);
      return use(this.#depsFor(invocation), invocation);
    };
    const invocation = machine.start(asked.what, API_SECONDS, run, ended);
    const call: Call = {
      asked,
      invocation,
      startedAtStep: machine.step,
      startedAt: machine.now,
      endedAtStep: undefined,
      endedAt: undefined,
      end: undefined,
    };
    this.calls.push(call);
    return call;
  }

  publish(endpointId: string, ended?: (end: End<unknown>) => void): void {
    this.#job(`publisher ${endpointId.slice(-1)}`, PUBLISHER_SECONDS, ended, async (deps, invocation) => {
      invocation.maySleepwalk = true;
      const { failures } = await publishDue(deps, endpointId);
      if (failures.length > 0) throw new AggregateError(failures, 'offboardings could not be brought on');
    });
  }

  cut(endpointId: string, ended?: (end: End<unknown>) => void): void {
    this.#look('worker', cutConnections, endpointId, ended);
  }

  /** The look of every five minutes. */
  sweepConnections(endpointId: string): void {
    this.#look('connections', sweepConnections, endpointId);
  }

  #look(
    name: string,
    end: typeof cutConnections,
    endpointId: string,
    ended?: (end: End<unknown>) => void,
  ): void {
    this.#job(`${name} ${endpointId.slice(-1)}`, WORKER_SECONDS, ended, async (deps) => {
      const { isClean } = await end(deps, endpointId);
      if (!isClean) throw new Error('connections keep coming up');
    });
  }

  sweep(): void {
    this.#job('sweep', SWEEP_SECONDS, undefined, async (deps, invocation) => {
      const { failures } = await sweepOffboardings(deps);
      if (failures.length > 0) throw new Error('offboardings could not be brought on');
      this.#watch.swept(invocation);
    });
  }

  /** Compares those who hold certificates with the directory. @param isSure an administrator says that so many left */
  reconcile(directory: Directory, isSure: boolean): void {
    this.#job('comparison', COMPARISON_SECONDS, undefined, async (deps, invocation) => {
      const wish = { reason: 'administrator' as const, at: invocation.clock.now(), evenIfMany: isSure };
      await deps.reconciliations.wish(wish);
      const ask: Directory = {
        page: async (...asked) => {
          await invocation.effect('directory', 'asks the directory', () => undefined);
          return directory.page(...asked);
        },
      };
      await reconcile(
        { ...deps, directory: ask, reconciliation: RECONCILIATION },
        new AbortController().signal,
      );
    });
  }

  /** Brings what was written down since into the journal. */
  keepJournal(ended?: (end: End<unknown>) => void): void {
    this.#job('journal', SWEEP_SECONDS, ended, async (deps, invocation) => {
      await keepJournal({ ...deps, archive: journalBucketFor(invocation, this.#journal) });
    });
  }

  /** Makes a restored table know again what its journal knows; an operator's machine does it, while the portal is down. */
  replayJournal(ended: (end: End<Replayed>) => void): void {
    const machine = this.#machine;
    const invocation: Invocation = machine.start(
      'replay',
      REPLAY_SECONDS,
      (of) => replayJournal({ ...this.#depsFor(of), archive: journalBucketFor(of, this.#journal) }),
      (end) => {
        machine.tell(invocation.name, () => `ends: ${describeEnd(end)}`);
        ended(end);
      },
    );
  }

  #job(
    name: string,
    seconds: number,
    ended: ((end: End<unknown>) => void) | undefined,
    use: (deps: SimulatedDeps, invocation: Invocation) => Promise<void>,
  ): void {
    const machine = this.#machine;
    if (this.isDown) return ended?.({ how: 'died' });
    const run = async (invocation: Invocation): Promise<void> => use(this.#depsFor(invocation), invocation);
    const invocation = machine.start(name, seconds, run, (end) => {
      machine.tell(invocation.name, () => `ends: ${describeEnd(end)}`);
      ended?.(end);
    });
  }

  #askGate(asked: { commonName: string; endpointId: string }, answer: (allowed: boolean) => void): void {
    if (this.isDown) return answer(false);
    const run = async (invocation: Invocation): Promise<boolean> =>
      (await decideConnection(this.#depsFor(invocation), asked)).access.allowed;
    const invocation = this.#machine.start('gate', GATE_SECONDS, run, (end) => {
      const allowed = end.how === 'answered' && end.value && this.#machine.now <= invocation.deadline;
      this.#watch.gateAnswered({ ...asked, allowed, invocation });
      answer(allowed);
    });
  }

  #depsFor(invocation: Invocation): SimulatedDeps {
    const machine = this.#machine;
    const onBroken = (error: Error): void => machine.tell(invocation.name, `broken: ${error.message}`);
    const watched = {
      execute: (command: unknown): unknown => {
        const answer = this.table.execute(command);
        const changes = this.table.takeChanges();
        invocation.writes += changes.length;
        if (changes.length > 0) this.#watch.changed(changes, invocation);
        return answer;
      },
    };
    const surroundings = {
      ...ec2For(invocation, machine, this.endpoints, this.#watch),
      signer: simulatedSigner(invocation, (signed) => this.#watch.signed(signed)),
      wake: this.#wakeFor(invocation),
      clock: invocation.clock,
      random: (count: number) => machine.random.octets(count),
      audit: auditFor(invocation, machine),
    };
    const stores = dynamoStores(tableFor(invocation, watched, onBroken));
    const deps = portalDeps(stores, surroundings, (port) => port);
    return { ...deps, ...this.#settings(deps), keyPairs: keyPairsFor(machine) };
  }

  #settings({ policy, profile }: PortalDeps) {
    const { surgeLimit, mostEntries, breakGlass, hasRenewals } = this.scenery;
    return {
      surgePolicy: { leastPeople: surgeLimit, percentOfHolders: 0 },
      policy: { ...policy, mostEntries },
      breakGlass: new Set(breakGlass.map((login) => callerOf(login, 0).personId)),
      profile: hasRenewals ? { ...profile, renewalWindowPercent: 100 } : profile,
      issuingCaIds: this.issuingCaIds,
    };
  }

  #wakeFor(invocation: Invocation): Wake {
    const send = (queue: SimulatedQueue, name: string, endpointId: string): Promise<void> =>
      invocation.effect('sqs', `wakes the ${name} of ${endpointId}`, () => queue.send(endpointId));
    return bestEffortWake(
      {
        connections: (endpointId) => send(this.#connections, 'connections’ worker', endpointId),
        publication: (endpointId) => send(this.#publication, 'publisher', endpointId),
      },
      logger,
    );
  }
}

/** The audit trail is part of the story. */
const auditFor = (invocation: Invocation, machine: Machine): Audit =>
  new Proxy({} as Audit, {
    get:
      (_target, name) =>
      (facts: Record<string, unknown> = {}) => {
        machine.tell(invocation.name, () => {
          const { reason, outcome, cause, kind, publish } = facts;
          const said = [publish, reason, outcome, cause, kind].filter((one) => one !== undefined);
          return `audit: ${String(name)} ${said.map(String).join(' ')}`;
        });
      },
  });

const keyPairsFor = (machine: Machine): KeyPairs => ({
  generate: async () => ({
    subjectPublicKeyInfoDer: publicKeyFrom(machine.random.octets(256)),
    privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${KEY_MARK}\n-----END PRIVATE KEY-----\n`,
  }),
});

const RSA_2048_PREFIX = Buffer.from(
  '30820122300d06092a864886f70d01010105000382010f003082010a0282010100',
  'hex',
);
const EXPONENT = Buffer.from('0203010001', 'hex');

/** An RSA-2048 public key whose private one nobody has: making a pair costs more than a whole run. */
export function publicKeyFrom(octets: Uint8Array): Uint8Array {
  const modulus = Uint8Array.from(octets);
  modulus[0] = (modulus[0] ?? 0) | 0x80;
  modulus[255] = (modulus[255] ?? 0) | 1;
  return new Uint8Array(Buffer.concat([RSA_2048_PREFIX, modulus, EXPONENT]));
}

function refuseDown(invocation: Invocation): Error {
  invocation.faults += 1;
  return new InjectedFault('the portal is down');
}

function describeEnd(end: End<unknown>): string {
  if (end.how === 'died') return 'dies, and nobody gets an answer';
  if (end.how === 'failed') return end.error instanceof Error ? end.error.message : String(end.error);
  const value = end.value;
  if (typeof value === 'object' && value !== null && 'outcome' in value) return String(value.outcome);
  return 'well';
}
