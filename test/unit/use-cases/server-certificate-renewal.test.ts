import { X509Certificate } from 'node:crypto';
import type { SerialNumber } from '../../../shared/domain/certificate-id.ts';
import { decideServerRenewal } from '../../../shared/domain/server-certificate.ts';
import { SECONDS_PER_DAY } from '../../../shared/domain/time.ts';
import { pemFrom } from '../../../shared/domain/x509/pem.ts';
import type { Audit } from '../../../shared/ports/audit.ts';
import { renewServerCertificates } from '../../../shared/use-cases/renew-server-certificates.ts';
import { ensureServerCertificate } from '../../../shared/use-cases/set-up/ensure-server-certificate.ts';
import { counting, Died, dyingAt, interruptedAt } from '../../support/crashes.ts';
import { FakeAcm } from '../../support/fake-acm.ts';
import { freshOctets } from '../../support/store-fixtures.ts';
import { newWorld, CA_ID, START, type Interference } from '../../support/world.ts';
import { testCa, testKey } from '../x509/fixtures.ts';

const QUIET = { fromHour: 2, toHour: 4 };
const POLICY = { renewBeforeSeconds: 90 * SECONDS_PER_DAY, quietHours: QUIET };
const SERVER_DAYS = 825;
/** 9:00 and 2:00 UTC of the day on which so many whole days are left. */
const morning = (daysLeft: number): number => START + (SERVER_DAYS - daysLeft) * SECONDS_PER_DAY * 1000;
const night = (daysLeft: number): number => morning(daysLeft) - 7 * 3_600_000;

const undisturbed: Interference = (_name, effect) => effect();

/** A CA with a server certificate of the first day, in ACM. */
async function portal() {
  const { stores, deps: world } = await newWorld();
  const acm = new FakeAcm();
  let now = START;
  let keys = 0;
  let interference = undisturbed;
  const seen: [string, object | undefined][] = [];
  const through = <Port extends object>(port: Port, name: string): Port =>
    new Proxy(port, {
      get: (target, method) => {
        const member: unknown = Reflect.get(target, method);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) =>
          interference(
            `${name}.${String(method)}`,
            async () => Reflect.apply(member, target, args) as unknown,
          );
      },
    });
  const deps = {
    endpoints: through(world.endpoints, 'endpoints'),
    serverCertificateStore: through(stores.serverCertificates, 'store'),
    serverCertificates: through(acm, 'acm'),
    signer: through(world.signer, 'kms'),
    keyPairs: {
      generate: async () => ({
        subjectPublicKeyInfoDer: testKey(`server-${(keys += 1) % 2}`).subjectPublicKeyInfoDer,
        privateKeyPem: 'private',
      }),
    },
    clock: {
      now: () => now,
      sleep: async (milliseconds: number) => {
        now += milliseconds;
      },
    },
    random: freshOctets,
    audit: new Proxy({} as Audit, {
      get: (_, name) => (facts?: object) => void seen.push([String(name), facts]),
    }),
    renewal: POLICY,
  };
  const authority = await stores.endpoints.findAuthority(CA_ID);
  if (authority === undefined) throw new Error('no CA');
  const request = { serverName: 'vpn.example.com', organization: 'Example Ltd' };
  const arn = await ensureServerCertificate(deps, request, authority);
  seen.length = 0;
  return {
    deps,
    stores,
    acm,
    arn,
    authority,
    seen,
    held: () => new X509Certificate(acm.held.get(arn)?.certificatePem ?? ''),
    imports: () => acm.imports.length - 1,
    at: (moment: number) => (now = moment),
    interfere: (by: Interference) => (interference = by),
    run: async () => {
      const { failures } = await renewServerCertificates(deps);
      if (failures.length > 0) throw failures[0];
    },
  };
}

