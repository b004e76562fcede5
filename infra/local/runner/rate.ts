const UNIT_MILLISECONDS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/**
 * Milliseconds of EventBridge's `rate(5 minutes)`.
 *
 * @throws Error naming the place, for cron() and anything else
 */
export function parseRate(expression: string, place: string): number {
  const [, count = '', unit = '', plural = ''] =
    /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression.trim()) ?? [];
  const value = Number(count);
  // EventBridge refuses `rate(1 minutes)` and `rate(5 minute)` too.
  if (value < 1 || (value === 1) !== (plural === '')) {
    throw new Error(`${place}: the local runner reads schedules as rate(n minutes), not ${expression}`);
  }
  return value * UNIT_MILLISECONDS[unit as keyof typeof UNIT_MILLISECONDS];
}
