import { auditedPeopleView, auditPageView, entryFrom } from '../../shared/http/api/audit.ts';
import { chainFaults, type AuditEntry, type ChainFault } from '../../shared/domain/audit-entry.ts';
import { canonicalJson } from '../../shared/domain/canonical-json.ts';
import { parsePersonId } from '../../shared/domain/identity.ts';
import { isoFromMilliseconds } from '../../shared/domain/time.ts';
import { defineCommand } from '../command.ts';
import { localFailure, usageFailure } from '../failure.ts';
import { apiPath, type PortalApi } from '../portal/api.ts';
import type { Screen } from '../terminal/screen.ts';
import { counted } from '../terminal/words.ts';

export const audit = defineCommand({
  name: 'audit',
  audience: 'administrator',
  summary: 'show what was written down of a person, or verify that nothing of it was changed or taken away',
  notes: [
    'verify computes every hash here and believes nobody: it finds what was changed, is missing, stands in',
    'another place, or was put in. Exit code 1 where it finds something.',
  ],
  arguments: {
    WHAT: { words: 'a person’s id, as `person` shows it; or the word verify' },
    PERSON: { words: 'whom to verify', optional: true },
  },
  options: { all: { words: 'with verify: everybody of whom something was written down' } },
  examples: [
    'audit 5n2k8v1f5k8m2n4p6r8t0w2y4a',
    'audit verify 5n2k8v1f5k8m2n4p6r8t0w2y4a',
    'audit verify --all',
  ],
  async run({ screen, portal }, { WHAT: what, PERSON: whom, all }) {
    if (what !== 'verify') {
      if (whom !== undefined || all) throw usageFailure('Only verify takes more than a person');
      return show(portal(), screen, what);
    }
    if ((whom === undefined) !== all) throw usageFailure('Verify one person, or --all');
    return verify(portal(), screen, whom);
  },
});

interface Chain {
  readonly personId: string;
  readonly entries: readonly AuditEntry[];
  readonly faults: readonly ChainFault[];
}

async function show(api: PortalApi, screen: Screen, personId: string): Promise<object> {
  const chain = await readChain(api, personId);
  if (chain.entries.length === 0) screen.line('Nothing was written down of this person yet.');
  else {
    screen.table(
      ['#', 'TIME (UTC)', 'ACTION', 'BY', 'FACTS'],
      chain.entries.map(({ sequence, at, action, actor, facts }) => [
        String(sequence),
        isoFromMilliseconds(at).replace('T', ' ').replace('Z', ''),
        action,
        actor,
        Object.entries(facts)
          .map(([name, value]) => `${name}=${typeof value === 'string' ? value : canonicalJson(value)}`)
          .join(' '),
      ]),
    );
  }
  tellFaults(screen, chain);
  return chain;
}

async function verify(api: PortalApi, screen: Screen, whom: string | undefined): Promise<object> {
  let people = 0;
  let entries = 0;
  const broken: Chain[] = [];
  for await (const personId of whom === undefined ? everybody(api) : [whom]) {
    const chain = await readChain(api, personId);
    people += 1;
    entries += chain.entries.length;
    if (chain.faults.length === 0) continue;
    broken.push(chain);
    tellFaults(screen, chain);
  }
  if (broken.length > 0) {
    throw localFailure(
      'auditBroken',
      `${counted(broken.length, 'chain')} of ${people} ${broken.length === 1 ? 'is' : 'are'} not as written`,
      broken
        .map(({ personId, faults }) => `${personId}: ${faults.map(({ words }) => words).join('; ')}`)
        .join('. '),
      [{ words: 'the journal has every entry as it was: docs/evidence.md' }],
    );
  }
  screen.done(
    `${counted(entries, 'entry').replace('entrys', 'entries')} of ${people === 1 ? 'one person' : `${people} people`}: nothing was changed, nothing is missing`,
  );
  return { people, entries };
}

function tellFaults(screen: Screen, { personId, faults }: Chain): void {
  for (const { words } of faults) screen.warn(`${personId}: ${words}`);
}

async function* everybody(api: PortalApi): AsyncGenerator<string> {
  let cursor: string | undefined;
  do {
    const page = await api.get(
      '/v1/admin/audit/people',
      auditedPeopleView,
      cursor === undefined ? {} : { cursor },
    );
    yield* page.personIds;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

async function readChain(api: PortalApi, text: string): Promise<Chain> {
  const personId = parsePersonId(text);
  if (personId === undefined)
    throw usageFailure(`"${text}" is no person’s id`, '`person` finds it by a name');
  const entries: AuditEntry[] = [];
  const unreadable: ChainFault[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await api.get(
      apiPath`/v1/admin/people/${personId}/audit`,
      auditPageView,
      cursor === undefined ? {} : { cursor },
    );
    for (const view of page.entries) {
      const entry = entryFrom(view);
      if (entry !== undefined) entries.push(entry);
    }
    for (const place of page.unreadable) {
      const sequence = Number(place);
      unreadable.push({ sequence, fault: 'changed', words: `entry ${sequence} is no entry any more` });
    }
    cursor = page.nextCursor;
    // The end that counts is the one that was told last: somebody may have been written about meanwhile.
    if (cursor === undefined)
      return { personId, entries, faults: [...unreadable, ...chainFaults(personId, entries, page.head)] };
  }
}
