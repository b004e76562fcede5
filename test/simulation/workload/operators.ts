import type { TableBackup } from '../../support/simulated-dynamodb/table.ts';
import { NO_FAULTS } from '../faults.ts';
import type { End } from '../machine.ts';
import type { Outside } from './outside.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const MOST_REPLAYS = 60;

/** Whoever looks after the table: it is backed up all the time, and once in a life it is restored. */
export class Operators {
  readonly #outside: Outside;
  #backup: { readonly table: TableBackup; readonly at: number; readonly step: number } | undefined;

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  backUp(): void {
    const { machine, portal } = this.#outside;
    this.#backup = { table: portal.table.backup(), at: machine.now, step: machine.step };
  }

  /**
   * The table is lost and restored to what it was an hour ago or more. What it had written down is in the journal, which
   * is replayed before anybody is sent to it; who dies at that begins again.
   */
  async restore(): Promise<void> {
    const { machine, portal, oracle } = this.#outside;
    const backup = this.#backup;
    if (backup === undefined) return;
    this.#backup = undefined;
    const { rates } = machine;
    if (machine.now < backup.at + HOUR) await machine.runUntil(backup.at + HOUR);
    machine.rates = NO_FAULTS;
    await this.#switchOff();
    oracle.tableLost();
    portal.table.restore(backup.table);
    machine.tell(
      'somebody',
      `restores the table of ${Math.round((machine.now - backup.at) / MINUTE)} minutes ago`,
    );
    machine.rates = rates;
    const undecided = await this.#replay();
    oracle.tableReplayed(backup.step, undecided);
    portal.isDown = false;
  }

  /** What no object has yet would be lost with the table: here nothing is. */
  async #switchOff(): Promise<void> {
    const { machine, portal } = this.#outside;
    await machine.stop();
    const ends: unknown[] = [];
    portal.keepJournal((end) => ends.push(end));
    portal.isDown = true;
    while (ends.length === 0) await machine.runUntil(machine.now + MINUTE);
  }

  async #replay(): Promise<number | undefined> {
    const { machine, portal } = this.#outside;
    for (let attempt = 0; attempt < MOST_REPLAYS; attempt += 1) {
      const ends: End<{ readonly undecided: readonly unknown[] }>[] = [];
      portal.replayJournal((end) => ends.push(end));
      while (ends.length === 0) await machine.runUntil(machine.now + MINUTE);
      const [end] = ends;
      if (end?.how === 'answered') return end.value.undecided.length;
      // By then nothing goes wrong any more.
      if (attempt > MOST_REPLAYS / 2) machine.rates = NO_FAULTS;
    }
    return undefined;
  }
}
