import { execFile } from 'node:child_process';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { inspectIdentityProvider } from '../../cli/deployment/identity-provider.ts';
import { createFaults } from '../../infra/local/cloud/faults.ts';
import { arn } from '../../infra/local/names.ts';
import { startStack, type Stack } from '../../infra/local/stack.ts';
import { datedIdFrom, monthOfDatedId } from '../../shared/domain/dated-id.ts';
import { createBrowser } from '../support/browser.ts';
import { fakeMachine, type CommandResult, type FakeMachine } from '../unit/cli/fake-world.ts';

const ROOT = new URL('../..', import.meta.url);
const CERTIFICATE_ID = /^[0-9A-Z]{16}$/;

const faults = createFaults();
let stack: Stack;
const machines: FakeMachine[] = [];
const proxies: Server[] = [];

beforeAll(async () => {
  stack = await startStack({ schedules: 'manual', vpn: 'tls', faults, redeliverySeconds: 0 });
}, 20_000);
afterEach(() => faults.clear());
afterAll(async () => {
  for (const machine of machines) machine.remove();
  for (const proxy of proxies) {
    proxy.closeAllConnections();
    proxy.close();
  }
  // Every order makes the worker look at connections for some seconds; nothing may be left running.
  faults.add({
    service: 'ec2',
    action: '*',
    kind: 'error',
    code: 'UnauthorizedOperation',
    status: 403,
    times: 1000,
  });
  await stack.settled();
  await stack.close();
}, 20_000);

function machineOf(env: Record<string, string>): FakeMachine {
  const machine = fakeMachine({ VPN_PORTAL_URL: stack.apiUrl, ...env });
  machines.push(machine);
  return machine;
}

/** Somebody at a machine of her own, signed in with the local provider's token. */
const personAt = async (name: string): Promise<FakeMachine> =>
  machineOf({ VPN_PORTAL_TOKEN: await stack.tokenFor(name) });

const jsonOf = async (machine: FakeMachine, ...args: string[]): Promise<Record<string, unknown>> => {
  const result = await machine.run([...args, '--json']);
  const value = result.json() as Record<string, unknown>;
  if (result.exitCode !== 0) throw new Error(`${args.join(' ')}: ${result.stderr}`);
  return value;
};

/** The one that is not revoked: those of one second come in any order. */
const liveCertificateOf = ({ certificates }: Record<string, unknown>): Record<string, string> =>
  (certificates as Record<string, string>[]).find(({ state }) => state === 'active') ?? {};

const enrolmentsKept = ({ directory }: FakeMachine): string[] => {
  const kept = join(directory, 'home/.local/state/vpn-certificate-portal/enrolments');
  return existsSync(kept) ? readdirSync(kept) : [];
};

describe('enrol', () => {
  it('writes a whole profile for its owner alone, and keeps nothing else of the key', async () => {
    const alice = await personAt('alice');
    const { exitCode, stdout, stderr } = await alice.run(['enrol', '--device', 'Work laptop']);
    expect([exitCode, stderr]).toEqual([0, '']);
    const file = join(alice.directory, 'vpn-work-laptop.ovpn');
    expect(stdout).toContain(`openvpn --config ${file}`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const profile = readFileSync(file, 'utf8');
    const certificate = /<cert>\n([^<]*)<\/cert>/.exec(profile)?.[1] ?? '';
    const key = /<key>\n(-----BEGIN PRIVATE KEY-----[^<]*)<\/key>/.exec(profile)?.[1] ?? '';
    expect(new X509Certificate(certificate).publicKey.equals(createPublicKey(key))).toBe(true);
    expect(enrolmentsKept(alice)).toEqual([]);
  });

  it('replaces no file that it was not told to, and asks for no certificate then', async () => {
    const alice = await personAt('alice');
    const file = join(alice.directory, 'mine.ovpn');
    writeFileSync(file, 'mine', { mode: 0o644 });
    const before = await jsonOf(alice, 'certificates');
    expect(await alice.run(['enrol', '--out', 'mine.ovpn'])).toMatchObject({ exitCode: 1 });
    expect(await jsonOf(alice, 'certificates')).toEqual(before);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    await jsonOf(alice, 'enrol', '--out', 'mine.ovpn', '--force');
    expect(readFileSync(file, 'utf8')).toContain('PRIVATE KEY');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await alice.run(['enrol', '--out', 'no/such/place.ovpn'])).toMatchObject({ exitCode: 2 });
  });

  it('goes on with the same key after the portal failed in between', async () => {
    const bob = await personAt('bob');
    faults.add({
      service: 'kms',
      action: 'Sign',
      kind: 'error',
      status: 400,
      code: 'KMSInvalidStateException',
      times: 3,
    });
    const failed = await bob.run(['enrol', '--json']);
    expect(failed).toMatchObject({ exitCode: 1 });
    expect(failed.json()).toMatchObject({ error: { code: 'unavailable', status: 503 } });
    expect(enrolmentsKept(bob)).toHaveLength(1);
    expect(await jsonOf(bob, 'enrol')).toMatchObject({ isResumed: true, deviceName: 'laptop' });
    expect(await jsonOf(bob, 'certificates')).toMatchObject({ certificates: [{ state: 'active' }] });
    expect(enrolmentsKept(bob)).toEqual([]);
  });

  it('goes on with the same certificate after the answer was lost', async () => {
    const carol = await personAt('carol');
    const lossy = await lossyProxy();
    const env = { VPN_PORTAL_URL: lossy.url, VPN_PORTAL_TOKEN: await stack.tokenFor('carol') };
    expect(await carol.run(['enrol'], { env })).toMatchObject({ exitCode: 3 });
    const [lost] = (await jsonOf(carol, 'certificates'))['certificates'] as { certificateId: string }[];
    const resumed = await carol.run(['enrol', '--json'], { env });
    expect(resumed.json()).toMatchObject({ isResumed: true, certificateId: lost?.certificateId });
    expect((await jsonOf(carol, 'certificates'))['certificates']).toHaveLength(1);
  });

  it('forgets a key that can get no certificate any more, so that the same command makes another', async () => {
    const carol = await personAt('carol');
    const lossy = await lossyProxy();
    const env = { VPN_PORTAL_URL: lossy.url, VPN_PORTAL_TOKEN: await stack.tokenFor('carol') };
    const enrol = () => carol.run(['enrol', '--device', 'tablet', '--json'], { env });
    expect(await enrol()).toMatchObject({ exitCode: 3 });
    const { certificates } = await jsonOf(carol, 'certificates');
    const lost = (certificates as { certificateId: string; deviceName: string }[]).find(
      ({ deviceName }) => deviceName === 'tablet',
    );
    await jsonOf(carol, 'revoke', lost?.certificateId ?? '', '--yes');
    expect((await enrol()).json()).toMatchObject({ error: { code: 'certificateNotActive' } });
    expect(enrolmentsKept(carol)).toEqual([]);
    expect((await enrol()).json()).toMatchObject({ isResumed: false });
  });

  it('keeps no key after a refusal before anything was begun', async () => {
    const dora = await personAt('dora');
    const { exitCode, stdout, stderr } = await dora.run(['enrol', '--json']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'notEntitled', status: 403 } });
    expect(stderr).toContain('only members of vpn-users');
    expect(enrolmentsKept(dora)).toEqual([]);
  });

  it('says that one has to sign in again where the sign-in is too old', async () => {
    const token = await stack.tokenFor('alice', { authTimeSecondsAgo: 3_600 });
    const { exitCode, stderr } = await machineOf({ VPN_PORTAL_TOKEN: token }).run(['enrol']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/signInTooOld[^]*\n {2}npm run -s cli -- login\n/);
  });
});

