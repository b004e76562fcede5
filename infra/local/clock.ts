/**
 * Moves time for the whole local process, as the demonstration does to see a list refreshed a month from now.
 *
 * Only what `Date` says moves: our clock, tokens' times and the SDKs see it, since they all ask `Date`. Timers run
 * as before, and so do other processes, OpenVPN among them. Shipped code has no switch for this.
 */
const RealDate = Date;
let offsetMilliseconds = 0;

const MovedDate = new Proxy(RealDate, {
  construct: (target, values, newTarget): object =>
    // Without arguments it means now; with them it is told its time.
    Reflect.construct(target, values.length === 0 ? [movedNow()] : values, newTarget) as object,
  apply: () => new RealDate(movedNow()).toString(),
  get: (target, property, receiver): unknown =>
    property === 'now' ? movedNow : Reflect.get(target, property, receiver),
});

function movedNow(): number {
  return RealDate.now() + offsetMilliseconds;
}

/** Puts the moved `Date` in its place; once is enough, more does nothing. */
export function installClock(): void {
  setDate(MovedDate);
}

/** Brings the real `Date` back, and with it the real time. */
export function uninstallClock(): void {
  offsetMilliseconds = 0;
  setDate(RealDate);
}

/** Moves time forward, or back where negative; moves add up. */
export function moveClock(bySeconds: number): void {
  installClock();
  offsetMilliseconds += bySeconds * 1000;
}

/** By how many seconds time has been moved. */
export const clockOffset = (): number => offsetMilliseconds / 1000;

function setDate(constructor: DateConstructor): void {
  globalThis.Date = constructor;
  // So that `new Date().constructor === Date` stays true.
  Object.defineProperty(RealDate.prototype, 'constructor', {
    value: constructor,
    writable: true,
    configurable: true,
  });
}
