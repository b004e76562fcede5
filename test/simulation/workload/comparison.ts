import { nameKey, type DirectoryEntry } from '../../../shared/domain/reconciliation.ts';
import { DirectoryError, type Directory } from '../../../shared/ports/directory.ts';
import { EMPLOYEES } from '../people.ts';
import type { Outside } from './outside.ts';

const COLLEAGUES = Array.from({ length: 12 }, (_, index) => `colleague-${index}`);
const PAGE = 8;

/** The company's directory, with which those who hold certificates are compared. Sometimes it cannot be believed. */
export class Comparison {
  readonly #outside: Outside;
  readonly #gone = new Set<string>();

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  /** Somebody is taken out of the directory, or is there again. */
  happens(): void {
    const { machine, oracle } = this.#outside;
    const login = machine.random.pick(EMPLOYEES);
    if (this.#gone.delete(login)) machine.tell('directory', `has ${login} again`);
    else {
      this.#gone.add(login);
      oracle.everGone.add(login);
      machine.tell('directory', `has ${login} no more`);
    }
    this.compare();
  }

  compare({ isSure = false } = {}): void {
    const { machine, portal } = this.#outside;
    const mood = isSure ? 'well' : machine.random.pick(['well', 'well', 'empty', 'out of order'] as const);
    if (mood !== 'well') machine.tell('directory', `answers, and is ${mood}`);
    const entries = {
      well: () => this.#entries([...EMPLOYEES, ...COLLEAGUES]),
      empty: () => [],
      'out of order': () => this.#entries([...EMPLOYEES, ...COLLEAGUES]),
    }[mood]();
    portal.reconcile(directoryOf(entries, mood === 'out of order'), isSure);
  }

  #entries(logins: readonly string[]): DirectoryEntry[] {
    return logins
      .filter((login) => !this.#gone.has(login))
      .map((login) => ({ standing: 'active', keys: [nameKey('email', `${login}@example.com`) ?? ''] }));
  }
}

const directoryOf = (entries: readonly DirectoryEntry[], isOutOfOrder: boolean): Directory => ({
  page: async (cursor) => {
    const from = Number(cursor ?? 0);
    if (isOutOfOrder && from > 0) throw new DirectoryError('broken', 'it stops before its end');
    const reached = from + PAGE;
    return {
      entries: entries.slice(from, reached),
      ...(reached < entries.length ? { next: String(reached) } : {}),
    };
  },
});