describe('renew', () => {
  const IN_THE_WINDOW_SECONDS = 140 * 86_400;
  const certificateIn = (path: string): X509Certificate =>
    new X509Certificate(/<cert>\n([^<]*)<\/cert>/.exec(readFileSync(path, 'utf8'))?.[1] ?? '');

  beforeAll(() => stack.moveTime(IN_THE_WINDOW_SECONDS));
  afterAll(() => stack.moveTime(-IN_THE_WINDOW_SECONDS));

  /** Somebody with a profile in a file, 140 days after she enrolled. */
  async function withProfile(name: string, device: string): Promise<{ machine: FakeMachine; path: string }> {
    stack.moveTime(-IN_THE_WINDOW_SECONDS);
    try {
      const machine = await personAt(name);
      await jsonOf(machine, 'enrol', '--device', device, '--out', 'mine.ovpn');
      return { machine, path: join(machine.directory, 'mine.ovpn') };
    } finally {
      stack.moveTime(IN_THE_WINDOW_SECONDS);
    }
  }

  it('puts a new key and certificate into the profile, and keeps the old one beside it', async () => {
    const { path, machine } = await withProfile('carol', 'renewed laptop');
    const old = readFileSync(path, 'utf8');
    const env = { VPN_PORTAL_URL: stack.apiUrl, VPN_PORTAL_TOKEN: await stack.tokenFor('carol') };
    const { exitCode, stdout, stderr } = await machine.run(['renew', 'mine.ovpn'], { env });
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/replaces [0-9A-Z]{16}, which ends once the new one has connected/);
    expect(readFileSync(`${path}.old`, 'utf8')).toBe(old);
    for (const file of [path, `${path}.old`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    const key =
      /<key>\n(-----BEGIN PRIVATE KEY-----[^<]*)<\/key>/.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
    expect(certificateIn(path).publicKey.equals(createPublicKey(key))).toBe(true);
    expect(certificateIn(path).serialNumber).not.toBe(certificateIn(`${path}.old`).serialNumber);
    expect(enrolmentsKept(machine)).toEqual([]);
    // The new one is young, and the old one has its successor.
    const again = async (file: string) => (await machine.run(['renew', file, '--json'], { env })).json();
    expect(await again('mine.ovpn')).toMatchObject({ error: { code: 'renewalTooEarly' } });
    expect(await again('mine.ovpn.old')).toMatchObject({ error: { code: 'alreadyRenewed' } });
    expect(enrolmentsKept(machine)).toEqual([]);
  });

  it('goes on with the same key after the answer was lost, and leaves the profile alone until then', async () => {
    const { path, machine } = await withProfile('bob', 'renewed tablet');
    const old = readFileSync(path, 'utf8');
    const lossy = await lossyProxy();
    const env = { VPN_PORTAL_URL: lossy.url, VPN_PORTAL_TOKEN: await stack.tokenFor('bob') };
    expect(await machine.run(['renew', 'mine.ovpn'], { env })).toMatchObject({ exitCode: 3 });
    expect(readFileSync(path, 'utf8')).toBe(old);
    const resumed = await machine.run(['renew', 'mine.ovpn', '--json'], { env });
    expect(resumed.json()).toMatchObject({ isResumed: true, file: path, deviceName: 'renewed tablet' });
    expect(readFileSync(path, 'utf8')).not.toBe(old);
    expect(enrolmentsKept(machine)).toEqual([]);
  });

  it('says what is wrong with a file that is no profile of one’s own', async () => {
    const { path } = await withProfile('adam', 'renewed phone');
    const carol = await personAt('carol');
    writeFileSync(join(carol.directory, 'adams.ovpn'), readFileSync(path));
    writeFileSync(join(carol.directory, 'notes.txt'), '<cert>\nnone\n</cert>');
    const codeOf = async (...args: string[]) => (await carol.run(['renew', ...args, '--json'])).json();
    expect(await codeOf('adams.ovpn')).toMatchObject({ error: { code: 'certificateNotFound' } });
    expect(await codeOf('notes.txt')).toMatchObject({ error: { code: 'noProfile' } });
    expect(await codeOf()).toMatchObject({ error: { code: 'wrongUsage' } });
    expect(existsSync(join(carol.directory, 'adams.ovpn.old'))).toBe(false);
  });
});

describe('one’s own certificates', () => {
  it('are revoked after a yes, and not without', async () => {
    const bob = await personAt('bob');
    const { certificateId: id } = await jsonOf(bob, 'enrol', '--device', 'phone');
    const revoke = (ask?: () => Promise<string>) => bob.run(['revoke', String(id)], { ask });
    expect(await revoke()).toMatchObject({ exitCode: 2 });
    expect(await revoke(async () => '')).toMatchObject({ exitCode: 1 });
    let question = '';
    expect(await bob.run(['whoami'])).toMatchObject({ exitCode: 0 });
    const yes = async (text = '') => ((question = text), 'y');
    expect(await bob.run(['revoke', String(id), '--reason', 'keyCompromise'], { ask: yes })).toMatchObject({
      exitCode: 0,
    });
    expect(question).toContain('phone');
    const again = await bob.run(['revoke', String(id), '--yes', '--json']);
    expect(again.json()).toMatchObject({ error: { code: 'alreadyRevoked' } });
  });

  it('have a profile without the key', async () => {
    const carol = await personAt('carol');
    const { certificateId: id = '' } = liveCertificateOf(await jsonOf(carol, 'certificates'));
    expect(id).toMatch(CERTIFICATE_ID);
    const shown = await carol.run(['profile', id]);
    expect(shown.stdout).toMatch(/^remote .*\n[^]*PUT-YOUR-PRIVATE-KEY-HERE/m);
    await jsonOf(carol, 'profile', id, '--out', 'p.ovpn');
    expect(readFileSync(join(carol.directory, 'p.ovpn'), 'utf8').trim()).toBe(shown.stdout.trim());
    expect(await (await personAt('alice')).run(['profile', id])).toMatchObject({ exitCode: 1 });
  });
});

describe('an administrator', () => {
  it('offboards somebody, sees why the gate refuses, publishes, and reads the timeline', async () => {
    const adam = await personAt('adam');
    const why = async (): Promise<CommandResult> => adam.run(['why', 'alice@example.com']);
    expect((await why()).stdout).toContain('would be let in');
    expect(await adam.run(['offboard', 'alice@example.com'], { ask: async () => 'no' })).toMatchObject({
      exitCode: 1,
    });
    expect((await why()).stdout).toContain('would be let in');

    const attack = 'left\u001b]0;owned\u0007\u202e';
    const { offboardingId } = await jsonOf(adam, 'offboard', 'alice@example.com', '--comment', attack);
    expect((await why()).stdout).toMatch(/refused at cvpn-endpoint-\w+: personLeft/);
    const enrolment = await (await personAt('alice')).run(['enrol', '--json']);
    expect(enrolment.json()).toMatchObject({ error: { code: 'personDenied' } });

    const planned = await adam.run(['publish', '--dry-run']);
    expect(planned.stdout).toMatch(
      /nothing would be imported[^]*next list +number \d+[^]*not within three years/,
    );
    const published = await adam.run(['publish', '--wait'], { sleep: async () => pause(100) });
    expect(published.stdout).toMatch(/holds list \d+: \d+ certificates/);
    // The endpoint shows the list a moment before the offboarding's record does.
    const readTimeline = () => adam.run(['offboarding', String(offboardingId)]);
    let timeline = await readTimeline();
    for (let tries = 0; tries < 50 && !timeline.stdout.includes('published'); tries += 1) {
      await pause(100);
      timeline = await readTimeline();
    }
    expect(timeline.stdout).toMatch(/denied +\+\d+ ms[^]*revoked[^]*published/);
    expect(timeline.stdout).toContain('left\ufffd]0;owned\ufffd\ufffd');
    expect(await jsonOf(adam, 'offboardings')).toHaveProperty('offboardings.0.comment', attack);
    const line = (await adam.run(['offboardings', '--json'])).stdout.trimEnd();
    expect(line).not.toMatch(/\p{C}/u);
    expect((await adam.run(['offboardings'])).stdout).toContain(String(offboardingId));
    expect(await jsonOf(adam, 'report')).toMatchObject({
      leavers: expect.arrayContaining([
        expect.objectContaining({
          offboardingId,
          after: expect.objectContaining({ denied: expect.any(Number) as number }) as object,
        }),
      ]) as object,
      spreads: {
        denied: { p50: expect.any(Number) as number },
        published: { max: expect.any(Number) as number },
      },
    });
    const verified = await adam.run(['audit', 'verify', '--all']);
    expect([verified.exitCode, verified.stdout]).toEqual([
      0,
      expect.stringMatching(/nothing was changed, nothing is missing/),
    ]);

    expect(await jsonOf(adam, 'reinstate', 'alice@example.com')).toMatchObject({
      outcome: 'reinstated',
      lifted: 1,
    });
    expect((await adam.run(['endpoints'])).stdout).toMatch(/waiting +0 revocations/);
  });

  it('sees on one screen how the portal is', async () => {
    const adam = await personAt('adam');
    const { exitCode, stdout } = await adam.run(['status']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /gate +on, seen now\n +list +number \d+\n +entries +\d+ of 20000\n +ends +.*, in 59 days/,
    );
    expect(stdout).toContain(stack.endpointId);
    const state = await jsonOf(adam, 'status');
    expect(state).toMatchObject({ endpoints: [{ endpointId: stack.endpointId }], incidents: [] });
    expect(await (await personAt('alice')).run(['status'])).toMatchObject({ exitCode: 1 });
  });

  it('finds a certificate by its serial number, and a person by e-mail or id', async () => {
    const adam = await personAt('adam');
    const person = await jsonOf(adam, 'person', 'carol@example.com');
    const { serialNumber, commonName } = liveCertificateOf(person);
    for (const what of [serialNumber ?? '', commonName ?? '', 'carol@example.com']) {
      expect(JSON.stringify(await jsonOf(adam, 'find', what))).toContain(`"${serialNumber}"`);
    }
    expect(await jsonOf(adam, 'certificate', serialNumber ?? '')).toMatchObject({
      certificate: { commonName },
      person: { login: 'carol' },
    });
    expect(await jsonOf(adam, 'why', commonName ?? '')).toMatchObject({ explanations: [{ allowed: true }] });
    expect(await jsonOf(adam, 'person', String(person['personId']))).toEqual(person);
  });

  it('sees who still holds a certificate of the CA, those that end first coming first', async () => {
    const adam = await personAt('adam');
    const { commonName, certificateId } = liveCertificateOf(
      await jsonOf(adam, 'person', 'carol@example.com'),
    );
    const answer = await jsonOf(adam, 'ca', 'holders');
    expect(answer).toMatchObject({ caId: 'ca1' });
    expect(JSON.stringify(answer)).toContain(`"commonName":"${commonName}"`);
    const { exitCode, stdout } = await adam.run(['ca', 'holders', '--ca', 'ca1']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`carol@example.com +${certificateId}`));
    const file = join(adam.directory, 'holders.csv');
    const csv = ['ca', 'holders', '--csv', file];
    expect(await jsonOf(adam, ...csv)).toMatchObject({ caId: 'ca1', file });
    expect(readFileSync(file, 'utf8')).toMatch(
      new RegExp(`^certificateId,.*\\r\\n(.*\\r\\n)*${certificateId},.*,carol@example.com,false,`),
    );
    expect((await adam.run([...csv, '--json'])).json()).toMatchObject({ error: { code: 'fileExists' } });
    const unknown = await adam.run(['ca', 'holders', '--ca', 'ca9', '--json']);
    expect(unknown.json()).toMatchObject({ error: { code: 'notFound' } });
    expect(await adam.run(['ca', 'leavers'])).toMatchObject({ exitCode: 2 });
  });

  it('is told of the incident that an unknown name opens, and ends it', async () => {
    const adam = await personAt('adam');
    expect(await adam.run(['offboard', 'zoe'])).toMatchObject({ exitCode: 2 });
    const { exitCode, stdout } = await adam.run(['offboard', 'zoe@example.com']);
    expect(exitCode).toBe(0);
    const id = /incident (\w{26}) is open/.exec(stdout)?.[1] ?? '';
    expect((await adam.run(['incidents'])).stdout).toContain('email:zoe@example.com');
    expect((await adam.run(['incident', id])).stdout).toContain(`decide ${id} bind PERSON_ID`);
    const { personId } = await jsonOf(adam, 'person', 'carol@example.com');
    expect(await adam.run(['decide', id, 'bind'])).toMatchObject({ exitCode: 2 });
    await jsonOf(adam, 'decide', id, 'bind', String(personId));
    expect(await jsonOf(adam, 'person', 'carol@example.com')).toMatchObject({ refusal: 'personLeft' });
    const again = await adam.run(['decide', id, 'dismiss', '--json']);
    expect(again.json()).toMatchObject({ error: { code: 'incidentAlreadyResolved' } });
    await jsonOf(adam, 'reinstate', 'carol@example.com');
  });

  it('sees what each source may say, announces leavers, and settles a surge', async () => {
    const adam = await personAt('adam');
    const { stdout } = await adam.run(['sources']);
    expect(stdout).toMatch(/hr +email +\d+ +10 +0/);
    expect(stdout).toContain('could keep every administrator out');
    expect(await jsonOf(adam, 'expect-leavers', 'hr', '120', '--for', '4')).toMatchObject({ people: 120 });
    expect((await adam.run(['sources'])).stdout).toContain('hr: 120 more leavers expected until');
    // Nobody is held, so nobody can say when it began.
    expect(await adam.run(['source', 'release', 'hr', '--yes'])).toMatchObject({ exitCode: 2 });
    expect(await jsonOf(adam, 'source', 'confirm', 'hr', '--yes')).toMatchObject({ decision: 'confirm' });
    expect(await adam.run(['source', 'release', 'hr', '--since', 'Monday'])).toMatchObject({ exitCode: 2 });
    const began = new Date(Date.now() - 1_000).toISOString();
    expect(await jsonOf(adam, 'source', 'release', 'hr', '--since', began)).toMatchObject({ since: began });
    expect(await adam.run(['expect-leavers', 'hr', 'many'])).toMatchObject({ exitCode: 2 });
    for (const decision of ['confirm', 'release']) {
      const unknown = await adam.run(['source', decision, 'nobody', '--yes', '--json']);
      expect(unknown.json()).toMatchObject({ error: { code: 'sourceNotFound' } });
    }
  });

  it.each([
    ['alice', 'forbidden'],
    ['erin', 'notAllowed'],
  ])('is not everybody: %s is refused (%s)', async (name, code) => {
    const somebody = await personAt(name);
    const { exitCode, stdout } = await somebody.run(['hold', 'bob@example.com', '--json']);
    const expected =
      code === 'forbidden' ? { code, status: 403 } : { code, status: 403, title: 'Not allowed' };
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([1, { error: expected }]);
    expect(await jsonOf(await personAt('adam'), 'person', 'bob@example.com')).toMatchObject({
      isDenied: false,
    });
  });

  it('carries out a file of leavers once, after a dry run that changes nothing', async () => {
    const adam = await personAt('adam');
    const file = (...lines: string[]): void =>
      writeFileSync(join(adam.directory, 'hr.csv'), ['aliasKind;alias;kind', ...lines].join('\r\n'));
    file('email;carol@example.com;suspended', 'email;ghost@example.com;gone');
    const refused = await adam.run(['leavers', 'hr.csv', '--json']);
    expect([refused.exitCode, refused.json()]).toMatchObject([
      1,
      { error: { code: 'badLeaversFile', faults: [{ pointer: 'line 3' }] } },
    ]);
    file('email;carol@example.com;suspended', 'email;ghost@example.com;returned');
    const dry = await jsonOf(adam, 'leavers', 'hr.csv', '--dry-run');
    expect(dry['lines']).toMatchObject([
      { line: 2, isDenied: false, certificates: expect.arrayContaining([expect.anything()]) as unknown },
      { line: 3 },
    ]);
    expect(await jsonOf(adam, 'person', 'carol@example.com')).toMatchObject({ isDenied: false });

    const outcomes = async (): Promise<unknown> =>
      ((await jsonOf(adam, 'leavers', 'hr.csv'))['results'] as { outcome: string }[]).map(
        ({ outcome }) => outcome,
      );
    expect(await outcomes()).toEqual(['denied', 'nothingToLift']);
    await jsonOf(adam, 'reinstate', 'carol@example.com');
    expect(await outcomes()).toEqual(['duplicate', 'nothingToLift']);
    expect(await jsonOf(adam, 'person', 'carol@example.com')).toMatchObject({ isDenied: false });
  });
});

