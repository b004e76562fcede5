/** What was given up or put aside, without what it says: that may name people. */
export interface DeadLetter {
  readonly letterId: string;
  /** Milliseconds since the Unix epoch: when it was first sent, or put aside. */
  readonly sentAt: number;
  /** The queue that gave it up after its last try; undefined for one that a function put aside itself. */
  readonly givenUpBy?: string;
  /** Why a function put it aside; names nobody. */
  readonly reason?: string;
}

/** How far a queue's own move of its letters is. */
export interface LettersMove {
  readonly state: 'running' | 'done' | 'failed';
  readonly moved: number;
  /** Of one that failed, in the queue's words. */
  readonly reason?: string;
}

/** The dead letters of one working queue. */
export interface DeadLetterQueue {
  /** Approximate, as queues count. */
  count(): Promise<number>;
  /**
   * Looks at letters and leaves them where they are; for half a minute at most nobody else sees them. Of a FIFO queue
   * only the first ten of a group can be seen.
   *
   * @param most how many at most
   */
  look(most: number): Promise<DeadLetter[]>;
  /** Begins to move all letters back to the working queue, or joins a move that goes on. */
  startMove(): Promise<void>;
  /** The latest move; undefined where there was none. */
  findMove(): Promise<LettersMove | undefined>;
  /**
   * Sends some letters back, each deleted once it was sent: whoever dies in between has it tried twice.
   *
   * @returns how many
   */
  sendBack(most: number): Promise<number>;
}
