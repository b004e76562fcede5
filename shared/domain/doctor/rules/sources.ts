import type { AliasKind } from '../../identity.ts';
import type { AliasCoverageFacts } from '../facts.ts';
import { warning, well, type Finding } from '../finding.ts';
import { counted, firstOf } from '../words.ts';
import type { PortalRule } from './rule.ts';

/** The parameter that says which claim of a token holds a name. */
const CLAIM_OF: Readonly<Record<AliasKind, string>> = {
  email: 'claimEmail, which must be verified',
  login: 'claimLogin',
  employeeNumber: 'claimEmployeeNumber',
};

/** Every source can name everybody who holds a certificate. */
export const sourcesNameHolders: PortalRule = ({ aliasCoverage }) =>
  aliasCoverage === undefined
    ? []
    : aliasCoverage.value.sources.map((one) => coverageOf(one, aliasCoverage.value));

function coverageOf(
  { source, aliasKind }: AliasCoverageFacts['sources'][number],
  { holders, isPart, lacking }: AliasCoverageFacts,
): Finding {
  const people = lacking.get(aliasKind) ?? [];
  const all = `${isPart ? 'the first ' : ''}${counted(holders, 'holder')}`;
  const subject = { impact: 'keepOut' } as const;
  if (people.length === 0) {
    return well(
      { code: 'sourceNamesHolders', ...subject },
      holders === 0
        ? `the source ${source} has nobody to name yet`
        : `the source ${source} can name each of ${all} by ${aliasKind}`,
    );
  }
  const named = holders - people.length;
  // Nobody is told that all are covered while somebody is not.
  const percent = Math.floor((named * 100) / holders);
  return warning(
    { code: 'sourceCannotName', ...subject },
    {
      seen: `the source ${source} can name ${named} of ${all} by ${aliasKind} (${percent} %); not ${firstOf(people)}`,
      why: 'What it says of the others reaches nobody: their leaving would be an open incident, or never heard of.',
      cure: {
        words: `have the identity provider put the ${aliasKind} into their tokens (${CLAIM_OF[aliasKind]}) and them sign in again; until then offboard them by id. --json names all`,
      },
      people,
    },
  );
}
