import { reportOf, spreadOf } from '../../../cli/report/figures.ts';
import { reportPage } from '../../../cli/report/page.ts';
import { REPORT_COLUMNS, rowsOf } from '../../../cli/report/rows.ts';
import { csvWriter } from '../../../cli/export/writer.ts';
import type { ExportedOffboarding } from '../../../cli/export/columns.ts';

const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 2) + seconds * 1000).toISOString();

const offboarding = (
  state: ExportedOffboarding['state'],
  ...timeline: ExportedOffboarding['timeline']
): ExportedOffboarding => ({
  offboardingId: 'o1',
  personId: 'p1',
  source: 'hr',
  kind: 'left',
  state,
  eventId: 'e1',
  timeline: [{ step: 'event', at: at(-60) }, { step: 'received', at: at(0) }, ...timeline],
});

const facts = { month: '2026-11', madeAt: at(99_999), unresolved: [], breakGlass: ['p9'], unreadable: [] };

describe('the report of a month', () => {
  it('measures each step from when the event was received, until it was done at every endpoint', () => {
    const made = reportOf({
      ...facts,
      offboardings: [
        offboarding(
          'done',
          { step: 'denied', at: at(0.02) },
          { step: 'terminated', at: at(1), endpointId: 'a', connectionId: 'c' },
          { step: 'cut', at: at(6), endpointId: 'a' },
          { step: 'cut', at: at(8), endpointId: 'b' },
          { step: 'published', at: at(3_600), endpointId: 'a', crlNumber: 2 },
        ),
        offboarding('open', { step: 'denied', at: at(0.04) }),
        offboarding('stale'),
      ],
    });
    expect(made.leavers[0]?.after).toEqual({ denied: 20, cut: 8_000, published: 3_600_000 });
    expect(made.spreads).toEqual({
      denied: { count: 2, p50: 20, p95: 40, max: 40 },
      cut: { count: 1, p50: 8_000, p95: 8_000, max: 8_000 },
      published: { count: 1, p50: 3_600_000, p95: 3_600_000, max: 3_600_000 },
    });
    expect(made.states).toEqual({ done: 1, open: 1, stale: 1 });
  });

  it.each([
    [[7], { count: 1, p50: 7, p95: 7, max: 7 }],
    [Array.from({ length: 100 }, (_, n) => 100 - n), { count: 100, p50: 50, p95: 95, max: 100 }],
    [[3, 1, 2], { count: 3, p50: 2, p95: 3, max: 3 }],
  ])('takes percentiles that were measured', (values, spread) => expect(spreadOf(values)).toEqual(spread));

  it('is a page of its own, with the break-glass list, in which nothing is markup that somebody sent', () => {
    const record = { ...offboarding('done'), source: '<img src=x onerror=alert(1)>' };
    const page = reportPage(reportOf({ ...facts, offboardings: [record], unreadable: ['o2'] }));
    expect(page).toContain('&lt;img src=x');
    expect(page).not.toMatch(/<img|<script|https?:/);
    expect(page).toContain('p9');
    expect(page).toContain('o2');
  });

  it('shows events that nobody could tie to a person as unresolved, and counts them among none that are done', () => {
    const unresolved = [{ incidentId: 'i7', source: 'hr', kind: 'left', openedAt: at(0) }];
    const made = reportOf({ ...facts, offboardings: [offboarding('done')], unresolved });
    expect([made.states, made.unresolved]).toEqual([{ done: 1 }, unresolved]);
    expect(reportPage(made)).toMatch(/unresolved<\/td><td>i7/);
  });

  it('shows who is held for an open incident as unresolved and never as done: in JSON, CSV and page', () => {
    const unresolved = [{ incidentId: 'i7', source: 'hr', kind: 'left', openedAt: at(0) }];
    const held = { ...offboarding('unresolved'), source: 'i-i7', kind: 'review' as const };
    const made = reportOf({ ...facts, offboardings: [held], unresolved });
    expect(made.states).toEqual({ unresolved: 1 });
    expect(made.leavers).toMatchObject([{ state: 'unresolved', incidentId: 'i7' }]);
    let csv = '';
    const writer = csvWriter({ write: (text) => void (csv += text) }, REPORT_COLUMNS);
    for (const row of rowsOf(made)) writer.write(row);
    writer.end();
    const rows = csv.split('\r\n').map((line) => line.split(','));
    const column = (name: string): (string | undefined)[] =>
      rows.slice(1, -1).map((row) => row[rows[0]?.indexOf(name) ?? -1]);
    expect(column('offboardingId')).toEqual(['o1', '']);
    expect(column('state')).toEqual(['unresolved', 'unresolved']);
    expect(column('unresolvedIncidentId')).toEqual(['i7', 'i7']);
    expect(reportPage(made).match(/<td>(unresolved|done)<\/td>/g)).toEqual(
      Array(2).fill('<td>unresolved</td>'),
    );
  });

  it('says that nobody is on the list, and that nothing was measured', () => {
    const made = reportOf({ ...facts, breakGlass: [], offboardings: [] });
    expect(made.spreads).toEqual({});
    expect(reportPage(made)).toContain('Nobody is on the break-glass list');
  });
});
