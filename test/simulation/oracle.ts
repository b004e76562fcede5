import type { ItemChange } from '../support/simulated-dynamodb/table.ts';
import type { Attributes } from '../support/simulated-dynamodb/expressions.ts';
import type { Call } from './calls.ts';
import type { EndpointList, HeldCertificate, SimulatedEndpoint, Tunnel } from './cloud/endpoint.ts';
import type { Signed } from './cloud/kms.ts';
import type { Invocation } from './invocation.ts';
import type { Machine } from './machine.ts';
import type { People } from './people.ts';
import type { SimulatedPortal } from './portal.ts';
import type { GateAnswer, Imported, Watch } from './watch.ts';

/** An invariant that did not hold. */
export interface Violation {
  readonly invariant: number;
  readonly rule: string;
  readonly words: string;
}

/** A certificate that the CA's key has signed, whoever knows of it. */
export interface SignedCertificate extends HeldCertificate {
  /** Epoch milliseconds. */
  readonly notAfter: number;
}

/** What the portal did to one endpoint's list. */
export interface ImportHistory {
  readonly imports: { readonly list: EndpointList; readonly at: number }[];
  /** The last that was made for another reason than the list's age. */
  lastUnplannedAt: number;
  /** Whoever was on a list of ours there for good. */
  readonly listed: Set<string>;
  /** The highest number of ours that it ever had. */
  highestNumber: number;
}

/** Since when the store says that a certificate is revoked, or when that was decided at the earliest. */
export interface Since {
  readonly step: number;
  readonly at: number;
}

/**
 * Watches the portal from outside, keeps what must be known of the past, and holds every step against the invariants.
 * It decides by what was acknowledged, signed, imported and stored, never by the code that is under test.
 */
export class Oracle implements Watch {
  readonly violations: Violation[] = [];
  readonly certificates = new Map<string, SignedCertificate>();
  readonly revokedSince = new Map<string, Since>();
  /** When HR's word first stood against somebody who was not only held. */
  readonly deniedByHr: number[] = [];
  /** Which of them another certificate has replaced, and nothing worse. */
  readonly replaced = new Set<string>();
  /** Whom the company’s directory ever lacked. */
  readonly everGone = new Set<string>();
  /** Who was ever said to have left. */
  readonly everLeft = new Set<string>();
  /** When a plan was written, by its id. */
  readonly plannedAtStep = new Map<string, number>();
  /** When a worker last listed the connections of its endpoint. */
  readonly listedAt = new Map<Invocation, number>();
  /** When an invocation last took the right to publish at an endpoint, which is before it decided. */
  readonly leaseTakenAt = new Map<Invocation, number>();
  /** When an administrator's "now" was last answered, by the endpoint's id. */
  readonly requestEndedAt = new Map<string, number>();
  /** The step of the last change under a partition key. */
  readonly lastChange = new Map<string, number>();
  readonly histories = new Map<SimulatedEndpoint, ImportHistory>();
  /** Everybody who was on any signed list for good. */
  readonly everListed = new Set<string>();
  /** What each list says, by its CA and number. */
  readonly signedLists = new Map<string, EndpointList>();
  readonly machine: Machine;
  readonly people: People;
  portal!: SimulatedPortal;
  /** When the table was last restored, and how far back. */
  restored: { readonly fromStep: number; readonly step: number; readonly at: number } | undefined;
  #atLoss: ReadonlySet<string> = new Set();
  readonly #invariants: readonly Invariant[];

  constructor(machine: Machine, people: People, invariants: readonly Invariant[]) {
    this.machine = machine;
    this.people = people;
    this.#invariants = invariants;
  }

  signed(signed: Signed): void {
    this.#check('signed', signed);
    const { x509, caId } = signed;
    if (x509 === undefined) return;
    const commonName = /^CN=(.*)$/m.exec(x509.subject)?.[1] ?? '';
    const login = this.people.loginOfCommonName(commonName);
    const serialNumber = x509.serialNumber.toLowerCase().padStart(20, '0');
    const notAfter = Date.parse(x509.validTo);
    this.certificates.set(serialNumber, { login, commonName, serialNumber, caId, notAfter });
    this.machine.story.name(commonName.split('.')[0] ?? '', `<${login}'s ${this.certificates.size}>`);
  }

