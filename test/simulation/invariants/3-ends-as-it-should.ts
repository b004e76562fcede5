import type { Attributes } from '../../support/simulated-dynamodb/expressions.ts';
import { isAcknowledged, outcomeOf, type Call, type ToldEvent } from '../calls.ts';
import type { SimulatedEndpoint } from '../cloud/endpoint.ts';
import type { Invariant, Oracle } from '../oracle.ts';
import { CLOCK_MILLISECONDS, standingDenial } from './acknowledged-denials.ts';
import { isCrowdedOut } from './crowded-out.ts';
import { refusalByTable } from './gate-rule.ts';

export const endsAsItShould: Invariant = {
  number: 3,
  words:
    'every crash still ends with: refused at the gate, live connections ended, every unexpired serial on the list',

  atRest: (oracle) =>
    deniedAsAcknowledged(oracle) ??
    deniedAsTheSourceSaysLast(oracle) ??
    firstOf(oracle, tunnelsOfRefused) ??
    firstOf(oracle, revokedAreListed) ??
    firstOf(oracle, heldAreListedWithoutGate) ??
    firstOf(oracle, crowdedOutIsNoted) ??
    offboardingsAreDone(oracle) ??
    incidentsAreOpen(oracle) ??
    candidatesAreHeld(oracle),
};

/** An endpoint that never answers is excused, and delays no other. */
const firstOf = (
  oracle: Oracle,
  check: (oracle: Oracle, endpoint: SimulatedEndpoint) => string | undefined,
): string | undefined =>
  oracle.portal.endpoints
    .filter(({ isBroken }) => !isBroken)
    .map((endpoint) => check(oracle, endpoint))
    .find((words) => words !== undefined);

function deniedAsAcknowledged(oracle: Oracle): string | undefined {
  for (const { asked } of oracle.portal.calls) {
    if (asked.what !== 'event' || oracle.denialsOf(asked.login).length > 0) continue;
    if (standingDenial(oracle, asked.login, Infinity) !== undefined)
      return `${asked.login} is denied no longer`;
  }
  return undefined;
}

/** Whatever the order in which its events came, a source's latest word counts. */
function deniedAsTheSourceSaysLast(oracle: Oracle): string | undefined {
  if (oracle.portal.calls.some(({ asked }) => asked.what === 'settle')) return undefined;
  const said = new Map<string, ToldEvent[]>();
  const uncertain = new Set<string>();
  for (const call of oracle.portal.calls) {
    const { asked, end } = call;
    if (!('login' in asked)) continue;
    // What a person decided may be another than what a source said.
    if (asked.what === 'decide' || (asked.what === 'event' && asked.event.source === 'administrator'))
      uncertain.add(asked.login);
    if (asked.what !== 'event' || asked.event.source !== 'hr') continue;
    if (wasForgotten(oracle, call)) uncertain.add(asked.login);
    if (end?.how === 'answered' && JSON.stringify(end.value).includes('incidentId'))
      uncertain.add(asked.login);
    said.set(asked.login, [...(said.get(asked.login) ?? []), asked.event]);
  }
  for (const [login, events] of said) {
    if (uncertain.has(login) || oracle.portal.scenery.breakGlass.includes(login)) continue;
    if (wasAsked(oracle, login) || lacksName(oracle, login)) continue;
    const isDenied = oracle.denialsOf(login).some((denial) => denial['source'] === 'hr');
    const isWanted = isDeniedBy(events, oracle.machine.now);
    if (isWanted !== undefined && isDenied !== isWanted) {
      return `by what hr said last, ${login} is ${isWanted ? '' : 'not '}to be denied, and she is ${isDenied ? '' : 'not '}denied`;
    }
  }
  return undefined;
}

/** Whether somebody was ever to decide whose her name is. */
const wasAsked = ({ portal }: Oracle, login: string): boolean =>
  [...portal.table.scan('INCIDENT#')].some(
    ({ alias }) => (alias as Attributes | undefined)?.['value'] === `${login}@example.com`,
  );

const SOON_MILLISECONDS = 2 * 60_000;

