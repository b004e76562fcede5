import { forecastQuota, lifetimeNearQuota } from '../../shared/domain/crl-quota.ts';
import type { RevocationRow } from '../../shared/domain/crl-facts.ts';
import type { SerialNumber } from '../../shared/domain/certificate-id.ts';

const DAY = 86_400;
const NOW = Date.UTC(2026, 2, 1) / 1000;

describe('the life of a new certificate', () => {
  it.each([
    [180, 0, 180],
    [180, 17_999, 180],
    [180, 18_000, 90],
    [180, 18_999, 90],
    [180, 19_000, 45],
    [180, 20_000, 45],
    [30, 19_500, 14],
    // Configured shorter than that already: never made longer.
    [7, 20_000, 7],
  ])('of %i days is, at %i entries, %i days', (days, entries, expected) => {
    expect(lifetimeNearQuota(days * DAY, entries)).toBe(expected * DAY);
  });
});

describe('the forecast of the quota', () => {
  /** One revoked each day for the last days, each with the same time left. */
  const rowsOf = (days: number, perDay: number, daysLeft: number): RevocationRow[] =>
    Array.from({ length: days * perDay }, (_, index) => {
      const revocationDate = NOW - Math.floor(index / perDay) * DAY;
      return {
        serialNumber: String(index).padStart(20, '0') as SerialNumber,
        revocationDate,
        notAfter: revocationDate + daysLeft * DAY,
        reason: 'cessationOfOperation',
      };
    });

  it('of a portal in which nobody has left is empty', () => {
    expect(forecastQuota([], 500, NOW)).toEqual({
      quota: 20_000,
      entries: 0,
      liveCertificates: 500,
      revocationsPerDay: 0,
      daysOnList: 0,
      entriesToCome: 0,
    });
  });

  it('settles where as many leave the list as come onto it', () => {
    const forecast = forecastQuota(rowsOf(89, 2, 100), 10_000, NOW, 300);
    expect(forecast).toMatchObject({ entries: 178, liveCertificates: 9_822, entriesToCome: 202 });
    expect(forecast.daysOnList).toBeCloseTo(100);
    expect(forecast.revocationsPerDay).toBeCloseTo(178 / 88);
    expect(forecast.reachedAt).toBeUndefined();
  });

  it('names the day on which the list is full', () => {
    // 178 entries, two a day, none of which ends within 50 days: 22 more take 11 days.
    const forecast = forecastQuota(rowsOf(89, 2, 140), 10_000, NOW, 200);
    expect(forecast.reachedAt).toBe(NOW + 11 * DAY);
  });

  it('of a list that is full already is now', () => {
    expect(forecastQuota(rowsOf(50, 4, 180), 1_000, NOW, 200)).toMatchObject({
      reachedAt: NOW,
      entries: 200,
    });
  });

  it('does not count who was revoked more than 90 days ago for the rate, but for as long as it stays', () => {
    const old = rowsOf(10, 1, 180).map((row) => ({ ...row, revocationDate: NOW - 100 * DAY }));
    expect(forecastQuota(old, 50, NOW)).toMatchObject({
      entries: 10,
      revocationsPerDay: 0,
      entriesToCome: 0,
    });
  });

  it('of a young portal takes its first days for a week', () => {
    expect(forecastQuota(rowsOf(1, 7, 180), 50, NOW).revocationsPerDay).toBe(1);
  });
});
