import { examine } from '../../../shared/domain/doctor/examine.ts';
import type {
  EndpointFacts,
  EndpointSettingsFacts,
  HeldListFacts,
  PortalFacts,
} from '../../../shared/domain/doctor/facts.ts';
import { heldListFactsFrom } from '../../../shared/domain/doctor/held-list.ts';
import type { Endpoint } from '../../../shared/domain/endpoint.ts';
import type { PersonId, SourceId } from '../../../shared/domain/identity.ts';
import type { Incident } from '../../../shared/domain/incident.ts';
import type { OffboardingRecord } from '../../../shared/domain/offboarding.ts';
import { DAY, NOW, revokedCertificates, serialNumberFrom, testCa } from '../x509/fixtures.ts';
import {
  CA,
  CA_FACTS,
  ENDPOINT,
  GATE_ARN,
  heldList,
  LIST,
  listPem,
  PORTAL,
  REGISTERED,
  SERVER,
  SETTINGS,
  sha256Hex,
  UNKNOWN_WORDS,
} from './healthy-portal.ts';

const HOUR = 3_600_000;
const OTHER_CA = testCa('other');

const portal = (changes: Partial<PortalFacts>): PortalFacts => ({ ...PORTAL, ...changes });
const endpoint = (changes: Partial<EndpointFacts>): PortalFacts =>
  portal({ endpoints: [{ ...ENDPOINT, ...changes }] });
const settings = (changes: Partial<EndpointSettingsFacts>): PortalFacts =>
  endpoint({ settings: { value: { ...SETTINGS, ...changes } } });
const registration = (changes: Partial<Endpoint>): PortalFacts =>
  endpoint({ registration: { value: { ...REGISTERED, ...changes } } });
const list = (value: ReturnType<typeof heldList>): PortalFacts =>
  endpoint({
    heldList: { value },
    registration: {
      value: {
        ...REGISTERED,
        crl: { ...REGISTERED.crl, sha256Hex: value.sha256Hex } as NonNullable<Endpoint['crl']>,
      },
    },
  });
const server = (changes: Partial<typeof SERVER>): PortalFacts => {
  const value = { certificate: { ...SERVER, ...changes }, chain: [CA_FACTS] };
  return endpoint({ serverCertificate: { value } });
};
const root = (...chain: (typeof CA_FACTS)[]): PortalFacts =>
  endpoint({ clientRoot: { value: { certificate: SERVER, chain } } });
const gateAnswer = (words: string, isAllowed?: boolean, milliseconds = 10): PortalFacts =>
  endpoint({
    gateAnswer: { value: { words, milliseconds, ...(isAllowed === undefined ? {} : { isAllowed }) } },
  });
const key = (state: string): PortalFacts =>
  endpoint({ key: { value: { state, spec: 'RSA_2048', usage: 'SIGN_VERIFY', deletionAt: NOW * 1000 } } });
const alarm = (state: string, hasActions = true): PortalFacts =>
  portal({
    alarms: {
      value: PORTAL.alarmNames.map((name) => ({
        name,
        state,
        hasActions,
        description: `what ${name} means`,
      })),
    },
  });
const record = (changes: Partial<OffboardingRecord>): PortalFacts =>
  portal({
    offboardings: {
      value: [
        {
          offboardingId: '20260918T100000-abc',
          personId: 'abcdefghjkmnpqrstvwxyz0123' as PersonId,
          source: 'hr' as SourceId,
          eventId: 'evt-1',
          eventTime: NOW * 1000 - HOUR,
          kind: 'left',
          receivedAt: NOW * 1000 - HOUR,
          deniedAt: NOW * 1000 - HOUR,
          cutAt: {},
          terminated: [],
          publishedAt: {},
          ...changes,
        },
      ],
    },
  });

const coverage = (lacking: readonly string[], isPart = false): PortalFacts =>
  portal({
    aliasCoverage: {
      value: {
        sources: [
          { source: 'hr' as SourceId, aliasKind: 'email' },
          { source: 'gusto' as SourceId, aliasKind: 'employeeNumber' },
        ],
        holders: 1_000,
        isPart,
        lacking: new Map([['employeeNumber', lacking as PersonId[]]]),
      },
    },
  });

