import type { End, Machine } from '../machine.ts';

/** Starts the worker behind a queue for one endpoint. */
export type Worker = (endpointId: string, ended: (end: End<unknown>) => void) => void;

const MOST_RECEIVES = 5;

/** An SQS FIFO queue whose group is the endpoint: one message of an endpoint at a time, some lost, late or twice. */
export class SimulatedQueue {
  readonly #machine: Machine;
  readonly #visibilityMilliseconds: number;
  readonly #worker: Worker;
  readonly #busy = new Set<string>();
  readonly #waiting = new Set<string>();

  constructor(machine: Machine, visibilitySeconds: number, worker: Worker) {
    this.#machine = machine;
    this.#visibilityMilliseconds = visibilitySeconds * 1_000;
    this.#worker = worker;
  }

  send(endpointId: string): void {
    const { random, rates } = this.#machine;
    if (random.chance(rates.queue / 2)) return this.#machine.tell('queue', 'loses a message');
    const copies = random.chance(rates.queue / 2) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const late = random.chance(rates.queue / 2) ? random.between(1, 300_000) : random.between(1, 50);
      this.#machine.later(late, () => this.#deliver(endpointId, 1));
    }
  }

  #deliver(endpointId: string, receives: number): void {
    if (this.#busy.has(endpointId)) {
      // The group waits; a second message that says the same says nothing more.
      this.#waiting.add(endpointId);
      return;
    }
    this.#busy.add(endpointId);
    this.#worker(endpointId, ({ how }) => {
      if (how === 'answered' || receives >= MOST_RECEIVES) return this.#free(endpointId);
      this.#machine.later(this.#visibilityMilliseconds, () => {
        this.#free(endpointId);
        this.#deliver(endpointId, receives + 1);
      });
    });
  }

  #free(endpointId: string): void {
    this.#busy.delete(endpointId);
    if (!this.#waiting.delete(endpointId)) return;
    this.#machine.later(1, () => this.#deliver(endpointId, 1));
  }
}
