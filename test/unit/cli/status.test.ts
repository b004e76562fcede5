import { adviceFor, daysLeftOf, type PortalState } from '../../../cli/commands/status-advice.ts';

const NOW = Date.UTC(2026, 2, 1, 9);
const iso = (days: number): string => new Date(NOW + days * 86_400_000).toISOString();
const ENDPOINT_ID = 'cvpn-endpoint-1';

const crl = {
  crlNumber: 7,
  entries: 3,
  thisUpdate: iso(-10),
  nextUpdate: iso(50),
  importedAt: iso(-10),
  confirmedAt: iso(-10),
  sha256: 'aa',
};
const endpoint = {
  endpointId: ENDPOINT_ID,
  caId: 'ca1',
  gateArn: 'arn:gate',
  gateMode: 'enforce' as const,
  serverCertificateArn: 'arn:certificate',
  pendingRevocations: 0,
  crl,
};
const incident = {
  incidentId: '06bq3v1f5k8m2n4p6r8t0w2y4a',
  kind: 'gateOff' as const,
  state: 'unresolved' as const,
  openedAt: iso(-1),
  words: 'off',
  endpointId: ENDPOINT_ID,
};
const offboarding = {
  offboardingId: 'o1',
  personId: 'p1',
  source: 'hr',
  kind: 'left' as const,
  state: 'open' as const,
  eventId: 'e',
  timeline: [{ step: 'received' as const, at: iso(-2) }],
};
const { crl: _, ...bare } = endpoint;

const well: PortalState = { endpoints: [endpoint], incidents: [], plans: [], openOffboardings: [] };

describe('what to do next', () => {
  it('is nothing where all is well', () => {
    expect(adviceFor(well, NOW)).toEqual([]);
    const fresh = { ...offboarding, timeline: [{ step: 'received' as const, at: iso(-0.1) }] };
    expect(adviceFor({ ...well, openOffboardings: [fresh] }, NOW)).toEqual([]);
  });

  it.each<[string, Partial<PortalState>, RegExp]>([
    ['no list', { endpoints: [bare] }, /publish --endpoint cvpn-endpoint-1 --wait/],
    ['a list near its end', { endpoints: [{ ...endpoint, crl: { ...crl, nextUpdate: iso(13) } }] }, /doctor/],
    ['a gate that is off', { incidents: [incident] }, /gate on/],
    ['a revocation that waits', { endpoints: [{ ...endpoint, oldestPendingSince: iso(-1.1) }] }, /publish/],
    [
      'a list that is nearly full',
      { endpoints: [{ ...endpoint, crl: { ...crl, entries: 17_000 } }] },
      /full/,
    ],
    [
      'a gate that has observed nobody unknown for long enough',
      { endpoints: [{ ...endpoint, gateMode: 'observe', observedSince: iso(-40), lastUnknownAt: iso(-15) }] },
      /nobody unknown .+ gateMode=enforce/,
    ],
    ['an incident', { incidents: [{ ...incident, kind: 'unknownPerson' }] }, /incident 06bq/],
    ['an offboarding that hangs', { openOffboardings: [offboarding] }, /offboarding o1/],
  ])('names %s', (_name, change, expected) => {
    const advice = adviceFor({ ...well, ...change }, NOW);
    expect(advice).toHaveLength(1);
    expect(`${advice[0]?.words ?? ''} ${advice[0]?.command ?? ''}`).toMatch(expected);
  });

  it.each([
    ['observes for a week', { observedSince: iso(-7) }],
    ['saw somebody unknown a week ago', { observedSince: iso(-40), lastUnknownAt: iso(-7) }],
  ])('leaves a gate alone that %s', (_name, seen) => {
    const observing = { ...endpoint, gateMode: 'observe' as const, ...seen };
    expect(adviceFor({ ...well, endpoints: [observing] }, NOW)).toEqual([]);
  });

  it('begins with what stops people connecting or lets leavers in', () => {
    const state = { ...well, incidents: [{ ...incident, kind: 'aliasContested' as const }, incident] };
    expect(adviceFor(state, NOW).map(({ words }) => words.slice(0, 6))).toEqual(['switch', 'decide']);
  });
});

it('a list that ended has no day left', () => {
  expect([daysLeftOf(iso(1.5), NOW), daysLeftOf(iso(0.5), NOW), daysLeftOf(iso(-0.1), NOW)]).toEqual([
    1, 0, -1,
  ]);
});
