import { START } from '../support/portal.ts';
import { faultRatesFrom, NO_FAULTS } from './faults.ts';
import { INVARIANTS } from './invariants/all.ts';
import { Machine } from './machine.ts';
import { Oracle, type Violation } from './oracle.ts';
import { EMPLOYEES, People } from './people.ts';
import { SimulatedPortal } from './portal.ts';
import { sceneryFrom } from './scenery.ts';
import { SeededRandom } from './seeded-random.ts';
import { Story } from './story.ts';
import { Administrators } from './workload/administrators.ts';
import { Comparison } from './workload/comparison.ts';
import { Employees } from './workload/employees.ts';
import { HumanResources } from './workload/hr.ts';
import { Mischief } from './workload/mischief.ts';
import { Operators } from './workload/operators.ts';
import { Provisioning } from './workload/provisioning.ts';
import type { Outside } from './workload/outside.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A list that is due in 24 hours, after an import that took four, may have to wait for six more. */
const LIFE_OF_A_LIST_DAYS = 60;
const ROUNDS_AT_REST = 12;

export interface RunResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly steps: number;
  readonly hash: string;
  /** In words, step by step. */
  readonly story: () => string[];
}

/** One run: a portal and the world around it, in which everything that goes wrong comes from the seed. */
export async function simulate(seed: number, { isTold = false } = {}): Promise<RunResult> {
  const random = new SeededRandom(seed);
  const story = new Story(START, isTold);
  const machine = new Machine({ random, story, now: START, rates: NO_FAULTS });
  const oracle = new Oracle(machine, new People(story), INVARIANTS);
  const portal = new SimulatedPortal(machine, sceneryFrom(random), oracle);
  oracle.portal = portal;
  await portal.setUp();
  const run = new Run({ machine, portal, oracle });
  await run.tell();
  const { violations } = oracle;
  return {
    seed,
    violations,
    steps: machine.step,
    hash: story.hash,
    story: () => story.lines(),
  };
}

class Run {
  readonly #outside: Outside;
  readonly #employees: Employees;
  readonly #hr: HumanResources;
  readonly #administrators: Administrators;
  readonly #mischief: Mischief;
  readonly #operators: Operators;
  readonly #comparison: Comparison;
  readonly #provisioning: Provisioning;

  constructor(outside: Outside) {
    this.#outside = outside;
    this.#employees = new Employees(outside);
    this.#hr = new HumanResources(outside);
    this.#administrators = new Administrators(outside);
    this.#mischief = new Mischief(outside);
    this.#operators = new Operators(outside);
    this.#comparison = new Comparison(outside);
    this.#provisioning = new Provisioning(outside);
  }

  async tell(): Promise<void> {
    const { machine, portal } = this.#outside;
    const { random } = machine;
    if (random.chance(0.7)) await this.#staff();
    const rates = faultRatesFrom(random);
    machine.rates = rates;
    if (random.chance(0.1)) {
      const broken = random.pick(portal.endpoints);
      broken.isBroken = true;
      machine.tell('world', `${broken.endpointId} answers nobody from now on`);
    }
    const events = random.between(12, 36);
    const { isRestored } = portal.scenery;
    const backedUpAt = isRestored ? random.between(0, Math.floor(events / 2)) : undefined;
    const restoredAt = isRestored ? random.between(Math.floor(events / 2) + 1, events - 1) : undefined;
    for (let event = 0; event < events && !this.#isBroken; event += 1) {
      if (event === backedUpAt) this.#operators.backUp();
      if (event === restoredAt) await this.#operators.restore();
      await this.#somethingHappens();
    }
    machine.tell('world', 'nothing goes wrong any more');
    machine.rates = NO_FAULTS;
    await this.#rest();
  }

