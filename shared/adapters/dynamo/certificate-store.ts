import type { CertificateId } from '../../domain/certificate-id.ts';
import type { CertificateRecord } from '../../domain/certificate-record.ts';
import { parsePersonId, type PersonId } from '../../domain/identity.ts';
import { monthsOf, type EpochSeconds } from '../../domain/time.ts';
import type {
  CertificateStore,
  EndRange,
  Idempotency,
  MarkIssuedOutcome,
  ReserveOutcome,
} from '../../ports/certificate-store.ts';
import { issuedDraft } from '../../domain/audit-drafts.ts';
import { transactAudited } from './audit-chain.ts';
import { certificateItem, issuedEntry, readCertificate, readCertificateId } from './certificate-items.ts';
import { endPatience, revoke, undoRevocation } from './certificate-revocation.ts';
import { ItemReader } from './item.ts';
import type { Item } from './item.ts';
import {
  CERTIFICATE_POINTER_PREFIX,
  certificateKey,
  certificatePointerKey,
  expiryKey,
  fingerprintKey,
  expiryPk,
  expirySk,
  expirySkFrom,
  expirySkUntil,
  idempotencyKey,
  personKey,
  publicKeyKey,
  untoldKey,
} from './keys.ts';
import type { Key } from './keys.ts';
import { countItems, getItem, getItems, listItems, queryItems } from './table.ts';
import type { DynamoTable } from './table.ts';
import { NOT_THERE, transact, updateIf } from './writes.ts';
import type { Action, FailedCondition } from './writes.ts';

/** Certificates in DynamoDB. */
export const dynamoCertificateStore = (table: DynamoTable): CertificateStore => ({
  find: (certificateId) => findCertificate(table, certificateId),
  listByPerson: (personId) => listByPerson(table, personId),
  listByEnd: (caId, range) => listByEnd(table, caId, range),
  countByEnd: (caId, range) => countByEnd(table, caId, range),
  holdersByEnd: (caId, range) => holdersByEnd(table, caId, range),
  findByPublicKey: (publicKeySha256Hex) => findThrough(table, publicKeyKey(publicKeySha256Hex)),
  findByFingerprint: (fingerprintSha256Hex) => findThrough(table, fingerprintKey(fingerprintSha256Hex)),
  findIdempotent: (personId, key) => findIdempotent(table, personId, key),
  reserve: (record, conditions) => reserve(table, record, conditions),
  markIssued: (record, issued) => markIssued(table, record, issued),
  revoke: (record, revocation, at, alsoAt = [], actor) =>
    revoke(table, record, revocation, { since: at, alsoAt, actor }),
  endPatience: (record, since) => endPatience(table, record, since),
  undoRevocation: (record, at) => undoRevocation(table, record, at),
  markUsed: (certificateId, at) => markUsed(table, certificateId, at),
});

async function findCertificate(
  table: DynamoTable,
  certificateId: CertificateId,
): Promise<CertificateRecord | undefined> {
  const item = await getItem(table, certificateKey(certificateId));
  return item === undefined ? undefined : readCertificate(item);
}

async function findThrough(table: DynamoTable, key: Key): Promise<CertificateRecord | undefined> {
  const pointer = await getItem(table, key);
  return pointer === undefined
    ? undefined
    : findCertificate(table, readCertificateId(new ItemReader(pointer)));
}

async function listByPerson(table: DynamoTable, personId: PersonId): Promise<CertificateRecord[]> {
  const pointers = await listItems(table, personKey(personId).pk, CERTIFICATE_POINTER_PREFIX);
  const ids = pointers.map((pointer) => readCertificateId(new ItemReader(pointer)));
  const items = await getItems(table, ids.map(certificateKey));
  // A leaver's certificate that is not found would stay off the list, and nobody would know.
  if (items.length !== ids.length) throw new Error('a certificate that its person points to is missing');
  return items
    .map(readCertificate)
    .sort((a, b) => a.reservedAt - b.reservedAt || (a.certificateId < b.certificateId ? -1 : 1));
}

