import { listHolders } from '../../../shared/use-cases/administration/holders.ts';
import { SECONDS_PER_DAY } from '../../../shared/domain/time.ts';
import { CA_ID, newWorld, type World } from '../../support/world.ts';

const ask = (world: World, caId = CA_ID, cursor?: string) =>
  listHolders(world.deps, world.caller('adam'), caId, cursor);
const names = async (world: World): Promise<(string | undefined)[]> =>
  (await ask(world)).holders.map(({ person }) => person?.login).sort();

describe('who holds a certificate of a CA', () => {
  it('is everybody whose certificate is neither revoked nor over, those that end first coming first', async () => {
    const world = await newWorld();
    await world.enrol('alice');
    await world.enrol('bob');
    await world.enrol('carol');
    const { holders, caNotAfter } = await ask(world);
    const ends = holders.map(({ certificate }) => certificate.notAfter);
    expect(ends).toEqual([...ends].sort((a, b) => a - b));
    expect(caNotAfter).toBe(world.ca.facts.notAfter);
    expect(await names(world)).toEqual(['alice', 'bob', 'carol']);
    await world.tell(world.event('bob', 'left'));
    await world.advance();
    expect(await names(world)).toEqual(['alice', 'carol']);
    await world.tell(world.event('carol', 'suspended'));
    expect(await names(world)).toEqual(['alice', 'carol']);
    world.moveTime(199 * SECONDS_PER_DAY);
    expect(await names(world)).toEqual([]);
  });

  it('comes in pages, of which none is lost when a whole page was revoked', async () => {
    const world = await newWorld();
    const { personId } = await world.enrol('alice');
    const record = (await world.stores.certificates.listByPerson(personId))[0];
    if (record === undefined) throw new Error('no certificate');
    const page = (count: number, revoked: boolean) =>
      Array.from({ length: count }, () => ({
        ...record,
        ...(revoked && {
          revocation: {
            revocationDate: record.notBefore,
            reason: 'superseded' as const,
            by: 'owner' as const,
          },
        }),
      }));
    const asked: (object | undefined)[] = [];
    const pages = [page(100, true), page(100, false), page(1, false)];
    const deps = {
      ...world.deps,
      certificates: {
        listByEnd: async (_caId: string, { after }: { after?: object }) => {
          asked.push(after);
          return pages[asked.length - 1] ?? [];
        },
      },
    };
    let cursor: string | undefined;
    let found = 0;
    do {
      const answer = await listHolders(deps, world.caller('adam'), CA_ID, cursor);
      found += answer.holders.length;
      cursor = answer.nextCursor;
    } while (cursor !== undefined);
    const { notAfter, serialNumber } = record;
    expect(found).toBe(101);
    expect(asked).toEqual([undefined, { notAfter, serialNumber }, { notAfter, serialNumber }]);
  });

  it.each([
    ['a CA that is not there', 'ca9', undefined, 'notFound'],
    ['a cursor of somebody’s own', CA_ID, 'x', 'malformedRequest'],
    ['a cursor with more behind it', CA_ID, `1-${'0'.repeat(20)}-`, 'malformedRequest'],
  ])('refuses %s', async (_what, caId, cursor, code) => {
    await expect(ask(await newWorld(), caId, cursor)).rejects.toMatchObject({ code });
  });

  it('is told to those who administrate, and to nobody who left', async () => {
    const world = await newWorld();
    await expect(listHolders(world.deps, world.caller('alice'), CA_ID)).rejects.toMatchObject({
      code: 'notAllowed',
    });
    await world.enrol('adam');
    await world.tell(world.event('adam', 'left'));
    await expect(ask(world)).rejects.toMatchObject({ code: 'personDenied' });
  });
});
