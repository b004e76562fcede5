import { aliasFrom, type PersonId, type SourceId } from '../../../shared/domain/identity.ts';
import type { Inspection } from '../../../shared/ports/inspection.ts';
import { attemptsWith } from '../../../shared/use-cases/doctor/attempts.ts';
import { gatherCoverage } from '../../../shared/use-cases/doctor/gather-coverage.ts';
import type { DoctorStores } from '../../../shared/use-cases/doctor/gather-endpoint.ts';
import { partsAmong } from '../../../shared/use-cases/doctor/parts.ts';
import { PORTAL } from '../doctor/healthy-portal.ts';
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

describe('the doctor, of who can be named by a source', () => {
  const sources = [
    { source: 'hr' as SourceId, aliasKind: 'email' as const },
    { source: 'gusto' as SourceId, aliasKind: 'employeeNumber' as const },
  ];
  const gather = async (world: World, stores: Partial<DoctorStores> = {}) => {
    const deps = {
      inspection: { declaredSources: async () => sources } as Partial<Inspection> as Inspection,
      vpnCrl: world.deps.vpnCrl,
      clock: world.clock,
      stores: { ...world.stores, tableName: 'table', ...stores },
      archive: undefined,
    };
    const attempts = attemptsWith(() => ({ kind: 'failed', words: 'down' }));
    const parts = {
      ...partsAmong(new Map([['IssueDashcertificateLambdaFunction', 'issue']])),
      place: PORTAL.place,
    };
    return { facts: await gatherCoverage(deps, attempts, parts), attempts };
  };

  it('counts who holds a certificate and has not left, with one question for all of them', async () => {
    const world = await newWorld();
    const ids = new Map<string, PersonId>();
    for (const login of ['alice', 'bob', 'carol']) ids.set(login, (await world.enrol(login)).personId);
    const number = aliasFrom('employeeNumber', '1001');
    const { personId, issuer, subject } = world.caller('bob');
    const aliases = number === undefined ? [] : [number];
    await world.stores.people.register({
      personId,
      issuer,
      subject,
      login: 'bob',
      aliases,
      at: world.clock.now(),
    });
    await world.tell(world.event('carol', 'left'));
    let questions = 0;
    const people = {
      findMany: async (all: readonly PersonId[]) => {
        questions += 1;
        return world.stores.people.findMany(all);
      },
    };
    const { facts } = await gather(world, { people });
    expect(facts?.value).toEqual({
      sources,
      holders: 2,
      isPart: false,
      lacking: new Map([
        ['email', []],
        ['employeeNumber', [ids.get('alice')]],
      ]),
    });
    expect(questions).toBe(1);
  });

  it('says nothing where the table does not tell, and notes why', async () => {
    const world = await newWorld();
    const people = { findMany: () => Promise.reject(new Error('down')) };
    const { facts, attempts } = await gather(world, { people });
    expect(facts).toBeUndefined();
    expect(attempts.unread.map(({ action }) => action)).toEqual(['dynamodb:BatchGetItem']);
  });
});
