import type { AliasCoverageFacts, PortalFacts } from '../../domain/doctor/facts.ts';
import type { PersonId } from '../../domain/identity.ts';
import type { Person } from '../../domain/person.ts';
import { holdersNow } from '../count-holders.ts';
import type { Attempts } from './attempts.ts';
import type { GatherDeps } from './gather-endpoint.ts';
import type { PortalParts } from './parts.ts';
import { READS } from './reads.ts';

/** A hundred reads; with more the doctor would keep people waiting. */
const MOST_PEOPLE = 10_000;

/** How many of those who hold certificates each enabled source can name. */
export async function gatherCoverage(
  { inspection, stores, clock }: GatherDeps,
  { attempt }: Attempts,
  { issuerFunction }: PortalParts,
): Promise<PortalFacts['aliasCoverage']> {
  if (stores === undefined || issuerFunction === undefined) return undefined;
  const sources = await attempt(READS.sources, () => inspection.declaredSources(issuerFunction));
  if (sources?.value === undefined) return undefined;
  const holders = await attempt(READS.holders, () => holdersNow({ ...stores, clock }));
  if (holders === undefined) return undefined;
  const ids = [...holders.value].sort().slice(0, MOST_PEOPLE);
  const people = await attempt(READS.people, () => stores.people.findMany(ids));
  if (people === undefined) return undefined;
  // Who has left has nothing more to lose.
  const staying = people.value.filter(({ denials }) => !denials.some(({ kind }) => kind === 'left'));
  const value: AliasCoverageFacts = {
    sources: sources.value,
    holders: staying.length,
    isPart: ids.length < holders.value.size,
    lacking: lackingOf(sources.value, staying),
  };
  return { value };
}

const lackingOf = (
  sources: AliasCoverageFacts['sources'],
  people: readonly Person[],
): AliasCoverageFacts['lacking'] =>
  new Map(
    sources.map(({ aliasKind }): [typeof aliasKind, PersonId[]] => [
      aliasKind,
      people
        .filter(({ aliases }) => !aliases.some(({ kind }) => kind === aliasKind))
        .map(({ personId }) => personId)
        .sort(),
    ]),
  );
