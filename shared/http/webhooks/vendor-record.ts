import { parseLastDay } from '../../domain/calendar.ts';
import type { AliasKind } from '../../domain/identity.ts';
import type { VendorRecord } from '../../domain/lookup.ts';
import { DirectoryError } from '../../ports/directory.ts';
import { dayFrom } from './event-time.ts';
import { firstAt, textFrom } from './path.ts';
import { aliasAt } from './read-events.ts';
import type { DirectoryMapping } from './scheme.ts';

/** A vendor's word for a status, as we show it to people. */
const WORD = /^[\p{L}\p{N} ._-]{1,64}$/u;

/**
 * Reads what a vendor's directory has of somebody.
 *
 * @param asked the id that was asked for
 * @param timeZone the company's
 * @throws DirectoryError broken: it is somebody else's, or nobody's
 */
export function vendorRecordFrom(
  mapping: DirectoryMapping,
  value: unknown,
  {
    asked,
    aliasKind,
    timeZone,
  }: { readonly asked: string; readonly aliasKind: AliasKind; readonly timeZone: string },
): VendorRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DirectoryError('broken', 'the directory answers with what is nobody');
  }
  if (mapping.id !== undefined && textFrom(firstAt(value, mapping.id)) !== asked) {
    throw new DirectoryError('broken', 'the directory answers with somebody else than was asked for');
  }
  const word = textFrom(firstAt(value, mapping.status))?.trim();
  const meaning = Object.entries(mapping.statuses).find(
    ([name]) => name.toLowerCase() === word?.toLowerCase(),
  )?.[1];
  const alias = aliasAt(mapping.person, value, aliasKind);
  const day = dayFrom(firstAt(value, mapping.lastDay));
  const ends = day === undefined ? undefined : parseLastDay(day, timeZone);
  return {
    ...(meaning === undefined ? {} : { standing: meaning }),
    ...(word === undefined || word === '' ? {} : { word: WORD.test(word) ? word : 'not readable' }),
    ...(alias === undefined ? {} : { alias }),
    ...(ends === undefined ? {} : { ends }),
  };
}
