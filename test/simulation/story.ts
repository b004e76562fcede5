/** Words that are put together only where somebody reads them. */
export type Words = string | (() => string);

/**
 * What happened in one run, in the order in which it happened: a trace that tells one run from another, and the words
 * of it where they are wanted. The same seed gives the same words, so that only a story that is read is told.
 */
export class Story {
  readonly #lines: string[] = [];
  readonly #names = new Map<string, string>();
  readonly #began: number;
  readonly #isTold: boolean;
  #one = 0x811c9dc5;
  #other = 0x9e3779b9;

  constructor(began: number, isTold: boolean) {
    this.#began = began;
    this.#isTold = isTold;
  }

  tell(at: number, who: string, words: Words): void {
    if (this.#isTold)
      this.#lines.push(`${at - this.#began}\t${who}\t${typeof words === 'string' ? words : words()}`);
  }

  /** Takes a step's numbers into the trace. */
  trace(...numbers: readonly number[]): void {
    for (const number of numbers) {
      this.#one = Math.imul(this.#one ^ number, 0x01000193);
      this.#other = Math.imul(this.#other ^ (number + (this.#one >>> 15)), 0x85ebca6b);
    }
  }

  /** The same for the same run, on whatever machine; another for nearly every other. */
  get hash(): string {
    return [this.#one, this.#other].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** From now on a reader sees this name where an identifier stands. */
  name(identifier: string, name: string): void {
    this.#names.set(identifier, name);
  }

  /** As people read it. */
  lines(): string[] {
    return this.#lines.map((line) => {
      const [milliseconds = '', who = '', ...words] = line.split('\t');
      return `${elapsed(Number(milliseconds))}  ${who.padEnd(22)} ${this.#named(words.join(' '))}`;
    });
  }

  #named(words: string): string {
    return words.replaceAll(/[0-9A-Za-z]{16,32}/g, (word) => this.#names.get(word) ?? word);
  }
}

/** `2d 03:04:05.678` since the beginning. */
function elapsed(milliseconds: number): string {
  const days = Math.floor(milliseconds / 86_400_000);
  return `${String(days).padStart(3)}d ${new Date(milliseconds % 86_400_000).toISOString().slice(11, 23)}`;
}
