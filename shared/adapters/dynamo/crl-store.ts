import { createHash } from 'node:crypto';
import type { SignedCrl } from '../../domain/crl-facts.ts';
import type { CrlStore } from '../../ports/crl-store.ts';
import { ItemReader } from './item.ts';
import { crlKey, crlPartKey, crlPartsPk } from './keys.ts';
import { getItem, listItems } from './table.ts';
import type { DynamoTable } from './table.ts';
import { putIf, updateAndRead, updateIf } from './writes.ts';

/** An item takes 400 KB; a list of 20,000 entries is three of these. */
const PART_OCTETS = 350_000;

/** The numbers and signed lists of CAs in DynamoDB. */
export const dynamoCrlStore = (table: DynamoTable): CrlStore => ({
  nextNumber: (caId, above) => nextNumber(table, caId, above),
  lastNumber: async (caId) => {
    const item = await getItem(table, crlKey(caId));
    return item === undefined ? 0 : new ItemReader(item).whole('lastNumber');
  },
  activate: async (caId, crl) => {
    await keepParts(table, caId, crl);
    return activate(table, caId, crl);
  },
  current: (caId) => current(table, caId),
});

async function nextNumber(table: DynamoTable, caId: string, above: number): Promise<number> {
  for (;;) {
    // One write that raises the number by one; where that would not be above `above`, one that sets it so.
    const raised = await updateAndRead(table, crlKey(caId), {
      set: 'SET #last = #last + :one',
      if: '#last >= :above',
      names: { last: 'lastNumber' },
      values: { one: 1, above },
    });
    if ('changed' in raised) return new ItemReader(raised.changed).whole('lastNumber');
    const next = above + 1;
    const failed = await updateIf(table, crlKey(caId), {
      set: 'SET #last = :next',
      if: 'attribute_not_exists(#last) OR #last < :next',
      names: { last: 'lastNumber' },
      values: { next },
    });
    if (failed === undefined) return next;
  }
}

/** Writes the list's octets, once: under its number there will never be others. */
async function keepParts(table: DynamoTable, caId: string, crl: SignedCrl): Promise<void> {
  for (let part = 0; part < partsOf(crl); part += 1) {
    const der = crl.der.subarray(part * PART_OCTETS, (part + 1) * PART_OCTETS);
    const failed = await putIf(
      table,
      { ...crlPartKey(caId, crl.crlNumber, part), sha256Hex: crl.sha256Hex, der },
      {
        if: 'attribute_not_exists(pk) OR #sha = :sha',
        names: { sha: 'sha256Hex' },
        values: { sha: crl.sha256Hex },
      },
    );
    if (failed !== undefined) throw new Error(`another list is kept under the number ${crl.crlNumber}`);
  }
}

const partsOf = (crl: SignedCrl): number => Math.ceil(crl.der.length / PART_OCTETS);

async function activate(table: DynamoTable, caId: string, crl: SignedCrl): Promise<boolean> {
  const { crlNumber, thisUpdate, nextUpdate, entries, sha256Hex } = crl;
  const failed = await updateIf(table, crlKey(caId), {
    set: 'SET #current = :current',
    if: 'attribute_not_exists(#current) OR #current.#number < :number',
    names: { current: 'current', number: 'crlNumber' },
    values: {
      number: crlNumber,
      current: { crlNumber, thisUpdate, nextUpdate, entries, sha256Hex, parts: partsOf(crl) },
    },
  });
  // Where it is this very list already, an earlier attempt went through and its answer was lost.
  return failed === undefined || failed.old?.['current']?.M?.['sha256Hex']?.S === sha256Hex;
}

async function current(table: DynamoTable, caId: string): Promise<SignedCrl | undefined> {
  const item = await getItem(table, crlKey(caId));
  if (item === undefined || !new ItemReader(item).has('current')) return undefined;
  const head = new ItemReader(item).map('current');
  const crlNumber = head.whole('crlNumber');
  const parts = await listItems(table, crlPartsPk(caId, crlNumber));
  const der = Buffer.concat(parts.map((part) => new ItemReader(part).octets('der')));
  const sha256Hex = head.text('sha256Hex');
  if (parts.length !== head.whole('parts') || createHash('sha256').update(der).digest('hex') !== sha256Hex) {
    throw new Error(`the parts of list ${crlNumber} are not the list that was kept`);
  }
  return {
    crlNumber,
    thisUpdate: head.whole('thisUpdate'),
    nextUpdate: head.whole('nextUpdate'),
    entries: head.whole('entries'),
    der: new Uint8Array(der),
    sha256Hex,
  };
}
