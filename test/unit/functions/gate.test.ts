import type { Context } from 'aws-lambda';
import { gateHandler, type GateDeps } from '../../../functions/gate/handler.ts';
import { ENFORCE, type GatePolicy } from '../../../shared/domain/gate-policy.ts';
import type { Audit } from '../../../shared/ports/audit.ts';
import type { GateStore } from '../../../shared/ports/gate-store.ts';
import { quietObservability } from '../../support/observability.ts';
import { ENDPOINT_ID, newWorld, type World } from '../../support/world.ts';

const context = { awsRequestId: 'r-1', functionName: 'AWSClientVPN-gate' } as Context;

const connectEvent = (commonName: string, changes: object = {}): object => ({
  'connection-id': 'cvpn-connection-1',
  'endpoint-id': ENDPOINT_ID,
  'common-name': commonName,
  username: '',
  platform: 'linux',
  'platform-version': '',
  'public-ip': '192.0.2.1',
  'client-openvpn-version': '2.6',
  groups: '',
  'schema-version': 'v2',
  ...changes,
});

const gateOf = (world: World, changes: Partial<GateDeps> = {}) => {
  const { observability } = quietObservability();
  const handler = gateHandler({ ...observability, ...world.deps, gatePolicy: ENFORCE, ...changes });
  return (event: unknown) => handler(event, context);
};

describe('the gate', () => {
  it('allows an active certificate of a person without denials, and says nothing', async () => {
    const world = await newWorld();
    const { commonName } = await world.enrol('alice');
    expect(await gateOf(world)(connectEvent(commonName))).toEqual({
      allow: true,
      'error-msg-on-denied-connection': '',
      'posture-compliance-statuses': [],
      'schema-version': 'v2',
    });
  });

  it('answers schema v1 in its own words', async () => {
    const world = await newWorld();
    const { commonName } = await world.enrol('alice');
    const gate = gateOf(world);
    expect(await gate(connectEvent(commonName, { 'schema-version': 'v1' }))).toEqual({
      allow: true,
      'error-msg-on-failed-posture-compliance': '',
      'posture-compliance-statuses': [],
      'schema-version': 'v1',
    });
  });

  it('says in words why it refuses, in at most 255 characters', async () => {
    const world = await newWorld();
    const { commonName } = await world.enrol('alice');
    await world.tell(world.event('alice', 'left'));
    const answer = await gateOf(world)(connectEvent(commonName));
    expect(answer).toMatchObject({
      allow: false,
      'error-msg-on-denied-connection': expect.stringMatching(
        /^Your VPN access has ended.{1,220}$/,
      ) as string,
    });
  });

  it.each<[string, (commonName: string) => object]>([
    ['another login in the common name', (name) => connectEvent(`${name.slice(0, 17)}bob`)],
    ['the id in lower case', (name) => connectEvent(name.toLowerCase())],
    ['a name that is none of ours', () => connectEvent('server')],
    ['an empty name', () => connectEvent('')],
    ['another endpoint', (name) => connectEvent(name, { 'endpoint-id': 'cvpn-endpoint-other' })],
    ['a schema that nobody knows', (name) => connectEvent(name, { 'schema-version': 'v3' })],
    ['an event without a name', (name) => ({ ...connectEvent(name), 'common-name': undefined })],
    ['no event at all', () => null as never],
  ])('denies %s', async (_what, eventOf) => {
    const world = await newWorld();
    const { commonName } = await world.enrol('alice');
    expect(await gateOf(world)(eventOf(commonName))).toMatchObject({ allow: false });
  });

  it('denies when the store fails, and tells the user to try again', async () => {
    const world = await newWorld();
    const { commonName } = await world.enrol('alice');
    const gateStore: GateStore = {
      findForGate: () => Promise.reject(new Error('the table is out of reach')),
    };
    expect(await gateOf(world, { gateStore })(connectEvent(commonName))).toMatchObject({
      allow: false,
      'error-msg-on-denied-connection': expect.stringContaining('Try again') as string,
    });
  });

  it('denies what is only reserved', async () => {
    const world = await newWorld();
    world.interfere(async (name, effect) => {
      if (name === 'kms.sign') throw new Error('KMS is down');
      return effect();
    });
    await expect(world.enrol('alice')).rejects.toThrow('KMS is down');
    world.calm();
    const [reserved] = await world.stores.certificates.listByPerson(world.caller('alice').personId);
    expect(await gateOf(world)(connectEvent(reserved?.commonName ?? ''))).toMatchObject({ allow: false });
  });

  it('denies after the end of the certificate, and not a second before', async () => {
    const world = await newWorld();
    const { commonName, notAfter } = await world.enrol('alice');
    world.moveTime(notAfter - Math.floor(world.clock.now() / 1000));
    expect(await gateOf(world)(connectEvent(commonName))).toMatchObject({ allow: true });
    world.moveTime(1);
    expect(await gateOf(world)(connectEvent(commonName))).toMatchObject({ allow: false });
  });

  const signIn: GatePolicy = { mode: 'enforce', signIn: { nameKind: 'login', domains: ['CORP'] } };
  it.each([
    ['v1', 'error-msg-on-failed-posture-compliance'],
    ['v2', 'error-msg-on-denied-connection'],
  ])('asks who signed in, in schema %s, and tells whoever is somebody else', async (version, field) => {
    const world = await newWorld();
    const { commonName } = await world.enrol('alice');
    const gate = gateOf(world, { gatePolicy: signIn });
    const ask = (username: string) => gate(connectEvent(commonName, { username, 'schema-version': version }));
    expect(await ask('CORP\\Alice')).toMatchObject({ allow: true, [field]: '' });
    expect(await ask('bob')).toMatchObject({
      allow: false,
      [field]: expect.stringMatching(/^You signed in as somebody else.{1,220}$/) as string,
    });
  });

  it.each([
    ['no user name', ''],
    ['an event that has none', undefined],
    ['a user name that is no text', 7],
  ])('denies %s where people sign in', async (_what, username) => {
    const world = await newWorld();
    const { commonName } = await world.enrol('alice');
    const gate = gateOf(world, { gatePolicy: signIn });
    expect(await gate(connectEvent(commonName, { username }))).toMatchObject({ allow: false });
  });

  it('lets in what it only observes, and leaves a trace of it; a leaver stays out', async () => {
    const world = await newWorld();
    const { commonName } = await world.enrol('alice');
    const decided: (string | undefined)[] = [];
    const audit: Audit = {
      ...world.deps.audit,
      connectionDecided: ({ cause, observed }) => void decided.push(cause ?? observed),
    };
    const gate = gateOf(world, { gatePolicy: { mode: 'observe' }, audit });
    expect(await gate(connectEvent('made-by-hand'))).toMatchObject({ allow: true });
    expect(await gate(connectEvent(commonName))).toMatchObject({ allow: true });
    await world.tell(world.event('alice', 'left'));
    expect(await gate(connectEvent(commonName))).toMatchObject({ allow: false });
    expect(decided).toEqual(['commonNameUnknown', undefined, 'personLeft']);
  });

  it('asks the store once, whatever it asks of people', async () => {
    const world = await newWorld();
    const { commonName } = await world.enrol('alice');
    const asked: string[] = [];
    world.interfere((name, effect) => {
      asked.push(name);
      return effect();
    });
    await gateOf(world, { gatePolicy: signIn })(connectEvent(commonName, { username: 'alice' }));
    expect(asked).toEqual(['gate.findForGate']);
  });
});
