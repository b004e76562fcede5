import { auditedPeopleView, auditPageView, entryFrom } from '../../shared/http/api/audit.ts';
import {
  chainFaults,
  journalFaults,
  type AuditEntry,
  type ChainFault,
} from '../../shared/domain/audit-entry.ts';
import { canonicalJson } from '../../shared/domain/canonical-json.ts';
import { parsePersonId, type PersonId } from '../../shared/domain/identity.ts';
import { isoFromMilliseconds } from '../../shared/domain/time.ts';
import type { JournalledChains } from '../../shared/domain/journal.ts';
import { defineCommand } from '../command.ts';
import { awsTarget, TARGET_OPTIONS } from '../aws/target.ts';
import { Failure, localFailure, usageFailure } from '../failure.ts';
import { apiPath, type PortalApi } from '../portal/api.ts';
import type { Screen } from '../terminal/screen.ts';
import { counted } from '../terminal/words.ts';
import type { World } from '../world.ts';

export const audit = defineCommand({
  name: 'audit',
  audience: 'administrator',
  summary: 'show what was written down of a person, or verify that nothing of it was changed or taken away',
  notes: [
    'verify computes every hash here and believes nobody: it finds what was changed, is missing, stands in',
    'another place, or was put in. Exit code 1 where it finds something. Whoever could write to all of the table could',
    'write a whole chain anew: --journal compares with the journal too, with the rights of your AWS configuration.',
  ],
  arguments: {
    WHAT: { words: 'a person’s id, as `person` shows it; or the word verify' },
    PERSON: { words: 'whom to verify', optional: true },
  },
  options: {
    all: { words: 'with verify: everybody of whom something was written down' },
    journal: { words: 'with verify: look also at what the journal has, which nobody can change' },
    ...TARGET_OPTIONS,
  },
  examples: [
    'audit 5n2k8v1f5k8m2n4p6r8t0w2y4a',
    'audit verify 5n2k8v1f5k8m2n4p6r8t0w2y4a',
    'audit verify --all',
    'audit verify --all --journal --stage prod',
  ],
  async run({ world, screen, portal }, { WHAT: what, PERSON: whom, all, journal, ...target }) {
    if (what !== 'verify') {
      if (whom !== undefined || all || journal) throw usageFailure('Only verify takes more than a person');
      return show(portal(), screen, what);
    }
    if ((whom === undefined) !== all) throw usageFailure('Verify one person, or --all');
    const chains = journal ? await readJournal(world, screen, target) : undefined;
    return verify(portal(), screen, whom, chains);
  },
});

async function readJournal(
  world: World,
  screen: Screen,
  named: Parameters<typeof awsTarget>[1],
): Promise<JournalledChains> {
  const target = awsTarget(world, named);
  const bucket = (await target.resources()).get('JournalBucket');
  if (bucket === undefined) throw usageFailure('This stack has no journal', 'deploy it anew');
  // Only now: the clients are large, and most commands need none.
  const { journalledChains } = await import('../aws/journal.ts');
  const { objects, chains } = await journalledChains(target, bucket);
  screen.note(`${counted(objects, 'object')} of the journal follow from each other`);
  return chains;
}

interface Chain {
  readonly personId: PersonId;
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

async function verify(
  api: PortalApi,
  screen: Screen,
  whom: string | undefined,
  journalled: JournalledChains | undefined,
): Promise<object> {
  let people = 0;
  let entries = 0;
  const broken: Chain[] = [];
  const asked = new Set<string>();
  const look = async (personId: string): Promise<void> => {
    asked.add(personId);
    const read = await readChain(api, personId, journalled !== undefined);
    const known = journalled?.get(read.personId);
    const chain = {
      ...read,
      faults: [...read.faults, ...(known === undefined ? [] : journalFaults(read.entries, known))],
    };
    people += 1;
    entries += chain.entries.length;
    if (chain.faults.length === 0) return;
    broken.push(chain);
    tellFaults(screen, chain);
  };
  for await (const personId of whom === undefined ? everybody(api) : [whom]) await look(personId);
  // Whom the table does not name any more.
  const forgotten = whom === undefined ? [...(journalled?.keys() ?? [])] : [];
  for (const personId of forgotten) if (!asked.has(personId)) await look(personId);
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
    `${counted(entries, 'entry').replace('entrys', 'entries')} of ${people === 1 ? 'one person' : `${people} people`}: nothing was changed, nothing is missing${journalled === undefined ? '' : ', and all that the journal has is there'}`,
  );
  return { people, entries, ...(journalled === undefined ? {} : { journalled: journalled.size }) };
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

async function readChain(api: PortalApi, text: string, isNobody = false): Promise<Chain> {
  const personId = parsePersonId(text);
  if (personId === undefined)
    throw usageFailure(`"${text}" is no person’s id`, '`person` finds it by a name');
  const entries: AuditEntry[] = [];
  const unreadable: ChainFault[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await api
      .get(apiPath`/v1/admin/people/${personId}/audit`, auditPageView, cursor === undefined ? {} : { cursor })
      .catch((error: unknown) => {
        if (isNobody && error instanceof Failure && error.facts.code === 'personNotFound') return undefined;
        throw error;
      });
    if (page === undefined) return { personId, entries, faults: [] };
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
