import {
  auditEntryText,
  chained,
  chainFaults,
  EMPTY_CHAIN,
  type AuditEntry,
  type AuditHead,
} from '../../shared/domain/audit-entry.ts';
import { canonicalJson } from '../../shared/domain/canonical-json.ts';
import { personIdFrom } from '../../shared/domain/identity.ts';

const ALICE = personIdFrom('https://id.example', 'alice');
const BOB = personIdFrom('https://id.example', 'bob');

function chainOf(length: number, personId = ALICE): AuditEntry[] {
  const entries: AuditEntry[] = [];
  let head: AuditHead = EMPTY_CHAIN;
  for (let n = 1; n <= length; n += 1) {
    const entry = chained(personId, head, {
      at: n,
      actor: 'hr',
      action: 'denied',
      facts: { n, kind: 'left' },
    });
    entries.push(entry);
    head = entry;
  }
  return entries;
}

const CHAIN = chainOf(4);
const HEAD = CHAIN[3];
const [first, second, third, fourth] = CHAIN as [AuditEntry, AuditEntry, AuditEntry, AuditEntry];
/** As somebody would who knows how entries are hashed. */
const forged = (entry: AuditEntry, changes: Partial<AuditEntry>): AuditEntry =>
  chained(
    ALICE,
    { sequence: entry.sequence - 1, sha256Hex: entry.previousSha256Hex },
    { ...entry, ...changes },
  );

it('finds nothing in a chain as it was written', () => {
  expect(chainFaults(ALICE, CHAIN, HEAD)).toEqual([]);
  expect(chainFaults(ALICE, [])).toEqual([]);
});

it.each<[string, readonly AuditEntry[], string[]]>([
  ['other facts', [first, { ...second, facts: { n: 2, kind: 'suspended' } }, third, fourth], ['2 changed']],
  ['another actor', [first, second, { ...third, actor: 'adam' }, fourth], ['3 changed']],
  ['another time', [{ ...first, at: 7 }, second, third, fourth], ['1 changed']],
  ['another action', [first, { ...second, action: 'lifted' }, third, fourth], ['2 changed']],
  [
    'a change with a hash that fits',
    [first, forged(second, { actor: 'adam' }), third, fourth],
    ['3 changed'],
  ],
  ['a last entry with a hash that fits', [first, second, third, forged(fourth, { at: 9 })], ['4 changed']],
  ['one entry gone', [first, third, fourth], ['2 missing']],
  ['the first gone', [second, third, fourth], ['1 missing']],
  ['the last gone', [first, second, third], ['4 missing']],
  ['all gone', [], ['1 missing']],
  ['two in each other’s place', [first, third, second, fourth], ['2 missing', '2 reordered']],
  ['one twice', [first, second, second, third, fourth], ['2 reordered']],
  ['one more at the end', [...CHAIN, forged(chainOf(5)[4] ?? fourth, {})], ['5 surplus']],
  [
    'another person’s entry',
    [first, chainOf(2, BOB)[1] ?? second, third, fourth],
    ['2 changed', '2 changed', '3 changed'],
  ],
])('finds %s', (_what, entries, expected) => {
  const faults = chainFaults(ALICE, entries, HEAD);
  expect(faults.map(({ sequence, fault }) => `${sequence} ${fault}`)).toEqual(expected);
});

it('hashes what the API shows, in its one canonical form', () => {
  expect(auditEntryText(first)).toBe(
    `{"action":"denied","actor":"hr","at":"1970-01-01T00:00:00.001Z","facts":{"kind":"left","n":1},"personId":"${ALICE}","previousSha256Hex":"${'0'.repeat(64)}","sequence":1}`,
  );
});

it.each([
  [
    'names in the order of code units',
    { b: 1, a: [true, null], '€': 'ö\n', Z: {} },
    '{"Z":{},"a":[true,null],"b":1,"€":"ö\\n"}',
  ],
])('writes %s', (_what, value, text) => expect(canonicalJson(value)).toBe(text));

it.each([[1.5], [Number.NaN], ['\ud800'], [{ a: [2 ** 53] }]])('refuses %p, which has no one form', (value) =>
  expect(() => canonicalJson(value)).toThrow(),
);
