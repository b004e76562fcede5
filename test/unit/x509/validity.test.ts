import * as fc from 'fast-check';
import {
  caValidity,
  crlValidity,
  leafValidity,
  serverValidity,
} from '../../../shared/domain/x509/validity.ts';
import { DAY, NOW } from './fixtures.ts';

const farEnd = NOW + 3000 * DAY;

describe('validity', () => {
  it.each([
    [0, 162],
    [0.5, 180],
    [0.999_999_999, 198],
  ])(
    'of a leaf with the jitter fraction %d lasts %d days from now, and begins five minutes ago',
    (jitterFraction, days) => {
      expect(leafValidity({ now: NOW, jitterFraction, caNotAfter: farEnd })).toEqual({
        notBefore: NOW - 300,
        notAfter: NOW + days * DAY,
      });
    },
  );

  it('of a leaf is whole seconds, within 10 % of its lifetime, and never outlives the CA', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 400 * DAY }),
        fc.integer({ min: 1, max: 500 * DAY }),
        (jitterFraction, lifetimeSeconds, caLeft) => {
          const { notAfter } = leafValidity({
            now: NOW,
            lifetimeSeconds,
            jitterFraction,
            caNotAfter: NOW + caLeft,
          });
          expect(Number.isInteger(notAfter)).toBe(true);
          expect(notAfter).toBeLessThanOrEqual(NOW + caLeft);
          expect(notAfter - NOW).toBeLessThanOrEqual(Math.ceil(lifetimeSeconds * 1.1));
          if (caLeft > lifetimeSeconds * 1.1 + 1)
            expect(notAfter - NOW).toBeGreaterThanOrEqual(Math.floor(lifetimeSeconds * 0.9));
        },
      ),
    );
  });

  it.each([[1], [-0.1], [Number.NaN]])('of a leaf refuses the jitter fraction %d', (jitterFraction) => {
    expect(() => leafValidity({ now: NOW, jitterFraction, caNotAfter: farEnd })).toThrow('jitter');
  });

  it('of a list is 60 days, back-dated, and never outlives the CA', () => {
    expect(crlValidity({ now: NOW, caNotAfter: farEnd })).toEqual({
      thisUpdate: NOW - 300,
      nextUpdate: NOW + 60 * DAY,
    });
    expect(crlValidity({ now: NOW, lifeSeconds: DAY, caNotAfter: farEnd }).nextUpdate).toBe(NOW + DAY);
    expect(crlValidity({ now: NOW, caNotAfter: NOW + 9 }).nextUpdate).toBe(NOW + 9);
  });

  it('of the server is what was asked for, and never outlives the CA', () => {
    expect(serverValidity({ now: NOW, lifetimeSeconds: DAY, caNotAfter: farEnd }).notAfter).toBe(NOW + DAY);
    expect(serverValidity({ now: NOW, lifetimeSeconds: DAY, caNotAfter: NOW + 9 }).notAfter).toBe(NOW + 9);
  });

  it('of the CA is ten years, and begins before anything that it signs', () => {
    const { notBefore, notAfter } = caValidity(NOW);
    expect(new Date(notAfter * 1000).getUTCFullYear() - new Date(NOW * 1000).getUTCFullYear()).toBe(10);
    expect(notBefore).toBeLessThan(
      leafValidity({ now: NOW, jitterFraction: 0, caNotAfter: notAfter }).notBefore,
    );
  });

  it('ends with the CA: nothing is signed by one that has expired', () => {
    const expired = { now: NOW, caNotAfter: NOW };
    expect(() => leafValidity({ ...expired, jitterFraction: 0 })).toThrow('expired');
    expect(() => crlValidity(expired)).toThrow('expired');
    expect(() => serverValidity({ ...expired, lifetimeSeconds: DAY })).toThrow('expired');
  });
});