/**
 * Whether a source's words deny somebody: what it said since it last said that she is back. Of days to come the last
 * that it named counts; one that is over when another takes its place may have been carried out: undefined.
 */
function isDeniedBy(events: readonly ToldEvent[], now: number): boolean | undefined {
  const back = Math.max(
    -Infinity,
    ...events.filter(({ kind }) => kind === 'returned').map(({ eventTime }) => eventTime),
  );
  const standing = events.filter(({ kind, eventTime }) => kind !== 'returned' && eventTime > back);
  if (standing.some(({ effectiveAt }) => effectiveAt === undefined)) return true;
  const isOver = ({ effectiveAt = 0 }: ToldEvent): boolean => effectiveAt < now;
  const [last] = [...standing].sort((one, other) => other.eventTime - one.eventTime);
  if (last === undefined) return false;
  if (Math.abs((last.effectiveAt ?? 0) - now) < SOON_MILLISECONDS) return undefined;
  if (isOver(last)) return true;
  return standing.some(isOver) ? undefined : false;
}

function tunnelsOfRefused(oracle: Oracle, endpoint: SimulatedEndpoint): string | undefined {
  for (const { certificate } of endpoint.up()) {
    const refusal = refusalByTable(oracle, certificate.commonName, endpoint.endpointId);
    if (refusal !== undefined) return `a tunnel of ${certificate.login} is up, though ${refusal}`;
  }
  return undefined;
}

function revokedAreListed(oracle: Oracle, endpoint: SimulatedEndpoint): string | undefined {
  for (const item of oracle.portal.table.scan('CERT#')) {
    if (Number(item['notAfter']) * 1000 <= oracle.machine.now) continue;
    const login = oracle.people.loginOfCommonName(String(item['commonName']));
    const hasLeft = oracle.denialsOf(login).some((denial) => denial['kind'] === 'left');
    if (item['caId'] !== endpoint.caId || (item['revocation'] === undefined && !hasLeft)) continue;
    const serialNumber = oracle.people.serialNumberOfId(String(item['certificateId']));
    if (!hasLeft && isOnlyReplaced(oracle, item)) continue;
    if (endpoint.enforced?.revoked.has(serialNumber) !== true) {
      const certificate = oracle.certificates.get(serialNumber);
      if (certificate === undefined || isCrowdedOut(oracle, endpoint.enforced ?? EMPTY, certificate))
        continue;
      return `a certificate of ${login} is not on the list of ${endpoint.endpointId}`;
    }
  }
  return undefined;
}

const EMPTY = { serialNumbers: new Set<string>() };

/** Beyond the quota an incident stays open for as long as somebody rests on the gate alone. */
function crowdedOutIsNoted(oracle: Oracle, endpoint: SimulatedEndpoint): string | undefined {
  const { enforced, caId, endpointId } = endpoint;
  const isAnybody = [...oracle.portal.table.scan('CERT#')].some((item) => {
    const serialNumber = oracle.people.serialNumberOfId(String(item['certificateId']));
    const certificate = oracle.certificates.get(serialNumber);
    if (certificate?.caId !== caId || item['revocation'] === undefined) return false;
    if (isOnlyReplaced(oracle, item) || enforced?.revoked.has(serialNumber) === true) return false;
    return certificate.notAfter > oracle.machine.now;
  });
  return isAnybody && !isIncidentOpen(oracle, 'crlQuota', endpointId)
    ? `the list of ${endpointId} is full, and no incident is open`
    : undefined;
}

function isIncidentOpen({ portal }: Oracle, kind: string, endpointId: string): boolean {
  const open = new Set(portal.table.list('OPEN#INCIDENT').map(({ sk }) => sk));
  return [...portal.table.scan('INCIDENT#')].some(
    (incident) =>
      incident['kind'] === kind && incident['endpointId'] === endpointId && open.has(incident['incidentId']),
  );
}

const PATIENCE_MILLISECONDS = 31 * 24 * 60 * 60_000;

