import type { PersonId } from '../../domain/identity.ts';
import { isDenied, type Person } from '../../domain/person.ts';
import {
  FINDING_KINDS,
  indexOf,
  isSaid,
  NOTHING_FOUND,
  RECONCILIATION,
  standingOf,
  type ActedOn,
  type DirectoryIndex,
  type Finding,
  type FindingCounts,
  type FindingKind,
  type ReconciliationRun,
} from '../../domain/reconciliation.ts';
import { SECONDS_PER_DAY, secondsFrom } from '../../domain/time.ts';
import type { ReconcileDeps } from './deps.ts';

/** Longer than any certificate of ours lives. */
const LONGEST_LIFE_SECONDS = 400 * SECONDS_PER_DAY;
const PAGE = 200;
const AT_ONCE = 25;

export interface Comparison {
  readonly findings: readonly Finding[];
  readonly compared: number;
  readonly found: FindingCounts;
}

/** How many certificates each holder has: those neither revoked nor over. Who has only revoked ones has none. */
async function holders(deps: ReconcileDeps): Promise<Map<PersonId, number>> {
  const from = secondsFrom(deps.clock.now());
  const range = { from, until: from + LONGEST_LIFE_SECONDS, limit: PAGE };
  const live = new Map<PersonId, number>();
  for (const caId of new Set((await deps.endpoints.list()).map((endpoint) => endpoint.caId))) {
    for (let page = await deps.certificates.listByEnd(caId, range); page.length > 0;) {
      for (const { personId, revocation } of page) {
        live.set(personId, (live.get(personId) ?? 0) + (revocation === undefined ? 1 : 0));
      }
      const last = page.at(-1);
      if (page.length < PAGE || last === undefined) break;
      const after = { notAfter: last.notAfter, serialNumber: last.serialNumber };
      page = await deps.certificates.listByEnd(caId, { ...range, after });
    }
  }
  return live;
}

/**
 * Everybody who holds certificates beside the directory, which is read whole. It only reads, so that whoever died here
 * begins again.
 */
export async function compare(
  deps: ReconcileDeps,
  { runId, pages, mode, asOf }: ReconciliationRun,
): Promise<Comparison> {
  const index = indexOf(await deps.reconciliations.pages(runId, pages));
  const findings: Finding[] = [];
  let compared = 0;
  const live = await holders(deps);
  const acted = new Map((await deps.reconciliations.listActedOn()).map((one) => [one.personId, one]));
  // Who holds nothing now may be there again: what was once decided of her must not outlive that.
  const waiting = [
    ...live,
    ...[...acted.keys()].filter((personId) => !live.has(personId)).map((personId) => [personId, 0] as const),
  ];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [personId, certificates] = next;
      const person = await deps.people.find(personId);
      // Who came later than the answer is of cannot be in it.
      if (person === undefined || (asOf !== undefined && person.createdAt > asOf)) continue;
      if (certificates > 0) compared += 1;
      const before = acted.get(personId);
      const kind = findingOf(deps, person, { certificates, index, mode, before });
      if (kind === undefined) continue;
      const since = kind === 'kept' && before !== undefined ? { since: before.since } : {};
      findings.push({ personId, kind, certificates, ...since });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  findings.sort((a, b) => (a.personId < b.personId ? -1 : 1));
  const found = Object.fromEntries(
    FINDING_KINDS.map((kind) => [kind, findings.filter((one) => one.kind === kind).length]),
  );
  return { findings, compared, found: { ...NOTHING_FOUND, ...found } };
}

interface Beside {
  readonly certificates: number;
  readonly index: DirectoryIndex;
  readonly mode: ReconciliationRun['mode'];
  /** The answer on which an earlier comparison acted. */
  readonly before: ActedOn | undefined;
}

/** @returns undefined where nothing is to be said of her */
function findingOf(
  { reconciliation }: ReconcileDeps,
  person: Person,
  { certificates, index, mode, before }: Beside,
): FindingKind | undefined {
  const standing = standingOf(person, reconciliation.names, index);
  const isOurs = person.denials.some(({ source }) => source === RECONCILIATION);
  if (standing === 'active') return isOurs || before !== undefined ? 'back' : undefined;
  // Without a live certificate there is nothing that she could use.
  if (certificates === 0) return undefined;
  if (standing === 'ambiguous' || standing === 'nameless') return isDenied(person) ? undefined : standing;
  const isEnd = mode === 'offboard' && standing !== 'suspended';
  if (isSaid(person.denials, isEnd ? 'left' : 'suspended')) return undefined;
  // Only an administrator lifts what we said while the directory says the same.
  return !isOurs && before?.absence === standing ? 'kept' : standing;
}
