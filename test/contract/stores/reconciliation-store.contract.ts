import { personIdFrom } from '../../../shared/domain/identity.ts';
import { NO_OUTCOMES, NOTHING_FOUND, type ReconciliationRun } from '../../../shared/domain/reconciliation.ts';
import { freshId, NOW_MILLISECONDS } from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

const T = NOW_MILLISECONDS;
const adam = personIdFrom('https://id.example', 'adam');
const leaseOf = (holder: string, until = T + 100) => ({ holder, until });

const runOf = (changes: Partial<ReconciliationRun> = {}): ReconciliationRun => ({
  runId: freshId(),
  reason: 'administrator',
  by: adam,
  mode: 'hold',
  dryRun: true,
  evenIfMany: false,
  state: 'reading',
  startedAt: T,
  cursor: 'https://directory.example/users?after=1',
  pages: 0,
  entries: 0,
  active: 0,
  failures: 0,
  compared: 0,
  found: { ...NOTHING_FOUND, missing: 2 },
  parts: 0,
  partsDone: 0,
  outcomes: NO_OUTCOMES,
  ...changes,
});

/** What every ReconciliationStore keeps. */
export function reconciliationStoreContract(newStores: () => Promise<Stores>): void {
  it('keeps on what it acted, one answer of each person, until that is forgotten', async () => {
    const { reconciliations } = await newStores();
    expect(await reconciliations.listActedOn()).toEqual([]);
    const bob = {
      personId: personIdFrom('https://id.example', 'bob'),
      absence: 'missing',
      since: T,
    } as const;
    const other = { ...bob, personId: adam };
    for (const one of [bob, other, { ...bob, absence: 'suspended', since: T + 1 } as const]) {
      await reconciliations.keepActedOn(one);
    }
    await reconciliations.forgetActedOn(adam);
    await reconciliations.forgetActedOn(adam);
    expect(await reconciliations.listActedOn()).toEqual([{ ...bob, absence: 'suspended', since: T + 1 }]);
  });

  it('keeps the first wish, but for an administrator’s, which comes before all', async () => {
    const { reconciliations } = await newStores();
    expect(await reconciliations.wished()).toBeUndefined();
    const first = { reason: 'refusedEvents', at: T } as const;
    await reconciliations.wish(first);
    await reconciliations.wish({ ...first, at: T + 1 });
    expect(await reconciliations.wished()).toEqual(first);
    const asked = {
      reason: 'administrator',
      at: T + 2,
      by: adam,
      mode: 'hold',
      dryRun: true,
      evenIfMany: false,
    } as const;
    await reconciliations.wish(asked);
    await reconciliations.wish({ ...first, at: T + 3 });
    expect(await reconciliations.wished()).toEqual(asked);
    expect(await reconciliations.start(runOf(), leaseOf('a'), first)).toBe(false);
    expect(await reconciliations.start(runOf(), leaseOf('a'), asked)).toBe(true);
    expect(await reconciliations.wished()).toBeUndefined();
  });

  it('has one run at a time, and one who works on it until her time is over', async () => {
    const { reconciliations } = await newStores();
    const run = runOf();
    const started = await Promise.all(
      ['a', 'b'].map((holder) =>
        reconciliations.start({ ...run, runId: holder === 'a' ? run.runId : freshId() }, leaseOf(holder)),
      ),
    );
    expect(started.filter(Boolean)).toHaveLength(1);
    const current = await reconciliations.current();
    const [runId, holder] = [current?.run.runId ?? '', started[0] === true ? 'a' : 'b'];
    expect(current?.leaseUntil).toBe(T + 100);
    expect(await reconciliations.take(runId, leaseOf('c', T + 300), T + 99)).toBe(false);
    expect(await reconciliations.take(runId, leaseOf('c', T + 300), T + 100)).toBe(true);
    const mine = { ...run, runId, entries: 7 };
    expect(await reconciliations.save(mine, leaseOf(holder))).toBe(false);
    expect(await reconciliations.finish(mine, { runId, startedAt: T }, leaseOf(holder))).toBe(false);
    expect(await reconciliations.save(mine, leaseOf('c', T + 400))).toBe(true);
    expect(await reconciliations.current()).toEqual({ run: mine, leaseUntil: T + 400 });
  });

  it('keeps pages and findings with the run, or neither', async () => {
    const { reconciliations } = await newStores();
    const run = runOf();
    await reconciliations.start(run, leaseOf('a'));
    const entries = [
      { standing: 'active' as const, keys: ['one', 'two'] },
      { standing: 'deactivated' as const, keys: [] },
    ];
    const kept = { ...run, pages: 1 };
    expect(await reconciliations.keepPage(kept, { number: 0, entries }, leaseOf('z'))).toBe(false);
    expect(await reconciliations.keepPage(kept, { number: 0, entries: [] }, leaseOf('a'))).toBe(true);
    expect(await reconciliations.keepPage(kept, { number: 0, entries }, leaseOf('a'))).toBe(true);
    await reconciliations.keepPage(
      kept,
      { number: 1, entries: [{ standing: 'suspended', keys: ['3'] }] },
      leaseOf('a'),
    );
    expect(await reconciliations.pages(run.runId, 1)).toEqual(entries);
    expect(await reconciliations.pages(run.runId, 2)).toHaveLength(3);
    const findings = [{ personId: adam, kind: 'missing' as const, certificates: 2 }];
    await reconciliations.keepFindings(kept, { number: 0, findings }, leaseOf('a'));
    expect(await reconciliations.findings(run.runId, 0)).toEqual(findings);
    expect(await reconciliations.findings(run.runId, 1)).toEqual([]);
  });

  it('remembers the last that is over, and lets the next begin', async () => {
    const { reconciliations } = await newStores();
    expect(await reconciliations.history()).toBeUndefined();
    const { cursor: _over, ...run } = runOf();
    await reconciliations.start(run, leaseOf('a'));
    const done = { ...run, state: 'failed' as const, endedAt: T + 9, failure: 'it is empty' };
    const history = { runId: run.runId, startedAt: T, unaskedAt: T - 5, active: 40 };
    expect(await reconciliations.finish(done, history, leaseOf('a'))).toBe(true);
    expect(await reconciliations.current()).toBeUndefined();
    expect(await reconciliations.history()).toEqual(history);
    expect(await reconciliations.find(run.runId)).toEqual(done);
    expect(await reconciliations.start(runOf(), leaseOf('b'))).toBe(true);
  });
}
