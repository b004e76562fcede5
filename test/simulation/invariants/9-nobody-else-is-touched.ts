import type { Attributes } from '../../support/simulated-dynamodb/expressions.ts';
import type { Invariant, Oracle } from '../oracle.ts';
import { lacksIssue, lastChangeOf, refusalByTable } from './gate-rule.ts';

/**
 * Of the ninth invariant: whoever nobody said anything about keeps her access, one source only holds more people than it
 * may deny in an hour, none denies whom the break-glass list has, a certificate is replaced only once its successor was
 * seen to work, and a reinstatement undoes what no list has. NOT HELD HERE: probes that roll the gate back.
 */
export const nobodyElseIsTouched: Invariant = {
  number: 9,
  words:
    'no single mistake locks out others: only who is meant is denied, cut or listed, and reinstatement undoes it',

  changed: (oracle, { change: { pk, sk, before, after } }) => {
    if (sk === 'CERT' && pk.startsWith('CERT#')) return replacedInVain(oracle, before, after);
    if (sk !== 'PERSON' || after === undefined) return undefined;
    const known = Object.keys(before?.['denials'] ?? {});
    for (const [id, denial] of Object.entries(after['denials'] as Record<string, Attributes>)) {
      if (!known.includes(id) && !wasMeant(oracle, String(after['login']), String(denial['source']))) {
        return `${pk} is denied though nobody said anything of ${String(after['login'])}`;
      }
      if (!known.includes(id) && isTooEarly(oracle, denial)) {
        return `${String(after['login'])} is denied before her last day is over`;
      }
      if (!known.includes(id) && isUntouchable(oracle, after, denial)) {
        return `${String(denial['source'])} denied ${String(after['login'])}, who is on the break-glass list`;
      }
    }
    return isTooMany(oracle, before, after)
      ? 'hr denied more people in an hour than it may, and they are not only held'
      : undefined;
  },

  terminated: (oracle, { endpoint, tunnel, invocation }) => {
    const { commonName, login } = tunnel.certificate;
    const isAllowed = refusalByTable(oracle, commonName, endpoint.endpointId) === undefined;
    const wasSoThroughout = lastChangeOf(oracle, commonName) < invocation.startedAtStep;
    return isAllowed && wasSoThroughout ? `the tunnel of ${login}, who may connect, was ended` : undefined;
  },

  atRest: (oracle) => {
    for (const item of oracle.portal.table.scan('CERT#')) {
      const login = oracle.people.loginOfCommonName(String(item['commonName']));
      const by = (item['revocation'] as Attributes | undefined)?.['by'];
      const serialNumber = oracle.people.serialNumberOfId(String(item['certificateId']));
      const isUndone = oracle.everListed.has(serialNumber) || by !== 'offboarding';
      if (
        !isUndone &&
        oracle.denialsOf(login).length === 0 &&
        Number(item['notAfter']) * 1000 > oracle.machine.now
      ) {
        return `${login} is back, and a certificate that no list ever had stays revoked`;
      }
    }
    return undefined;
  },
};

/** Hosts' clocks differ. */
const CLOCK_MILLISECONDS = 6_000;

const isTooEarly = ({ portal, machine }: Oracle, { source, eventTime }: Attributes): boolean =>
  portal.calls.some(
    ({ asked }) =>
      asked.what === 'event' &&
      asked.event.source === source &&
      asked.event.eventTime === eventTime &&
      (asked.event.effectiveAt ?? 0) > machine.now + CLOCK_MILLISECONDS,
  );

/** Administrators' words count, and what they bound to her. */
function isUntouchable({ portal }: Oracle, { login }: Attributes, { source }: Attributes): boolean {
  if (!portal.scenery.breakGlass.includes(String(login)) || source === 'administrator') return false;
  return !portal.calls.some(({ asked }) => asked.what === 'decide' && asked.login === login && asked.isBound);
}

/** Whose new certificate never came up anywhere must not lose the old one. */
function replacedInVain(
  oracle: Oracle,
  before: Attributes | undefined,
  after: Attributes | undefined,
): string | undefined {
  const revocation = after?.['revocation'] as Attributes | undefined;
  if (revocation?.['by'] !== 'renewal' || before?.['revocation'] !== undefined) return undefined;
  const id = String(after?.['successorId']);
  const wasSeen = oracle.portal.endpoints.some(({ tunnels }) =>
    tunnels.some(({ certificate }) => certificate.commonName.startsWith(`${id}.`)),
  );
  const isUsable = lacksIssue(oracle, `${id}.`) ? undefined : wasSeen;
  return isUsable === true
    ? undefined
    : `a certificate of ${String(after?.['commonName'])} was replaced by one that never came up`;
}

/** The limit counts by five minutes, on clocks that differ. */
const SURELY_WITHIN_MILLISECONDS = 50 * 60_000;

function isTooMany(oracle: Oracle, before: Attributes | undefined, after: Attributes): boolean {
  const { machine, portal } = oracle;
  const denialsOf = (person: Attributes | undefined): Attributes[] =>
    Object.values((person?.['denials'] ?? {}) as Record<string, Attributes>).filter(
      ({ source }) => source === 'hr',
    );
  const isDecided = portal.calls.some(({ asked }) => asked.what === 'settle' || asked.what === 'decide');
  // What a replay makes anew was counted when it came.
  if (portal.isDown || isDecided || denialsOf(before).length > 0) return false;
  // Of two that are counted at once the later one may be written first: what counts is how many are not only held.
  if (!denialsOf(after).some(({ kind }) => kind !== 'surge')) return false;
  oracle.deniedByHr.push(machine.now);
  const recent = oracle.deniedByHr.filter((at) => at > machine.now - SURELY_WITHIN_MILLISECONDS);
  return recent.length > portal.scenery.surgeLimit;
}

/** Somebody said something of her, or an undecided event may mean her. */
const wasMeant = ({ portal, everGone }: Oracle, login: string, source: string): boolean =>
  source.startsWith('i-') ||
  (source === 'reconciliation' && everGone.has(login)) ||
  portal.calls.some(
    ({ asked }) =>
      (asked.what === 'scim' && asked.login === login && asked.wants !== 'active' && source === 'scim') ||
      ((asked.what === 'event' || asked.what === 'decide') &&
        asked.login === login &&
        (asked.what === 'event' ? asked.event.source === source : asked.isBound)),
  );