  imported(imported: Imported): void {
    this.#check('imported', imported);
    const history = this.historyOf(imported.endpoint);
    const { list } = imported;
    history.imports.push({ list, at: this.machine.now });
    history.highestNumber = Math.max(history.highestNumber, list.crlNumber);
    for (const serialNumber of list.revoked) history.listed.add(serialNumber);
  }

  gateAnswered(answer: GateAnswer): void {
    this.#check('gateAnswered', answer);
  }

  listed(_endpoint: SimulatedEndpoint, invocation: Invocation): void {
    this.listedAt.set(invocation, this.machine.now);
  }

  terminated(endpoint: SimulatedEndpoint, tunnel: Tunnel, invocation: Invocation): void {
    this.#check('terminated', { endpoint, tunnel, invocation });
  }

  changed(changes: readonly ItemChange[], invocation: Invocation): void {
    for (const change of changes) {
      this.lastChange.set(change.pk, this.machine.step);
      this.#noteRevocation(change, invocation);
      this.#noteLease(change, invocation);
      this.#noteRequest(change);
      this.#noteLeaver(change);
      if (change.pk === 'PLANNED') this.plannedAtStep.set(change.sk, this.machine.step);
      this.#check('changed', { change, invocation });
    }
  }

  swept(invocation: Invocation): void {
    this.#check('swept', invocation);
  }

  ended(call: Call): void {
    this.#check('ended', call);
  }

  /** Everything has had its time, and nothing goes wrong any more. */
  atRest(): void {
    this.#check('atRest', undefined);
  }

  /** Another day has gone by in which the portal ran. */
  aDayLater(): void {
    this.#check('aDayLater', undefined);
  }

  /** The table is about to be restored to what it was. */
  tableLost(): void {
    this.#atLoss = standingOf(this.portal.table);
  }

  /**
   * Its journal was replayed.
   *
   * @param fromStep when the backup was made
   * @param undecided of how many people the replay says that somebody has to look; undefined where it never came through
   */
  tableReplayed(fromStep: number, undecided: number | undefined): void {
    const { now, step } = this.machine;
    this.restored = { fromStep, step, at: now };
    for (const [serialNumber, { commonName }] of this.certificates) {
      this.lastChange.set(`CERT#${commonName.split('.')[0] ?? ''}`, step);
      if (this.storedCertificate(commonName)?.['revocation'] === undefined)
        this.revokedSince.delete(serialNumber);
    }
    // How many were denied of late is of the hour of the backup, and so is when a list was last imported.
    this.deniedByHr.length = 0;
    for (const [endpoint, history] of this.histories) {
      history.lastUnplannedAt = -Infinity;
      // The journal does not say who was on which list: the table can know it of those alone that came up at an endpoint.
      history.listed.clear();
      for (const list of [endpoint.enforced, endpoint.shown?.list]) {
        if (list?.isOurs === true) for (const serialNumber of list.revoked) history.listed.add(serialNumber);
      }
    }
    this.#check('replayed', {
      before: this.#atLoss,
      after: standingOf(this.portal.table),
      undecided,
    });
  }

  historyOf(endpoint: SimulatedEndpoint): ImportHistory {
    const known = this.histories.get(endpoint);
    const history = known ?? {
      imports: [],
      lastUnplannedAt: -Infinity,
      listed: new Set<string>(),
      highestNumber: 0,
    };
    this.histories.set(endpoint, history);
    return history;
  }

  storedPerson(login: string): Attributes | undefined {
    return this.portal.table.find(`PERSON#${this.people.idOf(login)}`, 'PERSON');
  }

  storedCertificate(commonName: string): Attributes | undefined {
    return this.portal.table.find(`CERT#${commonName.split('.')[0] ?? ''}`, 'CERT');
  }

  denialsOf(login: string): readonly Attributes[] {
    return Object.values((this.storedPerson(login)?.['denials'] ?? {}) as Attributes) as Attributes[];
  }

  /** Those that nobody has to decide about: who is held by a surge is, until an administrator says what it was. */
  openOffboardings(): Attributes[] {
    const open = new Set(this.portal.table.list('OPEN#OFFBOARDING').map(({ sk }) => sk));
    if (open.size === 0) return [];
    return [...this.portal.table.scan('OFFBOARDING#')].filter(
      ({ sk, kind, liftedAt }) => open.has(sk) && (kind !== 'surge' || liftedAt !== undefined),
    );
  }

  #noteLeaver({ sk, after }: ItemChange): void {
    if (sk !== 'PERSON' || after === undefined) return;
    const denials = Object.values(after['denials'] as Attributes) as Attributes[];
    if (denials.some(({ kind }) => kind === 'left')) this.everLeft.add(String(after['login']));
  }

  #noteLease({ pk, before, after }: ItemChange, invocation: Invocation): void {
    if (pk !== 'ENDPOINTS' || before?.['fencingToken'] === after?.['fencingToken']) return;
    this.leaseTakenAt.set(invocation, this.machine.now);
  }

  #noteRequest({ pk, sk, before, after }: ItemChange): void {
    if (pk !== 'ENDPOINTS' || before?.['publicationRequest'] === undefined) return;
    if (after?.['publicationRequest'] === undefined) this.requestEndedAt.set(sk, this.machine.now);
  }

  #noteRevocation({ pk, sk, before, after }: ItemChange, invocation: Invocation): void {
    if (sk !== 'CERT' || !pk.startsWith('CERT#')) return;
    const serialNumber = this.people.serialNumberOfId(pk.slice('CERT#'.length));
    const revocation = after?.['revocation'] as Attributes | undefined;
    if (revocation?.['by'] === 'renewal') this.replaced.add(serialNumber);
    else this.replaced.delete(serialNumber);
    if (revocation === undefined) this.revokedSince.delete(serialNumber);
    else if (before?.['revocation'] === undefined) {
      // Whoever slept over it for hours has the time at which it was decided.
      const at = invocation.isSleepwalker ? invocation.startedAt : this.machine.now;
      this.revokedSince.set(serialNumber, { step: this.machine.step, at });
    }
  }

  #check<Name extends keyof Checks>(name: Name, facts: Checks[Name]): void {
    for (const invariant of this.#invariants) {
      const check = invariant[name] as
        ((oracle: Oracle, facts: Checks[Name]) => string | undefined) | undefined;
      const words = check?.(this, facts);
      if (words === undefined) continue;
      this.violations.push({ invariant: invariant.number, rule: invariant.words, words });
      this.machine.tell('INVARIANT', `${invariant.number} does not hold: ${words}`);
    }
  }
}