/** Its holder is welcome with the next certificate: it goes with the next list that is made anyway, within a month. */
function isOnlyReplaced({ revokedSince, machine, people }: Oracle, item: Attributes): boolean {
  const revocation = item['revocation'] as Attributes | undefined;
  const since = revokedSince.get(people.serialNumberOfId(String(item['certificateId'])));
  return revocation?.['by'] === 'renewal' && machine.now - (since?.at ?? 0) < PATIENCE_MILLISECONDS;
}

function heldAreListedWithoutGate(oracle: Oracle, endpoint: SimulatedEndpoint): string | undefined {
  if (endpoint.isGateOn) return undefined;
  for (const certificate of oracle.certificates.values()) {
    const { login, commonName, serialNumber, caId, notAfter } = certificate;
    // What was only reserved when the table was lost was never given to anybody.
    if (oracle.restored !== undefined && oracle.storedCertificate(commonName) === undefined) continue;
    if (caId !== endpoint.caId || notAfter <= oracle.machine.now || oracle.denialsOf(login).length === 0)
      continue;
    if (endpoint.enforced?.serialNumbers.has(serialNumber) !== true) {
      return `the gate of ${endpoint.endpointId} is off, and its list does not have ${login}, who is denied`;
    }
  }
  return undefined;
}

function offboardingsAreDone(oracle: Oracle): string | undefined {
  const { portal } = oracle;
  const isAnyBroken = portal.endpoints.some(({ isBroken }) => isBroken);
  const working = portal.endpoints.filter(({ isBroken }) => !isBroken).map(({ endpointId }) => endpointId);
  for (const record of oracle.openOffboardings()) {
    if (!isAnyBroken) return 'an offboarding is still open';
    const isCut = working.every((id) => (record['cutAt'] as Attributes)[id] !== undefined);
    if (!isCut && record['liftedAt'] === undefined)
      return 'one failing endpoint held up an offboarding at another';
  }
  return undefined;
}

/** Who releases what HR said decides its incidents too, of what was received until then. */
const mayBeReleased = ({ portal }: Oracle, { source, openedAt }: Attributes): boolean =>
  source === 'hr' &&
  portal.calls.some(
    ({ asked, endedAt = Infinity }) =>
      asked.what === 'settle' &&
      asked.decision === 'release' &&
      endedAt + CLOCK_MILLISECONDS >= Number(openedAt),
  );

/** An event that is nobody's stays an open incident until somebody decides, and the gate's absence one. */
function incidentsAreOpen(oracle: Oracle): string | undefined {
  const { portal } = oracle;
  const open = new Set(portal.table.list('OPEN#INCIDENT').map(({ sk }) => sk));
  const decided = new Set(
    portal.calls.flatMap((call) => (call.asked.what === 'decide' ? [call.asked.incidentId] : [])),
  );
  for (const incident of portal.table.scan('INCIDENT#')) {
    const id = incident['incidentId'];
    if (incident['kind'] !== 'unknownPerson' || open.has(id) || decided.has(String(id))) continue;
    if (!mayBeReleased(oracle, incident)) return 'an incident was closed though nobody decided it';
  }
  const isAnybodyHeld = [...portal.table.scan('OFFBOARDING#')].some(
    ({ kind, liftedAt, deniedAt }) => kind === 'surge' && liftedAt === undefined && deniedAt !== undefined,
  );
  const isSurgeOpen = [...portal.table.scan('INCIDENT#')].some(
    ({ kind, incidentId }) => kind === 'surge' && open.has(incidentId),
  );
  if (isAnybodyHeld && !isSurgeOpen) return 'people are held by a surge, and no incident is open';
  for (const endpoint of portal.endpoints) {
    if (endpoint.isBroken || endpoint.isGateOn) continue;
    if (!isIncidentOpen(oracle, 'gateOff', endpoint.endpointId))
      return `the gate of ${endpoint.endpointId} is off, and no incident is open`;
  }
  return portal.calls.some(
    (call) =>
      call.asked.what === 'decide' &&
      isAcknowledged(call) &&
      !wasWhileForgotten(oracle, call) &&
      open.has(call.asked.incidentId),
  )
    ? 'an incident was decided and is open'
    : undefined;
}

