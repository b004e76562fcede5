import { START } from '../support/portal.ts';
import { faultRatesFrom, NO_FAULTS } from './faults.ts';
import { INVARIANTS } from './invariants/all.ts';
import { Machine } from './machine.ts';
import { Oracle, type Violation } from './oracle.ts';
import { EMPLOYEES, People } from './people.ts';
import { SimulatedPortal } from './portal.ts';
import { SeededRandom } from './seeded-random.ts';
import { Story } from './story.ts';
import { Administrators } from './workload/administrators.ts';
import { Employees } from './workload/employees.ts';
import { HumanResources } from './workload/hr.ts';
import { Mischief } from './workload/mischief.ts';
import type { Outside } from './workload/outside.ts';

const ENDPOINT_IDS = ['cvpn-endpoint-a', 'cvpn-endpoint-b'];
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
  const portal = new SimulatedPortal(machine, ENDPOINT_IDS, oracle);
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

  constructor(outside: Outside) {
    this.#outside = outside;
    this.#employees = new Employees(outside);
    this.#hr = new HumanResources(outside);
    this.#administrators = new Administrators(outside);
    this.#mischief = new Mischief(outside);
  }

  async tell(): Promise<void> {
    const { machine, portal } = this.#outside;
    const { random } = machine;
    portal.surgeLimit = random.pick([10, 10, 10, 1, 2]);
    if (random.chance(0.7)) await this.#staff();
    const rates = faultRatesFrom(random);
    machine.rates = rates;
    if (random.chance(0.1)) {
      const broken = random.pick(portal.endpoints);
      broken.isBroken = true;
      machine.tell('world', `${broken.endpointId} answers nobody from now on`);
    }
    const events = random.between(12, 36);
    for (let event = 0; event < events && !this.#isBroken; event += 1) await this.#somethingHappens();
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
    const { machine, portal } = this.#outside;
    const { random } = machine;
    const happenings = {
      enrol: 14,
      connect: 14,
      hr: 14,
      repeat: 4,
      order: 6,
      revokeOwn: 4,
      revokeAny: 2,
      publishNow: 4,
      contest: 2,
      decide: 3,
      settle: portal.surgeLimit < 10 ? 2 : 0,
      gate: 3,
      hand: 2,
      bad: 4,
      publisher: 10,
      worker: 8,
      sweep: 10,
    };
    switch (random.weighted(happenings)) {
      case 'enrol':
        this.#employees.enrol();
        break;
      case 'connect':
        this.#employees.connect();
        break;
      case 'hr':
        this.#hr.happens();
        break;
      case 'repeat':
        this.#hr.repeat();
        break;
      case 'order':
        this.#administrators.order();
        break;
      case 'revokeOwn':
        this.#employees.revoke();
        break;
      case 'revokeAny':
        this.#administrators.revoke();
        break;
      case 'publishNow':
        this.#administrators.publishNow();
        break;
      case 'contest':
        this.#employees.contest();
        break;
      case 'decide':
        this.#administrators.decide();
        break;
      case 'settle':
        this.#administrators.settle();
        break;
      case 'gate':
        this.#mischief.switchesGate();
        break;
      case 'hand':
        this.#mischief.importsByHand();
        break;
      case 'bad':
        this.#mischief.asksBadly();
        break;
      case 'publisher':
        portal.publish(random.pick(portal.endpoints).endpointId);
        break;
      case 'worker':
        portal.cut(random.pick(portal.endpoints).endpointId);
        break;
      case 'sweep':
        portal.sweep();
        break;
    }
    await this.#timePasses();
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
    const keepsGateOff = machine.random.chance(0.3);
    if (!keepsGateOff) this.#mischief.switchesGatesOn();
    for (let round = 0; round < ROUNDS_AT_REST && !this.#isBroken; round += 1) {
      const isQuiet = this.#hr.sendAgain();
      await machine.settle(10 * MINUTE);
      await this.#schedules(round < 2);
      if (isQuiet && round > (keepsGateOff ? 2 : 0) && this.#isSettled()) break;
      await machine.runUntil(nextLook(machine.now, round));
    }
    if (this.#isBroken) return;
    this.#employees.everybodyRefusedConnects();
    await machine.runUntil(machine.now + MINUTE);
    await this.#schedules(true);
    machine.tell('world', 'everything has had its time');
    oracle.atRest();
    if (machine.random.chance(0.1)) await this.#season();
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
      if (doCut) portal.cut(endpointId);
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
