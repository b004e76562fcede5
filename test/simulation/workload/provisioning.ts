import type { ScimAttributes } from '../../../shared/domain/scim/attributes.ts';
import { changeScimUser, createScimUser, deleteScimUser } from '../../../shared/use-cases/scim/write-user.ts';
import type { Call } from '../calls.ts';
import { EMPLOYEES } from '../people.ts';
import type { SimulatedDeps } from '../portal.ts';
import type { Outside } from './outside.ts';

type Standing = 'active' | 'inactive' | 'gone';

interface Wish {
  readonly login: string;
  readonly wants: Standing;
  readonly order: number;
  isDone: boolean;
}

const RETRY_MILLISECONDS = [1_000, 600_000] as const;

/**
 * A directory that provisions people by SCIM: it sends what it has of each, one request for one user at a time, again
 * and again until it was taken.
 */
export class Provisioning {
  readonly #outside: Outside;
  readonly #wishes = new Map<string, Wish>();
  readonly #underWay = new Map<string, Call>();
  #orders = 0;

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  happens(): void {
    const { machine } = this.#outside;
    const login = machine.random.pick(EMPLOYEES);
    const before = this.#wishes.get(login)?.wants ?? 'gone';
    const wants = machine.random.pick(NEXT[before]);
    this.#orders += 1;
    this.#wishes.set(login, { login, wants, order: this.#orders, isDone: false });
    machine.tell('directory', `has ${login} as ${wants}`);
    this.#provision(login);
  }

  /** @returns whether everything was taken already */
  sendAgain(): boolean {
    const left = [...this.#wishes.values()].filter(({ isDone }) => !isDone);
    for (const { login } of left) this.#provision(login);
    return left.length === 0;
  }

  #provision(login: string): void {
    const { portal, machine } = this.#outside;
    const wish = this.#wishes.get(login);
    if (wish === undefined || wish.isDone) return;
    const earlier = this.#underWay.get(login);
    if (earlier !== undefined && earlier.end === undefined) return;
    const { wants, order } = wish;
    const call = portal.call({ what: 'scim', login, wants, order }, async (deps) => {
      await send(deps, wish);
      wish.isDone = true;
    });
    this.#underWay.set(login, call);
    if (machine.isCalm) return;
    machine.later(machine.random.between(...RETRY_MILLISECONDS), () => this.#provision(login));
  }
}

const NEXT: Readonly<Record<Standing, readonly Standing[]>> = {
  active: ['inactive', 'inactive', 'gone'],
  inactive: ['active', 'active', 'gone'],
  gone: ['active', 'active', 'inactive'],
};

/** As directories do it: a look-up, and then what is to be so. */
async function send(deps: SimulatedDeps, { login, wants }: Wish): Promise<void> {
  const found = await deps.scimUsers.findByUserName(`${login}@example.com`);
  if (wants === 'gone') {
    if (found !== undefined) await deleteScimUser(deps, found.scimUserId, undefined);
    return;
  }
  const active = wants === 'active';
  if (found === undefined) {
    await createScimUser(deps, { attributes: attributesOf(login, active), saysActive: true });
    return;
  }
  await changeScimUser(deps, found.scimUserId, undefined, (before) => ({
    attributes: { ...before, active },
    saysActive: true,
  }));
}

const attributesOf = (login: string, active: boolean): ScimAttributes => ({
  userName: `${login}@example.com`,
  externalId: `id-of-${login}`,
  name: {},
  emails: [{ value: `${login}@example.com`, primary: true }],
  active,
});