const DECISION_MILLISECONDS = 60 * 60_000;

/** Whom an undecided event may mean is held after an hour: who owns its alias, and who claimed it since. */
function candidatesAreHeld(oracle: Oracle): string | undefined {
  const { portal, machine } = oracle;
  const notes = new Set(portal.table.list('OPEN#INCIDENT').map(({ sk }) => sk));
  const open = [...portal.table.scan('INCIDENT#')].filter(({ incidentId }) => notes.has(incidentId));
  const aliasOf = ({ alias }: Attributes): unknown => (alias as Attributes | undefined)?.['value'];
  for (const incident of open) {
    const isOverdue = Number(incident['openedAt']) < machine.now - DECISION_MILLISECONDS - 10 * 60_000;
    if (incident['event'] === undefined || !isOverdue || wasTakenBack(oracle, incident)) continue;
    if (wasDecidedInJournal(oracle, incident)) continue;
    const value = aliasOf(incident) as string;
    const owner = portal.table.find(`ALIAS#email#${value}`, 'ALIAS')?.['personId'];
    const claimants = open.filter((other) => aliasOf(other) === value).map(({ personId }) => personId);
    for (const candidate of [owner, ...claimants] as (string | undefined)[]) {
      if (candidate === undefined || wasLetIn(oracle, candidate)) continue;
      const denials = portal.table.find(`PERSON#${candidate}`, 'PERSON')?.['denials'] ?? {};
      if (Object.keys(denials).length === 0)
        return `an event may mean ${value}, who is not held after an hour`;
    }
  }
  return undefined;
}

/** Nobody but an administrator holds her; and whose word on a person stands, whatever is open about a name of hers. */
const wasLetIn = ({ portal, people }: Oracle, personId: string): boolean =>
  portal.scenery.breakGlass.some((login) => people.idOf(login) === personId) ||
  portal.calls.some(
    ({ asked }) =>
      asked.what === 'event' &&
      asked.event.source === 'administrator' &&
      asked.event.kind === 'returned' &&
      people.idOf(asked.login) === personId,
  );

/**
 * A restored table has the incident as open that somebody had decided, and the journal that nobody is held for it any
 * more.
 */
const wasDecidedInJournal = (oracle: Oracle, { incidentId }: Attributes): boolean =>
  oracle.portal.calls.some(
    (call) =>
      call.asked.what === 'decide' && call.asked.incidentId === incidentId && wasWhileForgotten(oracle, call),
  );

/** Its source said since that whoever is meant is back. */
function wasTakenBack({ portal }: Oracle, { source, event, alias }: Attributes): boolean {
  const login = String((alias as Attributes)['value']).split('@')[0];
  const eventTime = Number((event as Attributes)['eventTime']);
  const isActive = portal.calls.some(
    ({ asked }) => asked.what === 'scim' && asked.login === login && asked.wants === 'active',
  );
  if (source === 'scim' && isActive) return true;
  return portal.calls.some(
    ({ asked }) =>
      asked.what === 'event' &&
      asked.login === login &&
      asked.event.kind === 'returned' &&
      asked.event.source === source &&
      asked.event.eventTime > eventTime,
  );
}

/** What is in no journal and was said between a backup and what was restored of it: nobody knows of it any more. */
const wasForgotten = (oracle: Oracle, call: Call): boolean =>
  wasWhileForgotten(oracle, call) &&
  !['denied', 'held', 'reinstated'].includes(outcomeOf(call)?.outcome ?? '');

const wasWhileForgotten = ({ restored }: Oracle, call: Call): boolean =>
  restored !== undefined &&
  call.startedAtStep <= restored.step &&
  (call.endedAtStep ?? Infinity) >= restored.fromStep;

/** Who was first known after the backup has her names again only when she signs in next. */
const lacksName = ({ restored, portal, people }: Oracle, login: string): boolean =>
  restored !== undefined &&
  portal.table.find(`ALIAS#email#${login}@example.com`, 'ALIAS')?.['personId'] !== people.idOf(login);
