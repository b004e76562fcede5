import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { AUDIT_ACTIONS, type AuditFacts } from '../domain/audit-entry.ts';
import { canonicalJson, type JsonValue } from '../domain/canonical-json.ts';
import { parseCertificateId, serialNumberOf } from '../domain/certificate-id.ts';
import type { CertificateRecord } from '../domain/certificate-record.ts';
import { parsePersonId } from '../domain/identity.ts';
import type { JournalLine, JournalObject } from '../domain/journal.ts';
import { readBy } from '../read-by.ts';

/** The octets of an object: canonical JSON, so that the same object always has the same hash. */
export const journalOctets = (object: JournalObject): Uint8Array =>
  Buffer.from(canonicalJson({ ...object, lines: object.lines.map(lineJson) }));

export const journalSha256Hex = (octets: Uint8Array): string =>
  createHash('sha256').update(octets).digest('hex');

function lineJson(line: JournalLine): JsonValue {
  switch (line.kind) {
    case 'list':
      return { ...line };
    case 'heads':
      return {
        kind: line.kind,
        day: line.day,
        heads: Object.fromEntries(Object.entries(line.heads).map(([id, head]) => [id, { ...head }])),
      };
    case 'entry':
      return {
        kind: line.kind,
        entry: { ...line.entry },
        ...(line.certificate && {
          certificate: {
            record: recordJson(line.certificate.record),
            holder: { ...line.certificate.holder },
          },
        }),
        ...(line.holder && { holder: { ...line.holder } }),
      };
  }
}

const base64 = (octets: Uint8Array): string => Buffer.from(octets).toString('base64');

/** As it was issued: what became of it later is in later entries. */
function recordJson(record: CertificateRecord): JsonValue {
  const { issued, predecessorId } = record;
  return {
    certificateId: record.certificateId,
    personId: record.personId,
    caId: record.caId,
    endpointIds: [...record.endpointIds],
    commonName: record.commonName,
    deviceName: record.deviceName,
    publicKeySha256Hex: record.publicKeySha256Hex,
    notBefore: record.notBefore,
    notAfter: record.notAfter,
    renewableFrom: record.renewableFrom,
    reservedAt: record.reservedAt,
    ...(predecessorId === undefined ? {} : { predecessorId }),
    tbsCertificateDer: base64(record.tbsCertificateDer),
    ...(issued && { issued: { ...issued, certificateDer: base64(issued.certificateDer) } }),
  };
}

const sha256Hex = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const personId = readBy(parsePersonId, 'no person id');
const certificateId = readBy(parseCertificateId, 'no certificate id');
const octets = z.pipe(
  z.base64(),
  z.transform((text): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))),
);
const whole = z.int().check(z.nonnegative());

const entry = z.object({
  personId,
  sequence: whole,
  at: whole,
  actor: z.string(),
  action: z.enum(AUDIT_ACTIONS),
  facts: z.pipe(
    z.record(z.string(), z.json()),
    z.transform((facts) => facts as AuditFacts),
  ),
  previousSha256Hex: sha256Hex,
  sha256Hex,
});

const holder = z.object({ issuer: z.string(), subject: z.string(), login: z.string() });

const certificate = z.object({
  record: z.pipe(
    z.object({
      certificateId,
      personId,
      caId: z.string(),
      endpointIds: z.array(z.string()),
      commonName: z.string(),
      deviceName: z.string(),
      publicKeySha256Hex: sha256Hex,
      notBefore: whole,
      notAfter: whole,
      renewableFrom: whole,
      reservedAt: whole,
      predecessorId: z.optional(certificateId),
      tbsCertificateDer: octets,
      issued: z.optional(
        z.object({ issuedAt: whole, certificateDer: octets, fingerprintSha256Hex: sha256Hex }),
      ),
    }),
    z.transform(({ issued, predecessorId, ...rest }): CertificateRecord => ({
      ...rest,
      serialNumber: serialNumberOf(rest.certificateId),
      ...(issued === undefined ? {} : { issued }),
      ...(predecessorId === undefined ? {} : { predecessorId }),
    })),
  ),
  holder,
});

const journalObject = z.object({
  sequence: whole,
  previousSha256Hex: sha256Hex,
  at: whole,
  lines: z.array(
    z.discriminatedUnion('kind', [
      z.pipe(
        z.object({
          kind: z.literal('entry'),
          entry,
          certificate: z.optional(certificate),
          holder: z.optional(holder),
        }),
        z.transform(({ certificate: attached, holder: begun, ...line }) => ({
          ...line,
          ...(attached === undefined ? {} : { certificate: attached }),
          ...(begun === undefined ? {} : { holder: begun }),
        })),
      ),
      z.object({
        kind: z.literal('list'),
        endpointId: z.string(),
        caId: z.string(),
        crlNumber: whole,
        sha256Hex,
        confirmedAt: whole,
      }),
      z.object({
        kind: z.literal('heads'),
        day: z.iso.date(),
        heads: z.record(personId, z.object({ sequence: whole, sha256Hex })),
      }),
    ]),
  ),
});

/** @throws Error for what is no object of a journal */
export function readJournalObject(found: Uint8Array): JournalObject {
  try {
    return journalObject.parse(JSON.parse(Buffer.from(found).toString('utf8')));
  } catch (cause) {
    throw new Error('an object of the journal cannot be read', { cause });
  }
}
