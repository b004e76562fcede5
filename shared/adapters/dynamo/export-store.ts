import { certificateIdsFromSerial, serialNumberOf } from '../../domain/certificate-id.ts';
import type { CertificateRecord } from '../../domain/certificate-record.ts';
import { monthsOf } from '../../domain/time.ts';
import type { CertificatePlace, ExportStore, Page } from '../../ports/export-store.ts';
import { readCertificate, readCertificateId } from './certificate-items.ts';
import { ItemReader, type Item } from './item.ts';
import { certificateKey, expiryPk, expirySk, expirySkFrom, expirySkUntil, offboardingsPk } from './keys.ts';
import { readOffboarding } from './offboarding-items.ts';
import { getItems, queryItems, type DynamoTable } from './table.ts';

/** Lists for export, from DynamoDB: queries of a month each, never a scan. */
export const dynamoExportStore = (table: DynamoTable): ExportStore => ({
  certificates: (caId, range, limit) => certificatesPage(table, caId, range, limit),
  offboardings: (month, after, limit) => offboardingsPage(table, month, after, limit),
});

/** Behind a sort key is that key and the least printable character more. */
const behind = (sk: string): string => `${sk}!`;

async function offboardingsPage(
  table: DynamoTable,
  month: string,
  after: string | undefined,
  limit: number,
): ReturnType<ExportStore['offboardings']> {
  const items = await queryItems(
    table,
    {
      KeyConditionExpression: after === undefined ? 'pk = :pk' : 'pk = :pk AND sk >= :first',
      ExpressionAttributeValues: {
        ':pk': offboardingsPk(month),
        ...(after === undefined ? {} : { ':first': behind(after) }),
      },
    },
    limit,
  );
  const { records, unreadable } = readEach(table, items, skOf, readOffboarding);
  const last = items.at(-1);
  return { records, unreadable, ...(items.length < limit || last === undefined ? {} : { next: skOf(last) }) };
}

async function certificatesPage(
  table: DynamoTable,
  caId: string,
  { from, until, after }: Parameters<ExportStore['certificates']>[1],
  limit: number,
): ReturnType<ExportStore['certificates']> {
  const first =
    after === undefined ? expirySkFrom(from) : behind(expirySk(after.notAfter, after.serialNumber));
  const notes: Item[] = [];
  for (const month of monthsOf(after?.notAfter ?? from, until)) {
    const query = {
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: {
        ':pk': expiryPk(caId, month),
        ':first': first,
        ':last': expirySkUntil(until),
      },
    };
    notes.push(...(await queryItems(table, query, limit - notes.length)));
    if (notes.length >= limit) break;
  }
  const noted = readEach(table, notes, skOf, (note) => readCertificateId(new ItemReader(note)));
  const items = await getItems(table, noted.records.map(certificateKey));
  const found = new Map(items.map((item) => [item['pk'], item]));
  const read = readEach(
    table,
    noted.records,
    (id) => id,
    (id): CertificateRecord => {
      const item = found.get(certificateKey(id).pk);
      if (item === undefined) throw new Error(`a certificate that is noted by its end is missing: ${id}`);
      return readCertificate(item);
    },
  );
  const last = notes.at(-1);
  return {
    records: read.records,
    unreadable: [...noted.unreadable, ...read.unreadable],
    ...(notes.length < limit || last === undefined ? {} : { next: placeOf(last) }),
  };
}

const skOf = (item: Item): string => new ItemReader(item).text('sk');

function placeOf(note: Item): CertificatePlace {
  const [notAfter = '', serial = ''] = skOf(note).split('#');
  const serialNumber = certificateIdsFromSerial(serial)
    .map(serialNumberOf)
    .find((one) => one === serial);
  if (serialNumber === undefined) throw new Error('the key of a note is broken');
  return { notAfter: Number(notAfter), serialNumber };
}

/** Reads each; one that cannot be read is named, told to `onBroken`, and ends nothing. */
function readEach<From, To>(
  table: DynamoTable,
  all: readonly From[],
  nameOf: (one: From) => string,
  read: (one: From) => To,
): Pick<Page<To, never>, 'records' | 'unreadable'> {
  const records: To[] = [];
  const unreadable: string[] = [];
  for (const one of all) {
    try {
      records.push(read(one));
    } catch (error) {
      unreadable.push(nameOf(one));
      table.onBroken?.(error instanceof Error ? error : new Error('an item cannot be read'));
    }
  }
  return { records, unreadable };
}
