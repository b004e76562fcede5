import type { Stores } from '../../support/stores.ts';

/**
 * Counts the time that stores take, so that it can be taken off. They do their work at once, in memory, so that a clock
 * tells: to ask for CPU time takes as long as a store does.
 */
export function countedOut(): { timed: (stores: Stores) => Stores; milliseconds: () => number } {
  let total = 0;
  const timedStore = (store: object): object =>
    new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          const began = performance.now();
          try {
            return Reflect.apply(member, target, args);
          } finally {
            total += performance.now() - began;
          }
        };
      },
    });
  return {
    timed: (stores) =>
      new Proxy(stores, { get: (target, name) => timedStore(Reflect.get(target, name) as object) }),
    milliseconds: () => total,
  };
}