describe('a server certificate', () => {
  it('is renewed in the quiet hours, under its ARN, with another key, the same name and the same chain', async () => {
    const { at, run, held, acm, imports, arn } = await portal();
    const before = held();
    at(morning(91));
    await run();
    at(morning(89));
    await run();
    expect(imports()).toBe(0);
    at(night(88));
    await run();
    expect(imports()).toBe(1);
    expect([...acm.held.keys()]).toEqual([arn]);
    const after = held();
    expect(after.subject).toBe(before.subject);
    expect(after.subjectAltName).toBe(before.subjectAltName);
    expect(after.publicKey.equals(before.publicKey)).toBe(false);
    expect(after.serialNumber).not.toBe(before.serialNumber);
    expect(Date.parse(after.validTo)).toBe(night(88) + SERVER_DAYS * SECONDS_PER_DAY * 1000);
    expect(acm.imports[1]?.chainPem).toBe(acm.imports[0]?.chainPem);
    at(night(87));
    await run();
    expect(imports()).toBe(1);
  });

  it('is on record before it is signed, then signed, then as imported', async () => {
    const { at, run, held, stores, interfere } = await portal();
    const effects: string[] = [];
    interfere((name, effect) => {
      effects.push(name);
      return effect();
    });
    at(night(80));
    await run();
    const order = [
      'store.reserve',
      'kms.sign',
      'store.markSigned',
      'acm.import',
      'acm.read',
      'store.markImported',
    ];
    expect(effects.slice(-order.length)).toEqual(order);
    const serialNumber = held().serialNumber.toLowerCase().padStart(20, '0') as SerialNumber;
    const record = await stores.serverCertificates.find(CA_ID, serialNumber);
    expect(record).toMatchObject({ reservedAt: night(80) / 1000, importedAt: night(80) / 1000 });
    expect(Buffer.from(record?.certificateDer ?? [])).toEqual(held().raw);
    expect(JSON.stringify(record)).not.toContain('private');
  });

  it('is told of each hour with the CA, whether it is renewed or not', async () => {
    const { at, run, seen } = await portal();
    at(night(500));
    await run();
    expect(seen).toEqual([
      ['authorityLifeSeen', { caId: CA_ID, daysLeft: 3652 - (SERVER_DAYS - 500) }],
      ['serverCertificateLifeSeen', { caId: CA_ID, daysLeft: 500 }],
    ]);
  });

  it.each([
    ['another CA signed', () => pemFrom('CERTIFICATE', testCa('stranger').certificateDer), 'did not sign'],
    [
      'the CA signed and nobody recorded',
      async () => (await portal()).acm.imports[0]?.certificatePem ?? '',
      'nobody recorded',
    ],
  ])('that %s is left as it is, and loudly', async (_who, certificatePem, words) => {
    const { at, run, acm, arn, imports, seen } = await portal();
    const [first] = acm.imports;
    if (first === undefined) throw new Error('nothing imported');
    acm.held.set(arn, { ...first, certificatePem: await certificatePem() });
    at(night(10));
    await expect(run()).rejects.toThrow(words);
    expect(imports()).toBe(0);
    // How long the CA lasts is told all the same.
    expect(seen.map(([name]) => name)).toEqual(['authorityLifeSeen']);
  });

  it('that ACM does not show after the import is not recorded as imported', async () => {
    const { at, run, deps, held, seen } = await portal();
    const before = held().serialNumber;
    deps.serverCertificates.import = async (_material, existingArn = '') => existingArn;
    at(night(80));
    await expect(run()).rejects.toThrow('holds another certificate');
    expect(held().serialNumber).toBe(before);
    expect(seen.map(([name]) => name)).not.toContain('serverCertificateImported');
  });

  it('of a brought endpoint is not ours to renew', async () => {
    const { deps, acm, at, run, seen } = await portal();
    acm.held.clear();
    deps.endpoints.findServerCertificate = async () => undefined;
    at(night(10));
    await run();
    expect(seen.map(([name]) => name)).toEqual(['authorityLifeSeen']);
  });
});

describe('whoever dies while a server certificate is renewed', () => {
  it('leaves one that works, and the next nights end with exactly one new one, on record', async () => {
    const { interference, names } = counting();
    const whole = await portal();
    whole.at(night(80));
    whole.interfere(interference);
    await whole.run();
    for (const [n, when] of names.flatMap((_, i) => [
      [i + 1, 'before'] as const,
      [i + 1, 'after'] as const,
    ])) {
      const { at, run, interfere, imports, held, stores, authority } = await portal();
      at(night(80));
      interfere(dyingAt(n, when));
      await expect(run()).rejects.toBeInstanceOf(Died);
      interfere(undisturbed);
      at(night(80) + 3_600_000);
      await run();
      at(night(79));
      await run();
      const serialNumber = held().serialNumber.toLowerCase().padStart(20, '0') as SerialNumber;
      const record = await stores.serverCertificates.find(CA_ID, serialNumber);
      const ca = new X509Certificate(authority.certificateDer);
      expect({ n, when, imports: imports(), isOurs: held().verify(ca.publicKey), ...record }).toMatchObject({
        n,
        when,
        imports: 1,
        isOurs: true,
      });
      expect(record?.importedAt).toBeGreaterThan(night(81) / 1000);
      expect(Date.parse(held().validTo)).toBeGreaterThan(night(80) + 800 * SECONDS_PER_DAY * 1000);
    }
  });

  it('is not hindered by another who renews at the same moment: one imports', async () => {
    const { interference, names } = counting();
    const whole = await portal();
    whole.at(night(80));
    whole.interfere(interference);
    await whole.run();
    for (let n = 1; n <= names.length; n += 1) {
      const { deps, at, run, interfere, imports } = await portal();
      at(night(80));
      const calm = { ...deps };
      interfere(
        interruptedAt(n, async () => {
          interfere(undisturbed);
          await renewServerCertificates(calm);
        }),
      );
      await run();
      expect({ n, imports: imports() }).toEqual({ n, imports: 1 });
    }
  });
});

describe('the rule of renewal', () => {
  const ca = START / 1000 + 3652 * SECONDS_PER_DAY;
  it.each([
    ['long before', morning(300), ca, false, 'fresh'],
    ['by day', morning(89), ca, false, 'waitsForQuietHours'],
    ['by night', night(88), ca, true, 'due'],
    ['by day, when nights were missed', morning(59), ca, true, 'overdue'],
    ['after its end', morning(-3), ca, true, 'overdue'],
    [
      'when its CA ends with it',
      night(10),
      START / 1000 + SERVER_DAYS * SECONDS_PER_DAY,
      false,
      'endsWithAuthority',
    ],
  ])('%s', (_when, now, caNotAfter, renew, reason) => {
    const notAfter = START / 1000 + SERVER_DAYS * SECONDS_PER_DAY;
    expect(decideServerRenewal({ now, notAfter, caNotAfter }, POLICY)).toEqual({ renew, reason });
  });
});
