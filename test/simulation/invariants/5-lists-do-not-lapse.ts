import type { EndpointList } from '../cloud/endpoint.ts';
import type { ImportHistory, Invariant, Oracle, SignedCertificate } from '../oracle.ts';
import type { Imported } from '../watch.ts';
import { isCrowdedOut } from './crowded-out.ts';

const HOUR = 3_600_000;
/** Clocks of hosts differ, and what takes long takes its time from what was read before. */
const MARGIN = 60_000;
/** What was only replaced waits for a list that is made anyway. */
const PATIENCE = 30 * 24 * HOUR;
/** For how long an endpoint may answer with a gate that was off. */
const STALE = 3 * 60_000;

export const listsDoNotLapse: Invariant = {
  number: 5,
  words:
    'a list never expires at an endpoint, and nothing is imported when nothing changed and nothing is due',

  imported: (oracle, imported) => {
    const history = oracle.historyOf(imported.endpoint);
    const { now } = oracle.machine;
    const { isPlanned, objection = outdated(oracle, imported) } = judge(oracle, imported, history, now);
    if (!isPlanned) history.lastUnplannedAt = now;
    return objection && `${objection} (list ${imported.list.crlNumber} at ${imported.endpoint.endpointId})`;
  },

  atRest: expired,
  aDayLater: expired,
};

function expired({ portal, machine }: Oracle): string | undefined {
  for (const { enforced, endpointId, isBroken } of portal.endpoints) {
    if (isBroken) continue;
    if (enforced === undefined) return `${endpointId} never got a list`;
    if (enforced.nextUpdate * 1000 <= machine.now) return `the list of ${endpointId} has expired`;
  }
  return undefined;
}

/** Two leases: one to decide under, and one that it is renewed for. */
const LONGEST_FROM_DECISION = 12 * 60_000;

/** What was decided long ago may be right no more, and nobody else need have noticed. */
function outdated({ leaseTakenAt, machine }: Oracle, { invocation }: Imported): string | undefined {
  const age = machine.now - (leaseTakenAt.get(invocation) ?? machine.now);
  return age > LONGEST_FROM_DECISION + MARGIN
    ? `imported on a decision of ${Math.round(age / MARGIN)} minutes ago`
    : undefined;
}

/** Whether an import was made for the list's age alone, and why it should not have been made. */
function judge(
  oracle: Oracle,
  imported: Imported,
  history: ImportHistory,
  now: number,
): { isPlanned: boolean; objection?: string } {
  const former = history.imports.at(-1);
  if (former === undefined) return { isPlanned: true };
  const { thisUpdate, nextUpdate } = former.list;
  const isAged = now / 1000 >= thisUpdate + (nextUpdate - thisUpdate) / 2 - MARGIN / 1000;
  if (isAged) return { isPlanned: true };
  // A restored table knows lists of before; what the endpoint has is somebody else's to it.
  if (former.at < (oracle.restored?.at ?? -Infinity)) return { isPlanned: false };
  const isAsked = isRequested(oracle, imported);
  // What came by hand after the decision changes nothing of it, or shortly before, where the endpoint answers with what was.
  const decidedAt = oracle.leaseTakenAt.get(imported.invocation) ?? now;
  const isSince = imported.endpoint.byHandAt >= decidedAt - STALE;
  const shown = [imported.shownBefore, isSince ? imported.endpoint.shownBeforeHand : imported.shownBefore];
  const isOther = shown.some((list) => list?.pem !== former.list.pem);
  if (isOther) {
    // It shows another's list, an older one, or nothing of ours: answered at most once an hour.
    const isOlder = shown.some((list) => list?.isOurs === true && list.crlNumber < former.list.crlNumber);
    const isSoon = now - former.at < HOUR - MARGIN && !isSince;
    return isSoon && !isAsked && !isOlder
      ? { isPlanned: false, objection: 'an import was repeated within an hour' }
      : { isPlanned: false };
  }
  const since = changedSince(oracle, former, imported);
  if (since === undefined) return { isPlanned: false, objection: 'imported though nothing changed' };
  if (isAsked) return { isPlanned: false };
  const isGateOff = !imported.endpoint.isGateOn || now - imported.endpoint.gateOffUntil < STALE;
  const sinceUnplanned = now - history.lastUnplannedAt;
  if (isGateOff && sinceUnplanned >= HOUR - MARGIN) return { isPlanned: false };
  if (since > now + MARGIN) return { isPlanned: false, objection: 'imported for what was only replaced' };
  if (sinceUnplanned < 6 * HOUR - MARGIN) return { isPlanned: false, objection: 'imported within six hours' };
  const isDue = now - since >= 24 * HOUR - MARGIN || isQuietHour(now);
  return isDue ? { isPlanned: false } : { isPlanned: false, objection: 'imported before it was due' };
}

/**
 * An administrator's word, still unanswered when the publisher took its lease and so decided: only such a word means
 * "now". Another that slept on its own decision may have answered it since, to which what was pending by then was new.
 */
function isRequested(
  { portal, leaseTakenAt, requestEndedAt, machine }: Oracle,
  { endpoint: { endpointId }, invocation }: Imported,
): boolean {
  const stored = portal.table.find('ENDPOINTS', endpointId);
  const decidedAt = leaseTakenAt.get(invocation) ?? machine.now;
  return (
    (stored?.['publicationRequest'] !== undefined ||
      (requestEndedAt.get(endpointId) ?? -Infinity) > decidedAt) &&
    portal.calls.some(({ asked }) => asked.what === 'publication')
  );
}

/** Since when a list is not what it should be; undefined where the new one says the same. */
function changedSince(
  oracle: Oracle,
  former: { list: EndpointList; at: number },
  { list, endpoint }: Imported,
): number | undefined {
  const isAdded = [...list.revoked].some((serialNumber) => !former.list.revoked.has(serialNumber));
  const areHoldsSame = holdsOf(list) === holdsOf(former.list);
  if (!isAdded && areHoldsSame) return undefined;
  const times = areHoldsSame ? [] : [former.at];
  for (const [serialNumber, { at }] of oracle.revokedSince) {
    const certificate = oracle.certificates.get(serialNumber);
    // What was only reserved is revoked too, and waits as others do; nobody signed it, so its list alone says whose it is.
    const isReserved = certificate === undefined && list.revoked.has(serialNumber);
    const isConcerned =
      (isReserved || certificate?.caId === endpoint.caId) && !former.list.revoked.has(serialNumber);
    if (!isConcerned) continue;
    // Also who had no place on a list that is full.
    const isMeant =
      list.revoked.has(serialNumber) || (certificate && isCrowdedOut(oracle, list, certificate));
    if (isMeant !== true) continue;
    times.push(certificate && isOnlyReplaced(oracle, certificate) ? at + PATIENCE : at);
  }
  return times.length > 0 ? Math.min(...times) : former.at;
}

/** And nobody said that its owner left. */
const isOnlyReplaced = (
  { replaced, everLeft }: Oracle,
  { serialNumber, login }: SignedCertificate,
): boolean => replaced.has(serialNumber) && !everLeft.has(login);

const holdsOf = ({ serialNumbers, revoked }: EndpointList): string =>
  [...serialNumbers]
    .filter((serialNumber) => !revoked.has(serialNumber))
    .sort()
    .join();

/** From 02:00 to 04:00 UTC, as the policy has it. */
const isQuietHour = (now: number): boolean =>
  [now - MARGIN, now, now + MARGIN].some((at) => [2, 3].includes(new Date(at).getUTCHours()));