async function listByEnd(
  table: DynamoTable,
  caId: string,
  { from, until, after, limit }: EndRange,
): Promise<CertificateRecord[]> {
  // Behind a sort key is that key and the least letter more.
  const first = after === undefined ? expirySkFrom(from) : `${expirySk(after.notAfter, after.serialNumber)}!`;
  const rows: Item[] = [];
  for (const month of monthsOf(after?.notAfter ?? from, until)) {
    if (rows.length >= limit) break;
    const found = await queryItems(
      table,
      {
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
        ExpressionAttributeValues: {
          ':pk': expiryPk(caId, month),
          ':first': first,
          ':last': expirySkUntil(until),
        },
      },
      limit - rows.length,
    );
    rows.push(...found);
  }
  const ids = rows.map((row) => readCertificateId(new ItemReader(row)));
  const byId = new Map(
    (await getItems(table, ids.map(certificateKey)))
      .map(readCertificate)
      .map((record) => [record.certificateId, record]),
  );
  return ids.map((id) => {
    const record = byId.get(id);
    if (record === undefined) throw new Error('a certificate that is noted by its end is missing');
    return record;
  });
}

async function countByEnd(
  table: DynamoTable,
  caId: string,
  { from, until }: Pick<EndRange, 'from' | 'until'>,
): Promise<number> {
  let count = 0;
  for (const month of monthsOf(from, until))
    count += await countItems(table, endsIn(caId, month, from, until));
  return count;
}

async function holdersByEnd(
  table: DynamoTable,
  caId: string,
  { from, until }: Pick<EndRange, 'from' | 'until'>,
): Promise<ReadonlySet<PersonId>> {
  const holders = new Set<PersonId>();
  for (const month of monthsOf(from, until)) {
    for (const row of await queryItems(table, endsIn(caId, month, from, until))) {
      holders.add(new ItemReader(row).parsed('personId', parsePersonId));
    }
  }
  return holders;
}

/** The rows of one month of ends that are in a range. */
const endsIn = (caId: string, month: string, from: EpochSeconds, until: EpochSeconds) => ({
  KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
  ExpressionAttributeValues: {
    ':pk': expiryPk(caId, month),
    ':first': expirySkFrom(from),
    ':last': expirySkUntil(until),
  },
});

async function findIdempotent(
  table: DynamoTable,
  personId: PersonId,
  key: string,
): Promise<{ requestSha256Hex: string; certificateId: CertificateId } | undefined> {
  const item = await getItem(table, idempotencyKey(personId, key));
  if (item === undefined) return undefined;
  const reader = new ItemReader(item);
  return { requestSha256Hex: reader.text('requestSha256Hex'), certificateId: readCertificateId(reader) };
}

type ReserveConditions = Parameters<CertificateStore['reserve']>[1];

async function reserve(
  table: DynamoTable,
  record: CertificateRecord,
  { enrolmentsSeen, idempotency, successorSeen, isReplayed = false }: ReserveConditions,
): Promise<ReserveOutcome> {
  const { certificateId, personId, publicKeySha256Hex, reservedAt, predecessorId } = record;
  const failed = await transact(
    table,
    {
      person: countEnrolment(personId, enrolmentsSeen),
      idempotency: idempotency && keepIdempotency(personId, idempotency, certificateId),
      // Never deleted: a key that was ever certified by anybody stays in use.
      publicKey: { put: { ...publicKeyKey(publicKeySha256Hex), certificateId }, condition: NOT_THERE },
      predecessor: predecessorId && succeed(predecessorId, certificateId, successorSeen, isReplayed),
      displaced: isReplayed ? undefined : successorSeen && mayBeDisplaced(successorSeen, reservedAt),
      certificate: { put: certificateItem(record), condition: NOT_THERE },
    },
    [{ put: { ...certificatePointerKey(personId, certificateId), certificateId, reservedAt } }],
  );
  if (failed === undefined) return 'reserved';
  if (failed.person !== undefined && isDeniedOrGone(failed.person)) return 'personDenied';
  if (failed.idempotency !== undefined) return 'idempotencyKeyUsed';
  if (failed.publicKey !== undefined) return 'publicKeyInUse';
  if (failed.predecessor !== undefined || failed.displaced !== undefined) return 'predecessorChanged';
  return failed.certificate === undefined ? 'raced' : 'certificateIdInUse';
}

