import type { Attributes } from '../../support/simulated-dynamodb/expressions.ts';
import type { Invocation } from '../invocation.ts';
import type { Invariant, Oracle } from '../oracle.ts';
import { refusalByTable } from './gate-rule.ts';

export const evidenceIsTrue: Invariant = {
  number: 3,
  words: 'what is on record as cut was cut, and what is on record as published was seen at the endpoint',

  changed: (oracle, { change: { pk, sk, before, after }, invocation }) => {
    if (pk.startsWith('AUDIT#')) return isChained(oracle, pk, sk, before, after);
    if (after === undefined) return undefined;
    if (sk === 'PERSON' && isUnwritten(before, after)) {
      return `what is said against ${String(after['login'])} changed, and nothing was written down`;
    }
    if (pk === 'ENDPOINTS') return confirmedWasShown(oracle, sk, before, after);
    return pk.startsWith('OFFBOARDING#') ? cutWasCut(oracle, invocation, before, after) : undefined;
  },
};

const denialIdsOf = (person: Attributes | undefined): string =>
  Object.keys(person?.['denials'] ?? {})
    .sort()
    .join();

const isUnwritten = (before: Attributes | undefined, after: Attributes): boolean =>
  denialIdsOf(before) !== denialIdsOf(after) && before?.['auditSequence'] === after['auditSequence'];

/** Each entry names the hash of the one before, and none is ever changed or removed. */
function isChained(
  { portal }: Oracle,
  pk: string,
  sk: string,
  before: Attributes | undefined,
  after: Attributes | undefined,
): string | undefined {
  if (before !== undefined || after === undefined) return `an entry of ${pk} was changed or removed`;
  const former = String(Number(sk) - 1).padStart(sk.length, '0');
  const expected = Number(sk) === 1 ? '0'.repeat(64) : portal.table.find(pk, former)?.['sha256Hex'];
  return after['previousSha256Hex'] === expected
    ? undefined
    : `an entry of ${pk} does not follow the one before`;
}

function confirmedWasShown(
  { portal }: Oracle,
  endpointId: string,
  before: Attributes | undefined,
  after: Attributes,
): string | undefined {
  const number = (after['crl'] as Attributes | undefined)?.['crlNumber'];
  if (number === (before?.['crl'] as Attributes | undefined)?.['crlNumber']) return undefined;
  const endpoint = portal.endpoints.find((one) => one.endpointId === endpointId);
  return endpoint?.shownActive.has(Number(number)) === true
    ? undefined
    : `list ${String(number)} counts as confirmed at ${endpointId}, which never showed it as active`;
}

function cutWasCut(
  oracle: Oracle,
  invocation: Invocation,
  before: Attributes | undefined,
  after: Attributes,
): string | undefined {
  const [known, now] = [before, after].map((record) => (record?.['cutAt'] ?? {}) as Attributes);
  for (const endpoint of oracle.portal.endpoints) {
    const { endpointId } = endpoint;
    if (now?.[endpointId] === undefined || known?.[endpointId] !== undefined) continue;
    for (const { certificate, shownFrom, status } of endpoint.up()) {
      // Only while this very denial stands: another may have come after the lists were clean.
      const denials = Object.keys(oracle.storedPerson(certificate.login)?.['denials'] ?? {});
      const isHers = denials.includes(String(after['offboardingId']));
      // Whoever writes it down late may be told of no one who came up since, as clients do where the gate is off.
      const wasListed = shownFrom <= (oracle.listedAt.get(invocation) ?? -Infinity);
      if (!isHers || !wasListed || status === 'terminating') continue;
      if (refusalByTable(oracle, certificate.commonName, endpointId) !== undefined) {
        return `${certificate.login} counts as cut at ${endpointId}, and her tunnel is up`;
      }
    }
  }
  return undefined;
}