const otherFacts = { ...CA_FACTS, commonName: 'Other CA', sha256Hex: sha256Hex('other') };
/** As if so many were on it. */
const filledList = (entries: number): HeldListFacts => {
  const serialNumbers = new Set(Array.from({ length: entries }, (_, index) => serialNumberFrom(index)));
  for (const { serialNumber } of ENDPOINT.rows?.value ?? []) serialNumbers.add(serialNumber);
  return { ...LIST, content: { ...(LIST.content as NonNullable<HeldListFacts['content']>), serialNumbers } };
};

/** Each thing broken once: what it is, what was seen, and the finding that must come of it. */
const BROKEN: readonly (readonly [string, PortalFacts, code: string, severity: string, impact: string])[] = [
  [
    'an endpoint that is gone',
    endpoint({ settings: { value: undefined } }),
    'endpointMissing',
    'broken',
    'connect',
  ],
  [
    'an endpoint without a subnet',
    settings({ status: 'pending-associate' }),
    'endpointNotAssociated',
    'broken',
    'connect',
  ],
  [
    'an endpoint that is being deleted',
    settings({ status: 'deleting' }),
    'endpointNotAvailable',
    'broken',
    'connect',
  ],
  ['no endpoint at all', portal({ endpoints: [] }), 'noEndpoint', 'broken', 'connect'],
  [
    'an endpoint that asks a directory only',
    settings({ authentication: [{ type: 'directory-service-authentication' }] }),
    'authenticationNotMutual',
    'broken',
    'connect',
  ],
  [
    'sessions that renew themselves',
    settings({ endsOnSessionTimeout: false }),
    'sessionRenewsItself',
    'warning',
    'keepOut',
  ],
  ['sessions of a day', settings({ sessionTimeoutHours: 24 }), 'sessionLong', 'warning', 'keepOut'],
  ['no connection log', settings({ hasConnectionLog: false }), 'connectionLogOff', 'warning', 'notice'],
  [
    'an endpoint that nobody registered',
    endpoint({ registration: { value: undefined } }),
    'endpointNotRegistered',
    'warning',
    'keepOut',
  ],

  [
    'no server certificate in ACM',
    endpoint({ serverCertificate: { value: undefined } }),
    'serverCertificateMissing',
    'broken',
    'connect',
  ],
  [
    'a server certificate that ended',
    server({ notAfter: NOW - 1 }),
    'serverCertificateEnded',
    'broken',
    'connect',
  ],
  [
    'a server certificate of tomorrow',
    server({ notBefore: NOW + DAY }),
    'serverCertificateEnded',
    'broken',
    'connect',
  ],
  [
    'a server certificate near its end',
    server({ notAfter: NOW + 59 * DAY }),
    'serverCertificateEnds',
    'warning',
    'connect',
  ],
  [
    'a server certificate without a domain',
    server({ commonName: 'server', dnsNames: ['server'] }),
    'serverCertificateNoName',
    'broken',
    'connect',
  ],
  [
    'a server certificate with an EC key',
    server({ key: 'EC-prime256v1' }),
    'serverCertificateKeyUnfit',
    'broken',
    'connect',
  ],
  [
    'a server certificate with a long key',
    server({ key: 'RSA-4096' }),
    'serverCertificateKeyUnfit',
    'broken',
    'connect',
  ],
  [
    'a server certificate with a short key',
    server({ key: 'RSA-1024' }),
    'serverCertificateKeyUnfit',
    'warning',
    'connect',
  ],
  [
    'no client CA in ACM',
    endpoint({ clientRoot: { value: undefined } }),
    'clientCaMissing',
    'broken',
    'connect',
  ],
  ['another CA for clients', root(otherFacts), 'clientCaDiffers', 'broken', 'connect'],
  ['another CA for clients beside ours', root(CA_FACTS, otherFacts), 'clientCaOthers', 'warning', 'keepOut'],
  [
    'a CA in its last year',
    { ...PORTAL, now: (CA.facts.notAfter - 364 * DAY) * 1000 },
    'caEnds',
    'warning',
    'keepRunning',
  ],
  ['a CA that ended', { ...PORTAL, now: (CA.facts.notAfter + DAY) * 1000 }, 'caEnded', 'broken', 'connect'],

  ['no list', endpoint({ heldList: { value: undefined } }), 'crlMissing', 'broken', 'keepOut'],
  [
    'a list that cannot be read',
    endpoint({ heldList: { value: heldListFactsFrom({ crlPem: 'nonsense', status: 'active' }, CA.facts) } }),
    'crlUnreadable',
    'broken',
    'connect',
  ],
  ['a list of another key under our name', list(heldList({}, OTHER_CA)), 'crlForeign', 'broken', 'keepOut'],
  [
    'a list that ended',
    list(heldList({ thisUpdate: NOW - 60 * DAY, nextUpdate: NOW - 1 })),
    'crlExpired',
    'broken',
    'connect',
  ],
  ['a list of tomorrow', list(heldList({ thisUpdate: NOW + 300 })), 'crlNotYetValid', 'broken', 'connect'],
  [
    'a list in its last third',
    list(heldList({ thisUpdate: NOW - 41 * DAY, nextUpdate: NOW + 19 * DAY })),
    'crlEnds',
    'warning',
    'connect',
  ],
  [
    'a list that nobody recorded',
    endpoint({ heldList: { value: heldList({ crlNumber: 6 }) } }),
    'crlDrift',
    'broken',
    'keepOut',
  ],
  [
    'entries that nobody asked for',
    endpoint({ heldList: { value: heldList({}, CA, revokedCertificates(4)) } }),
    'crlUnknownEntries',
    'warning',
    'connect',
  ],
  [
    'a revoked certificate that is not listed',
    list(heldList({}, CA, revokedCertificates(2))),
    'crlIncomplete',
    'broken',
    'keepOut',
  ],
  ['a list of 70 %', list(filledList(14_000)), 'crlFilling', 'warning', 'keepRunning'],
  ['a list of 95 %', list(filledList(19_000)), 'crlFull', 'broken', 'keepRunning'],

  ['a gate that is off', settings({ connectHandler: { isEnabled: false } }), 'gateOff', 'broken', 'keepOut'],
  [
    'another gate',
    settings({ connectHandler: { isEnabled: true, functionArn: `${GATE_ARN}2` } }),
    'gateOther',
    'broken',
    'keepOut',
  ],
  [
    'a gate that Lambda does not know',
    endpoint({ gate: { value: undefined } }),
    'gateMissing',
    'broken',
    'connect',
  ],
  [
    'a gate that failed to start',
    endpoint({ gate: { value: { name: 'gate', state: 'Failed' } } }),
    'gateNotActive',
    'broken',
    'connect',
  ],
  [
    'a gate whose update failed',
    endpoint({ gate: { value: { name: 'gate', state: 'Active', lastUpdateStatus: 'Failed' } } }),
    'gateUpdateFailed',
    'warning',
    'keepRunning',
  ],
  [
    'a gate that may not run',
    endpoint({ gateReservedConcurrency: { value: 0 } }),
    'gateThrottled',
    'broken',
    'connect',
  ],
  [
    'a gate without a place of its own',
    endpoint({ gateReservedConcurrency: { value: undefined } }),
    'gateNotReserved',
    'warning',
    'keepRunning',
  ],
  ['a gate that lets everybody in', gateAnswer('', true), 'gateAllowsUnknown', 'broken', 'keepOut'],
  [
    'a gate that cannot reach the table',
    gateAnswer('Try again in a minute.', false),
    'gateCannotDecide',
    'broken',
    'connect',
  ],
  ['a gate that throws', gateAnswer('it failed (Unhandled)'), 'gateFails', 'broken', 'connect'],
  [
    'a gate that nobody finds',
    endpoint({ gateAnswer: { value: undefined } }),
    'gateMissing',
    'broken',
    'connect',
  ],
  ['a gate that takes its time', gateAnswer(UNKNOWN_WORDS, false, 2_500), 'gateSlow', 'warning', 'connect'],

  ['a key that is off', key('Disabled'), 'caKeyDisabled', 'broken', 'keepRunning'],
  ['a key that is being deleted', key('PendingDeletion'), 'caKeyPendingDeletion', 'broken', 'keepRunning'],
  ['no key', endpoint({ key: { value: undefined } }), 'caKeyMissing', 'broken', 'keepRunning'],
  [
    'a key of another kind',
    endpoint({ key: { value: { state: 'Enabled', spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' } } }),
    'caKeyUnfit',
    'broken',
    'keepRunning',
  ],
  [
    "a key that is not the certificate's",
    endpoint({ keyPublicSha256Hex: { value: sha256Hex('other') } }),
    'caKeyDiffers',
    'broken',
    'keepRunning',
  ],

  [
    'a publication that nobody answers',
    registration({ publicationRequest: { requestedAt: NOW * 1000 - HOUR, by: 'adam' } }),
    'publicationUnanswered',
    'broken',
    'keepOut',
  ],
  [
    'a list that was sent and never seen',
    registration({ importAttempt: { crlNumber: 8, sha256Hex: 'x', at: NOW * 1000 - 6 * HOUR } }),
    'importNotConfirmed',
    'broken',
    'keepOut',
  ],
  [
    'a lease that nobody gave back',
    endpoint({ lease: { value: { until: NOW * 1000 - HOUR } } }),
    'leaseStale',
    'warning',
    'keepRunning',
  ],
  [
    'revocations that wait too long',
    endpoint({ pending: { value: [{ serialNumber: serialNumberFrom(9), since: NOW * 1000 - 32 * HOUR }] } }),
    'revocationsOverdue',
    'broken',
    'keepOut',
  ],
  ['a leaver whom nobody cuts', record({}), 'leaversStuck', 'broken', 'keepOut'],
  [
    'a reinstatement that nobody carries out',
    record({ liftedAt: NOW * 1000 - HOUR }),
    'leaversStuck',
    'broken',
    'keepOut',
  ],
  [
    'an open incident',
    portal({ incidents: { value: [{ kind: 'gateOff', openedAt: NOW * 1000 } as Incident] } }),
    'incidentsOpen',
    'warning',
    'keepOut',
  ],

  ['no table', portal({ table: { value: undefined } }), 'tableMissing', 'broken', 'connect'],
  [
    'a table in its making',
    portal({ table: { value: { name: 't', status: 'CREATING', isDeletionProtected: true } } }),
    'tableMissing',
    'broken',
    'connect',
  ],
  [
    'a table that anybody can delete',
    portal({ table: { value: { name: 't', status: 'ACTIVE', isDeletionProtected: false } } }),
    'tableUnprotected',
    'warning',
    'keepRunning',
  ],
  [
    'a table without recovery',
    portal({ hasPointInTimeRecovery: { value: false } }),
    'tableNotRecoverable',
    'warning',
    'keepRunning',
  ],
  [
    'a source that cannot name everybody',
    coverage(['abcdefghjkmnpqrstvwxyz0123']),
    'sourceCannotName',
    'warning',
    'keepOut',
  ],
  [
    'no secret',
    portal({ secrets: [{ name: 'hr', use: 'events', facts: { value: undefined } }] }),
    'secretMissing',
    'broken',
    'keepOut',
  ],
  [
    'an empty secret',
    portal({
      secrets: [{ name: 'hr', use: 'events', facts: { value: { hasValue: false, isBeingDeleted: false } } }],
    }),
    'secretEmpty',
    'broken',
    'keepOut',
  ],
  ...(['lookups', 'directory'] as const).map((use): (typeof BROKEN)[number] => [
    `an empty secret for ${use}`,
    portal({ secrets: [{ name: 'x', use, facts: { value: { hasValue: false, isBeingDeleted: false } } }] }),
    'secretEmpty',
    'broken',
    'keepOut',
  ]),
  [
    'a secret that is being deleted',
    portal({
      secrets: [{ name: 'hr', use: 'events', facts: { value: { hasValue: true, isBeingDeleted: true } } }],
    }),
    'secretBeingDeleted',
    'broken',
    'keepOut',
  ],
  [
    'an account of 10 functions',
    portal({ concurrencyLimit: { value: 10 } }),
    'accountConcurrencyLow',
    'warning',
    'keepRunning',
  ],
  ['no stack', portal({ stack: { value: undefined } }), 'stackMissing', 'broken', 'connect'],
  [
    'a stack that was rolled back',
    portal({ stack: { value: { name: 's', status: 'UPDATE_ROLLBACK_FAILED' } } }),
    'stackNotWhole',
    'warning',
    'keepRunning',
  ],

  ['an alarm that rings', alarm('ALARM'), 'alarmRings', 'warning', 'notice'],
  ['alarms that were silenced', alarm('OK', false), 'alarmsSilenced', 'warning', 'notice'],
  ['alarms that are gone', portal({ alarms: { value: [] } }), 'alarmsMissing', 'warning', 'notice'],
  [
    'a letter that nobody confirmed',
    portal({ confirmedSubscriptions: { value: { confirmed: 0, unconfirmed: 1 } } }),
    'alarmsUnheard',
    'warning',
    'notice',
  ],
  [
    'a letter to holders that nobody confirmed',
    portal({ holdersSubscriptions: { value: { confirmed: 0, unconfirmed: 1 } } }),
    'holdersUnheard',
    'warning',
    'notice',
  ],
  [
    'work that was given up',
    portal({
      deadLetters: [{ value: { queueArn: 'arn:aws:sqs:eu-west-1:1:connections-dead.fifo', messages: 2 } }],
    }),
    'deadLetters',
    'warning',
    'keepOut',
  ],
  [
    'a table that was restored',
    portal({ journal: { value: { tableSequence: 7, isTableBehind: true } } }),
    'tableBehindJournal',
    'broken',
    'keepOut',
  ],
  [
    'a journal that did not come',
    portal({
      journal: { value: { tableSequence: 7, isTableBehind: false, waitingSince: NOW * 1000 - HOUR } },
    }),
    'journalBehindTable',
    'warning',
    'keepRunning',
  ],
  [
    'no authorization rule',
    endpoint({ networks: { value: { authorizedCidrs: [], routedCidrs: ['10.0.0.0/16'] } } }),
    'nothingAuthorized',
    'broken',
    'connect',
  ],
  [
    'a network to which nobody may go',
    endpoint({
      networks: { value: { authorizedCidrs: ['10.0.1.0/24'], routedCidrs: ['10.0.0.0/16', '10.1.0.0/16'] } },
    }),
    'networkNotAuthorized',
    'warning',
    'connect',
  ],
  [
    'a sign-in that nobody compares',
    settings({ authentication: [...SETTINGS.authentication, { type: 'federated-authentication' }] }),
    'signInNotCompared',
    'warning',
    'keepOut',
  ],
  [
    'a sign-in that the endpoint does not have',
    registration({ gatePolicy: { mode: 'enforce', signIn: { nameKind: 'login', domains: [] } } }),
    'signInMissing',
    'broken',
    'connect',
  ],
  [
    'a gate that has had nothing to observe',
    registration({ gatePolicy: { mode: 'observe' }, observation: { since: (NOW - 15 * DAY) * 1000 } }),
    'gateObservesStill',
    'warning',
    'keepOut',
  ],
  ['a clock that is a minute off', portal({ clockAheadMilliseconds: 61_000 }), 'clockOff', 'warning', 'look'],
  ['a clock that is far off', portal({ clockAheadMilliseconds: -301_000 }), 'clockWrong', 'broken', 'look'],
];

describe('the doctor', () => {
  it('does not call a gate broken that observes and lets in whom it does not know', () => {
    const gatePolicy = { mode: 'observe' } as const;
    const findings = examine(
      endpoint({
        registration: { value: { ...REGISTERED, gatePolicy, observation: { since: NOW * 1000 } } },
        gateAnswer: { value: { words: '', milliseconds: 10, isAllowed: true } },
      }),
    );
    expect(findings.filter(({ severity }) => severity !== 'well')).toMatchObject([
      { code: 'endpointShape' },
      { code: 'gateObserves', severity: 'info', why: expect.stringContaining('on purpose') as string },
    ]);
  });

  it('has nothing to say of a portal that is well', () => {
    const troubles = examine(PORTAL).filter(({ severity }) => severity !== 'well');
    expect(troubles.map(({ code }) => code)).toEqual(['endpointShape']);
  });

  it.each(BROKEN)('finds %s', (_what, facts, code, severity, impact) => {
    const found = examine(facts).find((finding) => finding.code === code);
    expect(found).toMatchObject({ severity, impact, why: expect.stringMatching(/\w/) as string });
    expect(found?.cure?.words).toMatch(/\w/);
  });

  it('says nothing of what nobody could look at', () => {
    const dark = { settings: undefined, registration: undefined, heldList: undefined, authority: undefined };
    const findings = examine(endpoint({ ...dark, rows: undefined, pending: undefined, lease: undefined }));
    const codes = findings.filter(({ severity }) => severity !== 'well').map(({ code }) => code);
    expect(codes).toEqual([]);
  });

  it('puts first what keeps people from connecting, and the gravest of each', () => {
    const findings = examine({
      ...server({ notAfter: NOW + 20 * DAY }),
      table: { value: undefined },
      secrets: [{ name: 'hr', use: 'events', facts: { value: undefined } }],
      concurrencyLimit: { value: 10 },
    });
    const troubles = findings.filter(({ severity }) => severity === 'broken' || severity === 'warning');
    expect(troubles.map(({ code }) => code)).toEqual([
      'tableMissing',
      'serverCertificateEnds',
      'secretMissing',
      'accountConcurrencyLow',
    ]);
  });

  it('says of each source how many it can name, and rounds nobody away', () => {
    const people = ['person-1', 'person-2', 'person-3', 'person-4'];
    const findings = examine(coverage(people, true)).filter(({ code }) => /^source.*Name/.test(code));
    expect(findings.map(({ code, seen }) => [code, seen])).toEqual([
      [
        'sourceCannotName',
        'the source gusto can name 996 of the first 1000 holders by employeeNumber (99 %); not person-1, person-2, person-3, …',
      ],
      ['sourceNamesHolders', 'the source hr can name each of the first 1000 holders by email'],
    ]);
    expect(findings[0]?.people).toEqual(people);
    expect(findings[0]?.cure?.words).toContain('claimEmployeeNumber');
  });

  it('says of revocations that wait that they wait, and does not miss them on the list', () => {
    const waiting = serialNumberFrom(9);
    const findings = examine(
      endpoint({
        rows: {
          value: [
            ...(ENDPOINT.rows?.value ?? []),
            {
              serialNumber: waiting,
              notAfter: NOW + DAY,
              revocationDate: NOW,
              reason: 'superseded',
              crlNumber: 7,
            },
          ],
        },
        pending: { value: [{ serialNumber: waiting, since: NOW * 1000 - HOUR }] },
      }),
    );
    expect(findings.filter(({ severity }) => severity === 'broken')).toEqual([]);
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'revocationsWaiting', severity: 'info' }),
    );
  });

  it('takes a list that was sent and not confirmed for ours', () => {
    const sent = heldList({ crlNumber: 8 });
    const importAttempt = { crlNumber: 8, sha256Hex: sent.sha256Hex, at: NOW * 1000 };
    const findings = examine(
      endpoint({ heldList: { value: sent }, registration: { value: { ...REGISTERED, importAttempt } } }),
    );
    expect(findings.filter(({ severity }) => severity === 'broken')).toEqual([]);
    expect(findings.map(({ code }) => code)).toContain('crlNotConfirmed');
  });

  it.each([
    ['issuer', 'keepOut', { issuer: { ...CA.facts, subjectNameDer: OTHER_CA.certificateDer.slice(0, 0) } }],
    [
      'signature',
      'connect',
      { issuer: { ...CA.facts, subjectPublicKeyInfoDer: OTHER_CA.facts.subjectPublicKeyInfoDer } },
    ],
  ])('knows what a list with another %s does', (fault, impact, { issuer }) => {
    const value = heldListFactsFrom({ crlPem: listPem(), status: 'active' }, issuer);
    expect(value.content?.fault).toBe(fault);
    const found = examine(endpoint({ heldList: { value } })).find(({ code }) => code === 'crlForeign');
    expect(found).toMatchObject({ severity: 'broken', impact });
  });
});
