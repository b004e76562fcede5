import * as fc from 'fast-check';
import { nextPublication } from '../../shared/domain/next-publication.ts';
import {
  decidePublication,
  DEFAULT_PUBLICATION_POLICY,
  isQuietHour,
  type PublicationSituation,
} from '../../shared/domain/publication.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** 1 March 2026, 09:00 UTC: no quiet hour. */
const NOW = Date.UTC(2026, 2, 1, 9);
const QUIET = Date.UTC(2026, 2, 1, 3);

/** A list made an hour ago that lives for 60 days, and nothing to do. */
function situation(changes: Partial<PublicationSituation> = {}, listAge = HOUR): PublicationSituation {
  const now = changes.now ?? NOW;
  const thisUpdate = (now - listAge) / 1000;
  return {
    now,
    confirmed: {
      crlNumber: 7,
      thisUpdate,
      nextUpdate: thisUpdate + 60 * 86_400,
      sha256Hex: 'aa',
      entries: 0,
      importedAt: now - listAge,
      confirmedAt: now - listAge,
    },
    exported: 'same',
    exportedStatus: 'active',
    attempt: undefined,
    isAttemptHeld: false,
    oldestPendingSince: undefined,
    doHoldsDiffer: false,
    isGateOn: true,
    gateGoesOff: undefined,
    request: undefined,
    lastUnplannedImportAt: undefined,
    ...changes,
  };
}

const request = { requestedAt: NOW, by: 'adam' };
const sent = (ago: number) => ({ crlNumber: 8, sha256Hex: 'bb', at: NOW - ago });

describe('a list is published', () => {
  it.each<[string, PublicationSituation, string]>([
    ['where none was ever confirmed', situation({ confirmed: undefined, exported: 'none' }), 'firstList'],
    ['where somebody imported another', situation({ exported: 'other' }, 2 * HOUR), 'drift'],
    ['where ours is gone', situation({ exported: 'none' }, 2 * HOUR), 'drift'],
    [
      'where ours is gone and an administrator asks',
      situation({ exported: 'none', request }, 300_000),
      'drift',
    ],
    [
      'where the one that we sent is not seen for an hour',
      situation({ attempt: sent(HOUR), exported: 'other' }),
      'drift',
    ],
    [
      'where the one that we sent is not seen for five minutes, when an administrator asks after that',
      situation({ attempt: sent(300_000), request, oldestPendingSince: NOW - DAY }),
      'requested',
    ],
    [
      'when an administrator asks and something is pending',
      situation({ oldestPendingSince: NOW - 1, request }),
      'requested',
    ],
    [
      'when an administrator asks, however recent the last import',
      situation({ oldestPendingSince: NOW - 1, request, lastUnplannedImportAt: NOW - 1 }),
      'requested',
    ],
    ['at once when the gate is off', situation({ oldestPendingSince: NOW - 1, isGateOn: false }), 'gateOff'],
    ['after a day of waiting', situation({ oldestPendingSince: NOW - DAY }), 'due'],
    ['in quiet hours', situation({ now: QUIET, oldestPendingSince: QUIET - 1 }), 'due'],
    ['at half of its life in quiet hours', situation({ now: QUIET }, 31 * DAY), 'refresh'],
    [
      'at any hour, once the quiet hours after half of its life went by without it',
      situation({}, 31 * DAY),
      'refresh',
    ],
    [
      'an hour after the last try at any hour, past half of its life',
      situation({ attempt: sent(HOUR) }, 31 * DAY),
      'refresh',
    ],
    ['when it has expired', situation({}, 61 * DAY), 'refresh'],
  ])('%s', (_when, given, reason) => {
    expect(decidePublication(given, DEFAULT_PUBLICATION_POLICY)).toMatchObject({ publish: true, reason });
  });

  it.each<[string, PublicationSituation, boolean]>([
    ['to a new endpoint', situation({ confirmed: undefined, exported: 'none' }), false],
    ['where one had another', situation({ confirmed: undefined, exported: 'other' }), true],
    ['again', situation({ confirmed: undefined, exported: 'none', attempt: sent(2 * HOUR) }), true],
  ])('first %s, and counts as unplanned where people may be connected', (_when, given, unplanned) => {
    const decision = decidePublication(given, DEFAULT_PUBLICATION_POLICY);
    expect(decision).toEqual({ publish: true, unplanned, reason: 'firstList' });
  });

  it('as planned when only its age asks for it', () => {
    const decision = decidePublication(situation({}, 41 * DAY), DEFAULT_PUBLICATION_POLICY);
    expect(decision).toEqual({ publish: true, unplanned: false, reason: 'refresh' });
  });
});