/** What an invariant can be held against, and when. */
export interface Checks {
  readonly signed: Signed;
  readonly imported: Imported;
  readonly gateAnswered: GateAnswer;
  readonly terminated: { endpoint: SimulatedEndpoint; tunnel: Tunnel; invocation: Invocation };
  readonly changed: { change: ItemChange; invocation: Invocation };
  readonly swept: Invocation;
  readonly ended: Call;
  readonly atRest: undefined;
  readonly aDayLater: undefined;
  /** What stood when the table was lost, and what stands now that it is restored and its journal replayed. */
  readonly replayed: {
    readonly before: ReadonlySet<string>;
    readonly after: ReadonlySet<string>;
    readonly undecided: number | undefined;
  };
}

/** Who is denied by what, which certificates were issued, and which of them are revoked, each in a word. */
function standingOf(table: SimulatedPortal['table']): ReadonlySet<string> {
  const standing = new Set<string>();
  for (const { sk, login, denials } of table.scan('PERSON#')) {
    if (sk !== 'PERSON') continue;
    for (const [id, denial] of Object.entries(denials as Record<string, Attributes>)) {
      standing.add(
        `${String(login)} is denied by ${String(denial['source'])}: ${String(denial['kind'])} (${id})`,
      );
    }
  }
  for (const { sk, commonName, issued, revocation } of table.scan('CERT#')) {
    if (sk !== 'CERT' || issued === undefined) continue;
    standing.add(`${String(commonName)} is issued`);
    if (revocation !== undefined) standing.add(`${String(commonName)} is revoked`);
  }
  return standing;
}

/** One rule that must always hold. Each check answers with what is wrong, or undefined. */
export type Invariant = {
  readonly number: number;
  readonly words: string;
} & { readonly [Name in keyof Checks]?: (oracle: Oracle, facts: Checks[Name]) => string | undefined };