  get #isBroken(): boolean {
    return this.#outside.oracle.violations.length > 0;
  }

  /** A portal that has been at work: lists at the endpoints, some people enrolled and connected. */
  async #staff(): Promise<void> {
    const { machine, portal } = this.#outside;
    for (const { endpointId } of portal.endpoints) portal.publish(endpointId);
    await machine.settle(HOUR);
    for (const login of EMPLOYEES) if (machine.random.chance(0.7)) this.#employees.enrol(login);
    await machine.settle(HOUR);
    this.#employees.everybodyConnects();
    await machine.runUntil(machine.now + MINUTE);
  }

  async #somethingHappens(): Promise<void> {
    const happenings = this.#happenings();
    const weights = Object.fromEntries(happenings.map(([weight, name]) => [name, weight]));
    const name = this.#outside.machine.random.weighted(weights);
    happenings.find((one) => one[1] === name)?.[2]();
    await this.#timePasses();
  }

  /** What may happen, and how often. */
  #happenings(): readonly (readonly [weight: number, name: string, happen: () => void])[] {
    const { machine, portal } = this.#outside;
    const { scenery } = portal;
    const anyEndpointId = (): string => machine.random.pick(portal.endpoints).endpointId;
    return [
      [14, 'enrol', () => this.#employees.enrol()],
      [14, 'connect', () => this.#employees.connect()],
      [scenery.hasRenewals ? 8 : 0, 'renew', () => this.#employees.renew()],
      [4, 'revokeOwn', () => this.#employees.revoke()],
      [2, 'contest', () => this.#employees.contest()],
      [14, 'hr', () => this.#hr.happens()],
      [scenery.hasScim ? 10 : 0, 'directory', () => this.#provisioning.happens()],
      [scenery.hasComparison ? 6 : 0, 'comparison', () => this.#comparison.happens()],
      [4, 'repeat', () => this.#hr.repeat()],
      [6, 'order', () => this.#administrators.order()],
      [2, 'revokeAny', () => this.#administrators.revoke()],
      [4, 'publishNow', () => this.#administrators.publishNow()],
      [3, 'decide', () => this.#administrators.decide()],
      [scenery.surgeLimit < 10 ? 2 : 0, 'settle', () => this.#administrators.settle()],
      [scenery.authorities.includes('ca2') ? 3 : 0, 'rollover', () => this.#administrators.rollOver()],
      [3, 'gate', () => this.#mischief.switchesGate()],
      [2, 'hand', () => this.#mischief.importsByHand()],
      [4, 'bad', () => this.#mischief.asksBadly()],
      [10, 'publisher', () => portal.publish(anyEndpointId())],
      [8, 'worker', () => portal.sweepConnections(anyEndpointId())],
      [10, 'sweep', () => portal.sweep()],
      [scenery.isRestored ? 6 : 0, 'journal', () => portal.keepJournal()],
    ];
  }

  /** Often what comes next meets what is under way; sometimes hours or days go by. */
  async #timePasses(): Promise<void> {
    const { machine } = this.#outside;
    const { random } = machine;
    switch (random.weighted({ turns: 50, little: 20, settle: 20, hours: 9, days: 1 })) {
      case 'turns':
        return machine.turns(random.between(0, 12));
      case 'little':
        return machine.runUntil(machine.now + random.between(1, 30 * SECOND));
      case 'settle':
        return machine.settle(10 * MINUTE);
      case 'hours':
        return this.#pass(random.between(10 * MINUTE, 9 * HOUR));
      case 'days':
        return this.#pass(random.between(DAY, 40 * DAY));
    }
  }

  async #pass(milliseconds: number): Promise<void> {
    const { machine } = this.#outside;
    await machine.settle(10 * MINUTE);
    machine.tell('world', `${Math.round(milliseconds / MINUTE)} minutes go by`);
    await machine.runUntil(machine.now + milliseconds);
  }

  /** Faults end, schedules fire, time passes: now everything must come right, and stay so. */
  async #rest(): Promise<void> {
    const { machine, oracle } = this.#outside;
    // Whom a full list has no place for comes up again and again without a gate, and never rests.
    const isRoomy = this.#outside.portal.scenery.mostEntries > 100;
    const keepsGateOff = machine.random.chance(0.3) && isRoomy;
    if (!keepsGateOff) this.#mischief.switchesGatesOn();
    let round = 0;
    // A last day or a comparison may deny somebody in the very last minute: then it all has its time once more.
    do {
      for (; round < ROUNDS_AT_REST && !this.#isBroken; round += 1) {
        const isTaken = [this.#hr.sendAgain(), this.#provisioning.sendAgain()];
        const isQuiet = !isTaken.includes(false);
        const isCompared = round < 2 && this.#outside.portal.scenery.hasComparison;
        if (isCompared) this.#comparison.compare({ isSure: true });
        await machine.settle(10 * MINUTE);
        await this.#schedules(round < 2);
        if (isQuiet && round > (keepsGateOff ? 2 : 0) && this.#isSettled()) break;
        await machine.runUntil(nextLook(machine.now, round));
      }
      if (this.#isBroken) return;
      this.#employees.everybodyRefusedConnects();
      await machine.runUntil(machine.now + MINUTE);
      await this.#schedules(true);
      round += 1;
    } while (round < ROUNDS_AT_REST && !this.#isSettled());
    machine.tell('world', 'everything has had its time');
    oracle.atRest();
    if (machine.random.chance(0.06)) await this.#season();
  }

  /** A whole life of a list in which nobody does anything, and schedules fire once a day. */
  async #season(): Promise<void> {
    const { machine, portal, oracle } = this.#outside;
    for (let day = 0; day < LIFE_OF_A_LIST_DAYS + 5 && !this.#isBroken; day += 1) {
      await machine.runUntil(nextQuietHour(machine.now + 2 * HOUR));
      for (const { endpointId } of portal.endpoints) portal.publish(endpointId);
      await machine.settle(10 * MINUTE);
      oracle.aDayLater();
    }
  }

  async #schedules(doCut: boolean): Promise<void> {
    const { machine, portal } = this.#outside;
    portal.sweep();
    await machine.settle(10 * MINUTE);
    for (const { endpointId } of portal.endpoints) {
      if (doCut) portal.sweepConnections(endpointId);
      portal.publish(endpointId);
    }
    await machine.settle(10 * MINUTE);
  }

  #isSettled(): boolean {
    const { portal, oracle } = this.#outside;
    const isAnyBroken = portal.endpoints.some(({ isBroken }) => isBroken);
    if (!isAnyBroken && oracle.openOffboardings().length > 0) return false;
    return portal.endpoints.every(({ endpointId, shown, enforced, isBroken }) => {
      const pending = portal.table.list(`PENDING#${endpointId}`);
      return isBroken || (pending.length === 0 && shown?.status === 'active' && shown.list === enforced);
    });
  }
}

/** What waits for an hour, for quiet hours, for six hours after them, or for a day. */
function nextLook(now: number, round: number): number {
  if (round < 2) return now + HOUR;
  if (round % 2 === 1) return now + 7 * HOUR;
  return nextQuietHour(now);
}

function nextQuietHour(now: number): number {
  const quiet = Math.floor(now / DAY) * DAY + 2.5 * HOUR;
  return quiet > now ? quiet : quiet + DAY;
}