describe('a list is left alone', () => {
  it.each<[string, PublicationSituation, string]>([
    ['when nothing changed and it is fresh', situation(), 'unchanged'],
    ['when nothing changed, even if an administrator asks', situation({ request }), 'unchanged'],
    ['when the gate is off and everything is on it', situation({ isGateOn: false }), 'unchanged'],
    [
      'while a revocation waits for the window',
      situation({ oldestPendingSince: NOW - 23 * HOUR }),
      'waitsForWindow',
    ],
    [
      'within six hours of the last unplanned import, even when overdue',
      situation({ oldestPendingSince: NOW - 2 * DAY, lastUnplannedImportAt: NOW - 5 * HOUR }),
      'waitsForSpacing',
    ],
    ['at half of its life in working hours', situation({}, 30 * DAY + HOUR), 'waitsForQuietHours'],
    [
      'within the hour after the last try, past half of its life',
      situation({ attempt: sent(HOUR - 1) }, 31 * DAY),
      'waitsForEndpoint',
    ],
    ['just before half of its life', situation({ now: QUIET }, 29 * DAY), 'unchanged'],
    [
      'while the endpoint may show what it had before ours was seen there, whoever asks',
      situation({ exported: 'other', request }, 299_999),
      'waitsForEndpoint',
    ],
    [
      'while one that was sent is pending, for hours',
      situation({ attempt: sent(3 * HOUR), exportedStatus: 'pending', oldestPendingSince: NOW - DAY }),
      'waitsForEndpoint',
    ],
    [
      'while the endpoint has the one that was sent and says pending, whoever asks',
      situation({ attempt: sent(60_000), isAttemptHeld: true, exportedStatus: 'pending', request }),
      'waitsForEndpoint',
    ],
    [
      'for five minutes after one that was sent and is not seen, whoever asks',
      situation({ attempt: sent(299_000), oldestPendingSince: NOW - DAY, request }),
      'waitsForEndpoint',
    ],
    [
      'for an hour after one that was sent and is not seen',
      situation({ attempt: sent(59 * 60_000), oldestPendingSince: NOW - DAY }),
      'waitsForEndpoint',
    ],
    [
      'for an hour after ours was imported over another',
      situation({ exported: 'other' }, HOUR / 2),
      'waitsForSpacing',
    ],
    [
      'for an hour after the last import, also while the gate is off',
      situation({ isGateOn: false, oldestPendingSince: NOW - 1, lastUnplannedImportAt: NOW - HOUR / 2 }),
      'waitsForSpacing',
    ],
  ])('%s', (_when, given, reason) => {
    expect(decidePublication(given, DEFAULT_PUBLICATION_POLICY)).toEqual({
      publish: false,
      unplanned: false,
      reason,
    });
  });
});

describe('quiet hours', () => {
  it.each([
    [2, { fromHour: 2, toHour: 4 }, true],
    [4, { fromHour: 2, toHour: 4 }, false],
    [23, { fromHour: 22, toHour: 3 }, true],
    [1, { fromHour: 22, toHour: 3 }, true],
    [12, { fromHour: 22, toHour: 3 }, false],
  ])('at %i UTC within %o: %s', (hour, quietHours, isQuiet) => {
    expect(isQuietHour(Date.UTC(2026, 2, 1, hour), quietHours)).toBe(isQuiet);
  });
});

describe('the next publication', () => {
  const at = (iso: string): number => Date.parse(iso);
  it.each<[string, PublicationSituation, number | undefined, string]>([
    ['is now where it is due', situation({ oldestPendingSince: NOW - DAY }), NOW, 'due'],
    [
      'is in the next quiet hours for a revocation',
      situation({ oldestPendingSince: NOW }),
      at('2026-03-02T02:00Z'),
      'due',
    ],
    [
      'is when the spacing ends, where that is later',
      situation({ oldestPendingSince: NOW - 2 * DAY, lastUnplannedImportAt: NOW - HOUR }),
      NOW + 5 * HOUR,
      'due',
    ],
    ['is in quiet hours past half of its life', situation(), at('2026-03-31T08:00Z') + 18 * HOUR, 'refresh'],
    [
      'is an hour after a list that is not seen',
      situation({ attempt: sent(0) }, 31 * DAY),
      NOW + HOUR,
      'refresh',
    ],
    [
      'is an hour after ours, where another was imported over it',
      situation({ exported: 'other' }, 0),
      NOW + HOUR,
      'drift',
    ],
    [
      'is an hour after the last, while the gate is off',
      situation({ isGateOn: false, doHoldsDiffer: true, lastUnplannedImportAt: NOW }),
      NOW + HOUR,
      'gateOff',
    ],
    [
      'is unknown while the endpoint says pending',
      situation({ attempt: sent(0), isAttemptHeld: true }),
      undefined,
      '',
    ],
  ])('%s', (_what, given, expectedAt, reason) => {
    const next = nextPublication(given, DEFAULT_PUBLICATION_POLICY);
    expect(next).toEqual(expectedAt === undefined ? undefined : { at: expectedAt, reason });
  });

  it('is the first minute at which the rule says so, whatever the situation', () => {
    const ago = fc.option(
      fc.integer({ min: 0, max: 30 }).map((hours) => NOW - hours * HOUR),
      { nil: undefined },
    );
    fc.assert(
      fc.property(
        fc.record({
          oldestPendingSince: ago,
          lastUnplannedImportAt: ago,
          isGateOn: fc.boolean(),
          doHoldsDiffer: fc.boolean(),
        }),
        fc.constantFrom<PublicationSituation['exported']>('same', 'other'),
        fc.integer({ min: 0, max: 40 * 24 }),
        (changes, exported, listAgeHours) => {
          const given = situation({ ...changes, exported }, listAgeHours * HOUR);
          const next = nextPublication(given, DEFAULT_PUBLICATION_POLICY);
          const isDue = (time: number): boolean =>
            decidePublication({ ...given, now: time }, DEFAULT_PUBLICATION_POLICY).publish;
          let first = NOW;
          while (!isDue(first)) first += HOUR;
          expect(next?.at).toBe(first);
        },
      ),
      { numRuns: 200 },
    );
  });
});
