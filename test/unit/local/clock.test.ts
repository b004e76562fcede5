import { clockOffset, installClock, moveClock, uninstallClock } from '../../../infra/local/clock.ts';
import { systemClock } from '../../../shared/adapters/system-clock.ts';

afterEach(uninstallClock);

const DAY_SECONDS = 86_400;

describe('moveClock', () => {
  it('moves every way of asking for now, and adds up', () => {
    const real = Date.now();
    moveClock(DAY_SECONDS);
    moveClock(30 * DAY_SECONDS);
    expect(clockOffset()).toBe(31 * DAY_SECONDS);
    for (const now of [Date.now(), new Date().getTime(), Date.parse(Date()), systemClock().now()]) {
      expect(Math.abs(now - real - 31 * DAY_SECONDS * 1000)).toBeLessThan(5_000);
    }
  });

  it('leaves given times as they are', () => {
    moveClock(DAY_SECONDS);
    expect(new Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z');
    expect(new Date(2026, 0, 31, 12).getDate()).toBe(31);
    expect(Date.UTC(1970, 0, 1)).toBe(0);
  });

  it('still makes dates that are dates', () => {
    moveClock(-1);
    const date = new Date();
    expect(date).toBeInstanceOf(Date);
    expect(date.constructor).toBe(Date);
    class Own extends Date {}
    expect(new Own()).toBeInstanceOf(Own);
    expect(Math.abs(new Own().getTime() - Date.now())).toBeLessThan(1_000);
  });

  it('is taken back as a whole, and does no harm twice', () => {
    const RealDate = Date;
    installClock();
    installClock();
    moveClock(DAY_SECONDS);
    uninstallClock();
    uninstallClock();
    expect(Date).toBe(RealDate);
    expect(clockOffset()).toBe(0);
  });
});

describe('systemClock', () => {
  it('sleeps', async () => {
    const start = performance.now();
    await systemClock().sleep(30);
    expect(performance.now() - start).toBeGreaterThan(25);
  });

  it.each([
    ['while it sleeps', 10],
    ['before', 0],
  ])('rejects with the reason of a signal that came %s', async (_, milliseconds) => {
    const reason = new Error('enough');
    const controller = new AbortController();
    if (milliseconds === 0) controller.abort(reason);
    else setTimeout(() => controller.abort(reason), milliseconds);
    await expect(systemClock().sleep(60_000, controller.signal)).rejects.toBe(reason);
  });
});