describe('the comparison with the directory', () => {
  it('denies whom the directory lacks, and then leaves her whom an administrator let in again', async () => {
    const [carol, adam] = [await personAt('carol'), await personAt('adam')];
    await carol.run(['enrol', '--device', 'laptop', '--out', 'carol.ovpn']);
    expect(await adam.run(['reconcile', '--mode', 'fire'])).toMatchObject({ exitCode: 2 });
    stack.directory.remove('carol');
    const compare = async (...options: string[]) => {
      await jsonOf(adam, 'reconcile', '--yes', ...options);
      await stack.fireSchedule('reconciliation');
      return jsonOf(adam, 'reconciliation');
    };
    const missing = { last: { found: { missing: 1 }, outcomes: { denied: 0 } } };
    expect(await compare('--dry-run', '--mode', 'offboard')).toMatchObject(missing);
    expect(await compare()).toMatchObject(missing);
    expect(await compare('--mode', 'hold')).toMatchObject({ last: { outcomes: { denied: 1 } } });
    expect(await jsonOf(adam, 'person', 'carol@example.com')).toMatchObject({ isDenied: true });
    await jsonOf(adam, 'reinstate', 'carol@example.com');
    expect(await compare('--mode', 'hold')).toMatchObject({
      last: { found: { kept: 1 }, outcomes: { denied: 0 } },
    });
    expect((await adam.run(['reconciliation'])).stdout).toMatch(
      /lacks her still; kept by an administrator \(lacking since \d/,
    );
    expect(await jsonOf(adam, 'person', 'carol@example.com')).toMatchObject({ isDenied: false });
  });
});

describe('what comes through AWS', () => {
  const put = (name: string, line: string): Promise<unknown> =>
    fetch(`${stack.cloud.url}/vpn-portal-local-leaversbucket/${name}`, {
      method: 'PUT',
      body: `aliasKind,alias,kind\n${line}\n`,
    });
  it('is acted on, an event of the bus as a file in the bucket, and nothing of another account', async () => {
    const adam = await personAt('adam');
    await put('monday.csv', 'email,carol@example.com,suspended');
    stack.cloud.eventBridge.put({
      bus: 'vpn-portal-local',
      source: 'com.example.hr',
      detailType: 'person.suspended',
      detail: { email: 'carol@example.com' },
    });
    stack.cloud.eventBridge.put({
      bus: 'vpn-portal-local',
      source: 'com.example.hr',
      detailType: 'person.left',
      detail: { email: 'carol@example.com' },
      account: '999999999999',
    });
    await stack.settled();
    const { denials } = await jsonOf(adam, 'person', 'carol@example.com');
    expect((denials as { source: string; kind: string }[]).map(({ source, kind }) => [source, kind])).toEqual(
      expect.arrayContaining([
        ['leavers', 'suspended'],
        ['bus', 'suspended'],
      ]),
    );
    expect(denials).toHaveLength(2);
    await jsonOf(adam, 'reinstate', 'carol@example.com');
  }, 60_000);

  it('is in the journal as in the table', async () => {
    const adam = machineOf({ VPN_PORTAL_TOKEN: await stack.tokenFor('adam'), DATA_DIR: stack.dataDirectory });
    const verified = await adam.run(['audit', 'verify', '--all', '--journal']);
    expect([verified.exitCode, verified.stdout]).toEqual([
      0,
      expect.stringContaining('all that the journal has is there') as string,
    ]);
  });

  it('lies in the dead letters where it cannot be acted on, is shown with its reason, and tried again', async () => {
    const adam = machineOf({ VPN_PORTAL_TOKEN: await stack.tokenFor('adam'), DATA_DIR: stack.dataDirectory });
    const count = () => stack.cloud.sqs.count(arn('sqs', 'vpn-portal-local-leavers-file-dead')).visible;
    const letters = async (): Promise<unknown> => {
      const result = await adam.run(['redrive', '--json']);
      expect(`${result.stdout}${result.stderr}`).not.toMatch(/carol/i);
      const { queues } = result.json() as { queues: { queue: string; letters: unknown[] }[] };
      return queues.flatMap((one) => one.letters.map((letter) => [one.queue, letter]));
    };
    const wrong = ['leavers-file', { reason: expect.stringContaining('line 2: kind is none of') as string }];

    expect((await adam.run(['redrive'])).stdout).toContain('There are none');
    await put('tuesday.csv', 'email,carol@example.com,gone');
    await stack.settled();
    // Not tried again within a call, so that five tries are soon over.
    faults.add({
      service: 's3',
      action: 'GetObject',
      kind: 'error',
      code: 'AccessDenied',
      status: 403,
      times: 1000,
    });
    await put('wednesday.csv', 'email,CAROL@example.com,suspended');
    for (let tries = 0; tries < 500 && count() < 2; tries += 1) await pause(20);
    faults.clear();
    const givenUp = ['leavers-file', { givenUpBy: 'vpn-portal-local-leavers-file' }];
    expect(await letters()).toMatchObject([wrong, givenUp]);

    // What is shown stays where it is, and nothing is sent back that nobody confirmed.
    expect(await adam.run(['redrive', 'leavers-file', '--dry-run'])).toMatchObject({ exitCode: 0 });
    expect(await adam.run(['redrive', 'leavers-file'])).toMatchObject({ exitCode: 2 });
    expect(await adam.run(['redrive', 'leavers-file', '--limit', '0'])).toMatchObject({ exitCode: 2 });
    expect(await adam.run(['redrive', 'nothing', '--yes'])).toMatchObject({ exitCode: 2 });
    const one = await jsonOf(adam, 'redrive', 'leavers-file', '--limit', '1', '--yes');
    expect(one).toEqual({ queue: 'leavers-file', moved: 1, state: 'done' });
    await stack.settled();
    expect(await letters()).toMatchObject([givenUp, wrong]);

    expect(await jsonOf(adam, 'redrive', 'leavers-file', '--yes')).toMatchObject({ moved: 2, state: 'done' });
    await stack.settled();
    expect(await letters()).toMatchObject([wrong]);
    const { denials } = await jsonOf(adam, 'person', 'carol@example.com');
    const said = expect.objectContaining({ source: 'leavers', kind: 'suspended' }) as unknown;
    expect(denials).toEqual(expect.arrayContaining([said]));
    await jsonOf(adam, 'reinstate', 'carol@example.com');
    faults.add({
      service: 'sqs',
      action: 'StartMessageMoveTask',
      kind: 'error',
      code: 'AccessDeniedException',
      status: 403,
    });
    expect((await adam.run(['redrive', 'leavers-file', '--yes', '--json'])).json()).toMatchObject({
      error: { code: 'noAwsRight' },
    });
  }, 60_000);
});

describe('export', () => {
  const rowsOf = (csv: string): string[][] =>
    csv
      .split('\r\n')
      .slice(0, -1)
      .map((line) => line.split(','));

  it('writes every certificate once, for its owner alone, with no formula in it', async () => {
    const adam = await personAt('adam');
    await jsonOf(await personAt('bob'), 'enrol', '--device', 'tablet 2');
    const done = await adam.run(['export', 'certificates', '--output', 'all.csv', '--json']);
    const file = join(adam.directory, 'all.csv');
    expect(done.json()).toMatchObject({ what: 'certificates', format: 'csv', file });
    expect([done.exitCode, statSync(file).mode & 0o777]).toEqual([0, 0o600]);
    const [headings = [], ...rows] = rowsOf(readFileSync(file, 'utf8'));
    expect(headings.slice(0, 3)).toEqual(['certificateId', 'serialNumber', 'personId']);
    const ids = rows.map(([id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const bobs = (await jsonOf(adam, 'person', 'bob@example.com'))['certificates'] as {
      certificateId: string;
    }[];
    expect(ids).toEqual(expect.arrayContaining(bobs.map(({ certificateId }) => certificateId)));
    expect(await adam.run(['export', 'certificates', '--output', 'all.csv'])).toMatchObject({ exitCode: 1 });
    const later = await adam.run(['export', 'certificates', '--since', '2099-01-01']);
    expect(rowsOf(later.stdout)).toEqual([headings]);
  });

  it('names an offboarding that cannot be read, writes all others, and says so by its exit code', async () => {
    const adam = await personAt('adam');
    await jsonOf(adam, 'hold', 'carol@example.com', '--comment', '=cmd|calc');
    await jsonOf(adam, 'reinstate', 'carol@example.com');
    const json = await adam.run(['export', 'offboardings', '--format', 'json']);
    expect(json.exitCode).toBe(0);
    const all = JSON.parse(json.stdout) as { offboardingId: string }[];
    const client = new DynamoDBClient({ endpoint: stack.dynamoDbEndpoint });
    const TableName = stack.service.functions[0]?.environment['TABLE_NAME'];
    const id = datedIdFrom(Date.now(), new Uint8Array(10));
    const Key = { pk: { S: `OFFBOARDING#${monthOfDatedId(id) ?? ''}` }, sk: { S: id } };
    await client.send(new PutItemCommand({ TableName, Item: Key }));
    const { exitCode, stdout, stderr } = await adam.run(['export', 'offboardings']);
    await client.send(new DeleteItemCommand({ TableName, Key }));
    client.destroy();
    expect(exitCode).toBe(1);
    expect(stderr).toContain(id);
    expect(rowsOf(stdout)).toHaveLength(all.length + 1);
    expect(stdout).toContain(`"'=cmd|calc"`);
  });

  it('is for administrators, and leaves no file of what was refused', async () => {
    const alice = await personAt('alice');
    const refused = await alice.run(['export', 'certificates', '--output', 'all.csv', '--json']);
    expect(refused.json()).toMatchObject({ error: { code: 'forbidden' } });
    expect(readdirSync(alice.directory)).toEqual(['home']);
    const adam = await personAt('adam');
    for (const wrong of [
      ['--format', 'xml'],
      ['--since', 'monday'],
    ]) {
      expect(await adam.run(['export', 'certificates', ...wrong])).toMatchObject({ exitCode: 2 });
    }
  });
});

describe('the gate in an operator’s hands', () => {
  const here = () => machineOf({ DATA_DIR: stack.dataDirectory });

  it('is switched off after the list is there, and on again after it was tried', async () => {
    const adam = await personAt('adam');
    await jsonOf(await personAt('erin'), 'enrol');
    await jsonOf(adam, 'hold', 'erin@example.com');
    const sleep = async () => pause(20);
    const before = await jsonOf(adam, 'endpoints');
    expect(await here().run(['gate', 'off'])).toMatchObject({ exitCode: 2 });
    expect(await here().run(['gate', 'off'], { ask: async () => 'n' })).toMatchObject({ exitCode: 1 });
    expect(await jsonOf(adam, 'endpoints')).toEqual(before);

    const off = await here().run(['gate', 'off', '--yes', '--json'], { sleep });
    expect([off.exitCode, off.json()]).toMatchObject([
      0,
      {
        actor: 'arn:aws:iam::111122223333:user/local',
        endpoints: [{ endpointId: stack.endpointId, wasOff: false }],
      },
    ]);
    expect(off.stderr).toMatch(/held +1 hold/);
    const status = await jsonOf(adam, 'status');
    expect(status).toMatchObject({ endpoints: [{ gateOrder: { isOn: false } }], needsAttention: true });

    faults.add({
      service: 'dynamodb',
      action: '*',
      kind: 'error',
      code: 'InternalServerError',
      status: 500,
      times: 50,
    });
    const on = await here().run(['gate', 'on', '--yes', '--json'], { sleep });
    expect(on.json()).toMatchObject({ error: { code: 'storeUnreadable' } });
    faults.clear();
    expect((await here().run(['gate', 'on', '--yes', '--json'], { sleep })).json()).toMatchObject({
      endpoints: [{ endpointId: stack.endpointId, wasOn: false }],
    });
    await jsonOf(adam, 'reinstate', 'erin@example.com');
  }, 30_000);

  it('can be had without the store, for who is on the list alone', async () => {
    const storeless = ['gate', 'off', '--without-store', '--yes', '--json'];
    expect(await here().run(storeless)).toMatchObject({ exitCode: 2 });
    const off = await here().run([...storeless, '--endpoint', stack.endpointId]);
    expect(off.json()).toMatchObject({ endpointId: stack.endpointId, isSignedAgain: false });
    expect(off.stderr).toContain('CAN CONNECT');
    expect((await here().run(['gate', 'on', '--yes', '--json'])).exitCode).toBe(0);
  });

  it('is asked for on AWS only where a stage is named', async () => {
    expect(await machineOf({}).run(['gate', 'off', '--yes'])).toMatchObject({ exitCode: 2 });
    expect(await here().run(['gate', 'off', '--days', '5'])).toMatchObject({ exitCode: 2 });
  });
});

describe('an event of the HR system', () => {
  it('is believed with the right secret only, and is the same event when it comes again', async () => {
    const hr = machineOf({ HR_WEBHOOK_SECRET: stack.hrSecret ?? '' });
    const send = (...args: string[]) => hr.run(['event', ...args, '--json']);
    const sent = (
      await send('suspended', 'bob@example.com', '--id', 'evt-1', '--at', '2026-01-01T00:00:00Z')
    ).json();
    expect(sent).toMatchObject({ eventId: 'evt-1', outcome: 'denied' });
    expect(
      (await send('suspended', 'bob@example.com', '--id', 'evt-1', '--at', '2026-01-01T00:00:00Z')).json(),
    ).toMatchObject({
      outcome: 'duplicate',
    });
    expect((await send('returned', 'bob@example.com')).json()).toMatchObject({ outcome: 'reinstated' });
    const forged = await send('left', 'bob@example.com', '--secret', `whsec_${'A'.repeat(43)}=`);
    expect([forged.exitCode, forged.json()]).toMatchObject([1, { error: { code: 'badWebhookSignature' } }]);
    expect(await machineOf({}).run(['event', 'left', 'bob@example.com'])).toMatchObject({ exitCode: 2 });
  });
});

describe('login', () => {
  const approve = async (
    uri: string,
    name: string,
    browser: ReturnType<typeof createBrowser>,
  ): Promise<void> => {
    const people = await browser.submit(await browser.submit(await browser.open(uri)), { confirm: 'yes' });
    let page = await browser.submit(people, { name });
    // Where somebody else was signed in: a form that a browser sends by itself.
    while (page.html.includes('Submitting Callback')) page = await browser.submit(page);
    expect(page.html).toContain('Signed in');
  };
  const signInAs =
    (name: string, browser = createBrowser()) =>
    async (machine: FakeMachine): Promise<CommandResult> => {
      let shown = '';
      const stderr = { write: (text: string) => void (shown += text) };
      let approval: Promise<unknown> | undefined;
      // The person goes to the page while the program waits.
      const sleep = async (): Promise<void> => {
        const uri = /http:\S+user_code=\S+/.exec(shown)?.[0] ?? '';
        await (approval ??= approve(uri, name, browser));
      };
      return machine.run(['login', '--json'], { stderr, sleep });
    };

  it('signs in by device code, keeps the token for its owner alone, and forgets it again', async () => {
    const machine = machineOf({ VPN_PORTAL_ISSUER: stack.issuer, VPN_PORTAL_CLIENT_ID: 'vpn-cli' });
    expect(await machine.run(['whoami'])).toMatchObject({ exitCode: 1 });
    const signedIn = await signInAs('adam')(machine);
    expect([signedIn.exitCode, signedIn.json()]).toMatchObject([0, { login: 'adam' }]);
    const file = join(machine.directory, 'home/.config/vpn-certificate-portal/tokens.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await machine.run(['whoami'])).stdout).toContain('adam <adam@example.com>');
    // Also what administrators may do.
    expect(await jsonOf(machine, 'endpoints')).toMatchObject({ endpoints: [{ caId: 'ca1' }] });
    const later = () => Date.now() + 3_600_000;
    expect((await machine.run(['whoami'], { now: later })).stderr).toContain('Your sign-in has ended');
    expect(await jsonOf(machine, 'logout')).toEqual({ wasSignedIn: true });
    expect(existsSync(file)).toBe(false);
    expect(await machine.run(['whoami'])).toMatchObject({ exitCode: 1 });
  });

  it('asks a browser that is signed in already again: what follows needs a recent sign-in', async () => {
    const machine = machineOf({ VPN_PORTAL_ISSUER: stack.issuer, VPN_PORTAL_CLIENT_ID: 'vpn-cli' });
    const browser = createBrowser();
    expect((await signInAs('adam', browser)(machine)).json()).toMatchObject({ login: 'adam' });
    stack.moveTime(2);
    expect((await signInAs('erin', browser)(machine)).json()).toMatchObject({ login: 'erin' });
  });

  it('needs an identity provider', async () => {
    expect(await machineOf({}).run(['login'])).toMatchObject({ exitCode: 2 });
    const wrong = machineOf({ VPN_PORTAL_ISSUER: stack.apiUrl, VPN_PORTAL_CLIENT_ID: 'vpn-cli' });
    expect((await wrong.run(['login', '--json'])).json()).toMatchObject({ error: { code: 'notAnIssuer' } });
  });
});

describe('an identity provider that init looks at', () => {
  it('is known by its keys and its own name', async () => {
    expect(await inspectIdentityProvider(stack.issuer)).toEqual({ hasDeviceFlow: true });
    await expect(inspectIdentityProvider(`${stack.issuer}/`)).rejects.toMatchObject({
      facts: { code: 'notAnIssuer', detail: stack.issuer },
    });
    await expect(inspectIdentityProvider(stack.apiUrl)).rejects.toMatchObject({
      facts: { code: 'notAnIssuer' },
    });
  });
});

describe('the program itself', () => {
  const start = (args: string[], env: Record<string, string>) =>
    promisify(execFile)(process.execPath, ['cli/main.ts', ...args], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], HOME: machineOf({}).directory, ...env },
    }).catch((error: unknown) => error as { code: number; stdout: string; stderr: string });

  it('finds the stack of this machine, and prints one line of JSON', async () => {
    const env = { DATA_DIR: stack.dataDirectory, VPN_PORTAL_TOKEN: await stack.tokenFor('alice') };
    const [result, unreachable] = await Promise.all([
      start(['whoami', '--json'], env),
      start(['whoami', '--json'], { ...env, VPN_PORTAL_URL: 'http://127.0.0.1:1' }),
    ]);
    expect(JSON.parse(result.stdout)).toMatchObject({ login: 'alice' });
    expect(result.stdout.split('\n')).toHaveLength(2);
    expect(result.stderr).toContain('alice <alice@example.com>');
    expect(unreachable).toMatchObject({ code: 3 });
    expect(JSON.parse(unreachable.stdout)).toMatchObject({ error: { code: 'unreachable' } });
  }, 20_000);
});

/** In front of the portal: passes everything on, but loses its first answer to a POST. */
async function lossyProxy(): Promise<{ url: string }> {
  let isLosing = true;
  const server = createServer((incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    const forwarded = httpRequest(`${stack.apiUrl}${url}`, { method, headers }, (answer) => {
      if (method === 'POST' && isLosing) {
        isLosing = false;
        answer.resume().on('end', () => outgoing.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  });
  proxies.push(server);
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { url: `http://127.0.0.1:${port}` };
}
