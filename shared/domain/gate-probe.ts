import { serialNumberOf, type CertificateId } from './certificate-id.ts';
import type { CertificateRecord } from './certificate-record.ts';
import { commonNameFor } from './common-name.ts';
import type { GatePolicy } from './gate-policy.ts';
import { ADMINISTRATOR, type PersonId } from './identity.ts';
import type { Person } from './person.ts';
import { secondsFrom, type EpochMilliseconds } from './time.ts';

/*
 * What a new gate is tried with before anybody is sent to it: two certificates and two persons that the store knows
 * and that nobody can be. They have no key and no octets, since nothing was ever signed; their ids are taken, so that
 * none can be; they are for an endpoint that EC2 cannot have, so that every real endpoint's question is refused; and
 * they end a quarter of an hour after the trial.
 */

/** EC2's ids are `cvpn-endpoint-` and hex digits. */
export const PROBE_ENDPOINT_ID = 'cvpn-endpoint-gate-probe';

/** Their partition keys stand in the probe's role, word for word. */
export const ADMITTED_CERTIFICATE_ID = '000000GATEPR0BE1' as CertificateId;
export const DENIED_CERTIFICATE_ID = '000000GATEPR0BE2' as CertificateId;
/** Never written. */
const UNKNOWN_CERTIFICATE_ID = '000000GATEPR0BE3' as CertificateId;
export const ADMITTED_PERSON_ID = '0000000000000000gate0pr0be' as PersonId;
export const DENIED_PERSON_ID = '000000000gate0pr0be0den1ed' as PersonId;

const LOGIN = 'gate-probe';
const VALID_SECONDS = 900;

/** A certificate and its owner, as the gate reads them. */
export interface ProbeFixture {
  readonly certificate: CertificateRecord & { readonly issued: NonNullable<CertificateRecord['issued']> };
  readonly person: Person;
}

/** @returns the one who is let in, and one who has left */
export function probeFixtures(now: EpochMilliseconds): { admitted: ProbeFixture; denied: ProbeFixture } {
  const left = {
    source: ADMINISTRATOR,
    kind: 'left' as const,
    eventTime: now,
    offboardingId: 'gate-probe',
  };
  return {
    admitted: fixture(now, ADMITTED_CERTIFICATE_ID, ADMITTED_PERSON_ID, []),
    denied: fixture(now, DENIED_CERTIFICATE_ID, DENIED_PERSON_ID, [left]),
  };
}

function fixture(
  now: EpochMilliseconds,
  certificateId: CertificateId,
  personId: PersonId,
  denials: Person['denials'],
): ProbeFixture {
  const at = secondsFrom(now);
  const nothing = new Uint8Array();
  return {
    certificate: {
      certificateId,
      serialNumber: serialNumberOf(certificateId),
      personId,
      caId: 'none',
      endpointIds: [PROBE_ENDPOINT_ID],
      commonName: commonNameFor(certificateId, LOGIN),
      deviceName: 'none: the gate is tried with it',
      publicKeySha256Hex: '',
      notBefore: at,
      notAfter: at + VALID_SECONDS,
      renewableFrom: at + VALID_SECONDS,
      reservedAt: at,
      tbsCertificateDer: nothing,
      issued: { issuedAt: at, certificateDer: nothing, fingerprintSha256Hex: '' },
    },
    person: {
      personId,
      issuer: 'none',
      subject: personId,
      // Whichever kind of name people sign in with, this is it.
      login: LOGIN,
      email: LOGIN,
      aliases: [{ kind: 'employeeNumber', value: LOGIN }],
      denials,
      enrolments: 0,
      createdAt: now,
    },
  };
}

/** One question to the gate, and what it must say. */
export interface GateProbe {
  readonly name:
    'letsIn' | 'keepsOutWhoLeft' | 'keepsOutUnknown' | 'keepsOutAtAnotherEndpoint' | 'keepsOutAnotherSignIn';
  readonly event: Readonly<Record<string, string>>;
  readonly allow: boolean;
}

const ELSEWHERE = 'cvpn-endpoint-gate-probe-elsewhere';

/** What a gate of this policy must answer; one that observes lets in whom it does not know. */
export function gateProbesFor({ mode, signIn }: GatePolicy): readonly GateProbe[] {
  const observes = mode === 'observe';
  const username = signIn === undefined ? '' : LOGIN;
  const asked = (certificateId: CertificateId, changes: Readonly<Record<string, string>> = {}) => ({
    ...connectEvent(certificateId),
    username,
    ...changes,
  });
  const another = asked(ADMITTED_CERTIFICATE_ID, { username: `not-${LOGIN}` });
  return [
    { name: 'letsIn', event: asked(ADMITTED_CERTIFICATE_ID), allow: true },
    { name: 'keepsOutWhoLeft', event: asked(DENIED_CERTIFICATE_ID), allow: false },
    { name: 'keepsOutUnknown', event: asked(UNKNOWN_CERTIFICATE_ID), allow: observes },
    {
      name: 'keepsOutAtAnotherEndpoint',
      event: asked(ADMITTED_CERTIFICATE_ID, { 'endpoint-id': ELSEWHERE }),
      allow: false,
    },
    ...(signIn === undefined
      ? []
      : [{ name: 'keepsOutAnotherSignIn' as const, event: another, allow: observes }]),
  ];
}

/** As an endpoint asks: AWS Client VPN administrator guide, "Connection authorization", schema v2. */
function connectEvent(certificateId: CertificateId): Record<string, string> {
  return {
    'connection-id': 'cvpn-connection-gate-probe',
    'endpoint-id': PROBE_ENDPOINT_ID,
    'common-name': commonNameFor(certificateId, LOGIN),
    username: '',
    platform: '',
    'platform-version': '',
    'public-ip': '192.0.2.1',
    'client-openvpn-version': '',
    groups: '',
    'schema-version': 'v2',
  };
}

const WORDS_LIMIT = 255;
const STATUSES_LIMIT = 10;

/**
 * What is wrong with an answer, or undefined. An endpoint denies whatever is not exactly of this shape, so a gate that
 * answers otherwise keeps everybody out.
 */
export function probeFault({ allow }: GateProbe, answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null) return 'it answered nothing';
  const got = answer as Readonly<Record<string, unknown>>;
  const words = got['error-msg-on-denied-connection'];
  const statuses = got['posture-compliance-statuses'];
  if (got['schema-version'] !== 'v2') return 'its answer is not of schema v2';
  if (typeof got['allow'] !== 'boolean') return 'its answer neither allows nor denies';
  if (typeof words !== 'string' || words.length > WORDS_LIMIT)
    return 'the words of its answer cannot be shown';
  if (!Array.isArray(statuses) || statuses.length > STATUSES_LIMIT)
    return 'its answer has no list of statuses';
  if (got['allow'] !== allow)
    return allow ? 'it keeps out whom it must let in' : 'it lets in whom it must keep out';
  return undefined;
}
