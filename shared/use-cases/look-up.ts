import { createHash } from 'node:crypto';
import { datedIdFrom, DATED_ID_RANDOM_OCTETS } from '../domain/dated-id.ts';
import { standingOf, type Lookup, type Standing, type VendorRecord } from '../domain/lookup.ts';

import { DirectoryError } from '../ports/directory.ts';
import type { LastAnswer, LookupStore, VendorDirectory } from '../ports/directory-lookup.ts';
import { receiveEvent, type EventResult, type ReceiveEventDeps } from './receive-event.ts';
import { directoryAlias } from './receive-webhook.ts';

export interface LookUpDeps extends ReceiveEventDeps {
  readonly lookups: LookupStore;
}

export type LookUpResult =
  | EventResult
  /** The directory says what it said before: whatever somebody decided since stays. */
  | { readonly outcome: 'unchanged' }
  /** What the directory says means nothing to us: an incident is open. */
  | { readonly outcome: 'undecided'; readonly incidentId: string };

/** How a look-up is made: of a message that came so often. */
export interface Trying {
  readonly directory: VendorDirectory;
  readonly tries: number;
  readonly signal: AbortSignal;
}

/** An event that says itself what happened waits no longer for a name: after so many tries people are asked whose it is. */
const MOST_TRIES_FOR_A_NAME = 8;

/**
 * Asks the vendor's directory about an event that holds no values, and acts on its answer as on any source's word.
 *
 * Where the event only says that something changed, what counts is that the answer is another than the last. So an
 * unrelated change of somebody who left says nothing new, and an administrator's word stands until the directory has
 * changed its own. Nobody is denied by an answer that is missing, broken, or not understood.
 *
 * @throws DirectoryError the look-up has to be made again
 */
export async function lookUp(deps: LookUpDeps, lookup: Lookup, trying: Trying): Promise<LookUpResult> {
  const { source, directoryId, eventId, means, ...told } = lookup;
  // What it says is true from now on at the earliest.
  const askedAt = deps.clock.now();
  if (means !== undefined) {
    const alias = (await nameOf(lookup, trying)) ?? directoryAlias(source, directoryId);
    return receiveEvent(deps, { ...told, source, eventId, kind: means, whom: { alias } });
  }
  const record = await trying.directory.find(directoryId, trying.signal);
  const standing = record === undefined ? undefined : standingOf(record, askedAt);
  const answer: LastAnswer = { answerSha256Hex: hashOf(record, standing), askedAt };
  const last = await deps.lookups.findLastAnswer(source, directoryId);
  if (last?.answerSha256Hex === answer.answerSha256Hex) return { outcome: 'unchanged' };
  if (standing === undefined) {
    const incidentId = await openIncident(deps, lookup, record);
    await deps.lookups.keepLastAnswer(source, directoryId, { ...answer, incidentId });
    return { outcome: 'undecided', incidentId };
  }
  const result = await receiveEvent(deps, {
    source,
    // The same event again may meet another answer, which is then another event.
    eventId: `${eventId}#${answer.answerSha256Hex.slice(0, 16)}`,
    kind: standing.means,
    eventTime: askedAt,
    ...standing.ends,
    whom: { alias: record?.alias ?? directoryAlias(source, directoryId) },
    bodySha256Hex: answer.answerSha256Hex,
    receivedAt: told.receivedAt,
  });
  if (last?.incidentId !== undefined) await mendIncident(deps, last.incidentId);
  // Last: who dies before it acts again, once, since the event is known by then.
  await deps.lookups.keepLastAnswer(source, directoryId, answer);
  return result;
}

/** Of what the directory says, her name included: once that is mended there, it means somebody else. */
const hashOf = (record: VendorRecord | undefined, standing: Standing | undefined): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        standing?.means ?? ['undecided', record === undefined, record?.word ?? null],
        standing?.ends?.effectiveAt ?? null,
        record?.alias ?? null,
      ]),
    )
    .digest('hex');

/** Her name, or undefined where the directory has none, or has not told for so long that people are asked. */
async function nameOf(
  { directoryId }: Lookup,
  { directory, tries, signal }: Trying,
): Promise<NonNullable<VendorRecord['alias']> | undefined> {
  try {
    return (await directory.find(directoryId, signal))?.alias;
  } catch (error) {
    if (error instanceof DirectoryError && tries >= MOST_TRIES_FOR_A_NAME) return undefined;
    throw error;
  }
}

const dedupeKeyOf = ({ source, directoryId }: Lookup): string => `lookup#${source}#${directoryId}`;

async function openIncident(
  { clock, random, offboardings, audit }: LookUpDeps,
  lookup: Lookup,
  record: VendorRecord | undefined,
): Promise<string> {
  const { source, directoryId } = lookup;
  const openedAt = clock.now();
  const kind = 'lookupUndecided' as const;
  const said =
    record === undefined
      ? 'its directory has nobody of that id'
      : record.word === undefined
        ? 'its directory shows no status of hers: may the portal read it?'
        : `its directory gives her the status "${record.word}", which nobody has taught the portal`;
  const words = `Source ${source} says that something about ${directoryId} changed, and ${said}. Nothing was done. Look there: if she left, offboard her by hand; then dismiss this.`;
  const incident = {
    incidentId: datedIdFrom(openedAt, random(DATED_ID_RANDOM_OCTETS)),
    kind,
    openedAt,
    source,
    words,
  };
  const { incidentId, opened } = await offboardings.openIncident(incident, dedupeKeyOf(lookup));
  if (opened) audit.incidentOpened({ incidentId, kind, words });
  return incidentId;
}

/** The directory has said since what is true. */
async function mendIncident({ clock, offboardings, audit }: LookUpDeps, incidentId: string): Promise<void> {
  const resolution = { at: clock.now(), actor: 'portal' as const, decision: 'mended' as const };
  if ((await offboardings.resolveIncident(incidentId, resolution)) === 'resolved') {
    audit.incidentResolved({ actor: 'portal', incidentId, decision: 'mended' });
  }
}
