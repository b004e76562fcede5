import { certificateIdFrom, serialNumberOf, type SerialNumber } from '../../shared/domain/certificate-id.ts';
import type { CertificateRecord } from '../../shared/domain/certificate-record.ts';
import { datedIdFrom } from '../../shared/domain/dated-id.ts';
import { aliasFrom, personIdFrom } from '../../shared/domain/identity.ts';
import type { Alias, PersonId, SourceId } from '../../shared/domain/identity.ts';
import type { Incident } from '../../shared/domain/incident.ts';
import type { OffboardingRecord } from '../../shared/domain/offboarding.ts';
import type { Person } from '../../shared/domain/person.ts';
import type { EpochMilliseconds, EpochSeconds } from '../../shared/domain/time.ts';
import type { RevocationRow } from '../../shared/domain/crl-facts.ts';
import type { EventIdentity } from '../../shared/ports/offboarding-store.ts';
import type { PersonRegistration } from '../../shared/ports/person-store.ts';
import type { Stores } from './stores.ts';

/** 2026-03-01T09:00:00Z, in milliseconds and in seconds. */
export const NOW_MILLISECONDS = Date.UTC(2026, 2, 1, 9);
export const NOW = NOW_MILLISECONDS / 1000;

export const HR = 'hr' as SourceId;
export const SCIM = 'scim' as SourceId;
export const CA_ID = 'ca-1';
export const ENDPOINT_ID = 'cvpn-endpoint-0123456789abcdef0';
export const OTHER_ENDPOINT_ID = 'cvpn-endpoint-0fedcba9876543210';

let counter = 0;
/** Octets that are never the same twice in a process. */
export const freshOctets = (count: number): Uint8Array => {
  counter += 1;
  const octets = Buffer.alloc(count, 0x5a);
  octets.writeUInt32BE(counter, count - 4);
  return octets;
};
export const freshHex = (): string => Buffer.from(freshOctets(32)).toString('hex');
export const freshId = (at: EpochMilliseconds = NOW_MILLISECONDS): string => datedIdFrom(at, freshOctets(10));

export function emailAlias(email: string): Alias {
  const alias = aliasFrom('email', email);
  if (alias === undefined) throw new Error(`no alias: ${email}`);
  return alias;
}

export const registrationOf = (
  login: string,
  changes: Partial<PersonRegistration> = {},
): PersonRegistration => ({
  personId: personIdFrom('https://id.example', login),
  issuer: 'https://id.example',
  subject: login,
  login,
  email: `${login}@example.com`,
  aliases: [emailAlias(`${login}@example.com`)],
  at: NOW_MILLISECONDS,
  ...changes,
});

export const registered = async (stores: Pick<Stores, 'people'>, login: string): Promise<Person> =>
  (await stores.people.register(registrationOf(login))).person;

/** A record to reserve, as large as real ones are. */
export function reservationOf(
  personId: PersonId,
  changes: Partial<CertificateRecord> = {},
): CertificateRecord {
  const certificateId = certificateIdFrom(freshOctets(10));
  return {
    certificateId,
    serialNumber: serialNumberOf(certificateId),
    personId,
    caId: CA_ID,
    endpointIds: [ENDPOINT_ID, OTHER_ENDPOINT_ID],
    commonName: `${certificateId}.alice`,
    deviceName: 'laptop',
    publicKeySha256Hex: freshHex(),
    notBefore: NOW - 300,
    notAfter: NOW + 180 * 86_400,
    renewableFrom: NOW + 120 * 86_400,
    reservedAt: NOW,
    tbsCertificateDer: new Uint8Array(900).fill(7),
    ...changes,
  };
}

export const issuedFrom = (_record: CertificateRecord): NonNullable<CertificateRecord['issued']> => ({
  issuedAt: NOW + 1,
  certificateDer: new Uint8Array(1_200).fill(9),
  fingerprintSha256Hex: freshHex(),
});

/** Reserves; the enrolments seen are those that are there. */
export async function reserved(
  stores: Pick<Stores, 'people' | 'certificates'>,
  personId: PersonId,
  changes: Partial<CertificateRecord> = {},
): Promise<CertificateRecord> {
  const record = reservationOf(personId, changes);
  const person = await stores.people.find(personId);
  const outcome = await stores.certificates.reserve(record, { enrolmentsSeen: person?.enrolments ?? -1 });
  if (outcome !== 'reserved') throw new Error(`not reserved: ${outcome}`);
  return record;
}

export async function issued(
  stores: Pick<Stores, 'people' | 'certificates'>,
  personId: PersonId,
  changes: Partial<CertificateRecord> = {},
): Promise<CertificateRecord> {
  const record = await reserved(stores, personId, changes);
  const part = issuedFrom(record);
  const outcome = await stores.certificates.markIssued(record, part);
  if (outcome !== 'issued') throw new Error(`not issued: ${outcome}`);
  return { ...record, issued: part };
}

export function eventOf(source: SourceId = HR): EventIdentity {
  const eventId = freshId();
  return { source, eventId, bodySha256Hex: freshHex() };
}

export function offboardingOf(
  personId: PersonId,
  changes: Partial<OffboardingRecord> = {},
): OffboardingRecord {
  return {
    offboardingId: freshId(),
    personId,
    source: HR,
    kind: 'left',
    eventId: 'evt',
    eventTime: NOW_MILLISECONDS,
    receivedAt: NOW_MILLISECONDS + 100,
    deniedAt: NOW_MILLISECONDS + 120,
    cutAt: {},
    terminated: [],
    publishedAt: {},
    ...changes,
  };
}

/** Denies a person and says by which record. */
export async function denied(
  stores: Pick<Stores, 'offboardings'>,
  personId: PersonId,
  changes: Partial<OffboardingRecord> = {},
): Promise<OffboardingRecord> {
  const record = offboardingOf(personId, changes);
  const outcome = await stores.offboardings.deny(record, eventOf(record.source));
  if (outcome !== 'denied') throw new Error(`not denied: ${outcome}`);
  return record;
}

export const incidentOf = (
  alias: Alias,
  changes: Partial<Incident> = {},
): Incident & { readonly alias: Alias } => ({
  incidentId: freshId(),
  kind: 'unknownPerson',
  openedAt: NOW_MILLISECONDS,
  source: HR,
  event: { eventId: 'evt', kind: 'left', eventTime: NOW_MILLISECONDS },
  words: 'Somebody left whom nobody knows.',
  ...changes,
  alias,
});

/** The row of one revoked certificate, as a list would find it. */
export const rowOf = async (
  stores: Pick<Stores, 'revocations'>,
  caId: string,
  notAfter: EpochSeconds,
  serialNumber: SerialNumber,
): Promise<RevocationRow | undefined> =>
  (await stores.revocations.list(caId, notAfter)).find(
    (row) => row.notAfter === notAfter && row.serialNumber === serialNumber,
  );