/** One successor at a time; a newer one takes the place only of the one that was looked at. */
const succeed = (
  predecessorId: CertificateId,
  successorId: CertificateId,
  seen: CertificateId | undefined,
  isReplayed: boolean,
): Action => ({
  update: certificateKey(predecessorId),
  change: {
    set: 'SET #successor = :successor',
    if: [
      'attribute_exists(#issued)',
      ...(isReplayed ? [] : ['attribute_not_exists(#revocation)']),
      seen === undefined ? 'attribute_not_exists(#successor)' : '#successor = :seen',
    ].join(' AND '),
    names: {
      issued: 'issued',
      successor: 'successorId',
      ...(isReplayed ? {} : { revocation: 'revocation' }),
    },
    values: { successor: successorId, ...(seen === undefined ? {} : { seen }) },
  },
});

/** It may have been issued since it was looked at: then it is the successor. */
const mayBeDisplaced = (certificateId: CertificateId, at: EpochSeconds): Action => ({
  check: certificateKey(certificateId),
  condition: {
    if: 'attribute_not_exists(#issued) OR attribute_exists(#revocation) OR #notAfter < :at',
    names: ['issued', 'revocation', 'notAfter'],
    values: { at },
  },
});

const countEnrolment = (personId: PersonId, enrolmentsSeen: number): Action => ({
  update: personKey(personId),
  change: {
    set: 'SET #enrolments = #enrolments + :one',
    if: 'attribute_exists(pk) AND size(#denials) = :none AND #enrolments = :seen',
    names: ['enrolments', 'denials'],
    values: { one: 1, none: 0, seen: enrolmentsSeen },
  },
});

const keepIdempotency = (
  personId: PersonId,
  idempotency: Idempotency,
  certificateId: CertificateId,
): Action => ({
  put: {
    ...idempotencyKey(personId, idempotency.key),
    requestSha256Hex: idempotency.requestSha256Hex,
    certificateId,
    expiresAt: idempotency.expiresAt,
  },
  condition: NOT_THERE,
});

const isDeniedOrGone = ({ old }: FailedCondition): boolean =>
  old === undefined || Object.keys(old['denials']?.M ?? {}).length > 0;

async function markIssued(
  table: DynamoTable,
  record: CertificateRecord,
  issued: NonNullable<CertificateRecord['issued']>,
): Promise<MarkIssuedOutcome> {
  const { certificateId, personId, predecessorId } = record;
  const failed = await transactAudited(table, {
    personId,
    draft: issuedDraft(record, issued),
    named: {
      person: {
        check: personKey(personId),
        condition: {
          if: 'attribute_exists(pk) AND size(#denials) = :none',
          names: ['denials'],
          values: { none: 0 },
        },
      },
      certificate: {
        update: certificateKey(certificateId),
        change: {
          set: 'SET #issued = :issued',
          if: 'attribute_exists(pk) AND attribute_not_exists(#issued) AND attribute_not_exists(#revocation)',
          names: ['issued', 'revocation'],
          values: { issued: issuedEntry(issued) },
        },
      },
      predecessor: predecessorId && {
        check: certificateKey(predecessorId),
        condition: {
          if: '#successor = :own',
          names: { successor: 'successorId' },
          values: { own: certificateId },
        },
      },
    },
    others: [
      { put: { ...fingerprintKey(issued.fingerprintSha256Hex), certificateId } },
      { put: { ...expiryKey(record.caId, record.notAfter, record.serialNumber), certificateId, personId } },
      { put: { ...untoldKey(certificateId) } },
    ],
  });
  if (failed === undefined) return 'issued';
  if (failed.person !== undefined) return 'personDenied';
  if (failed.certificate === undefined) return 'displaced';
  const { old } = failed.certificate;
  if (old === undefined) throw new Error('a certificate that was never reserved cannot be issued');
  return old['revocation'] === undefined ? 'alreadyIssued' : 'revoked';
}

async function markUsed(table: DynamoTable, certificateId: CertificateId, at: EpochSeconds): Promise<void> {
  const failed = await updateIf(table, certificateKey(certificateId), {
    set: 'SET #lastUsedAt = :at',
    if: 'attribute_exists(pk) AND (attribute_not_exists(#lastUsedAt) OR #lastUsedAt < :at)',
    names: ['lastUsedAt'],
    values: { at },
  });
  if (failed !== undefined && failed.old === undefined)
    throw new Error('no such certificate to mark as used');
}
