import type { Context } from 'aws-lambda';
import { gateHandler } from '../../../functions/gate/handler.ts';
import { gateProbeHandler } from '../../../functions/gate-probe/handler.ts';
import * as keys from '../../../shared/adapters/dynamo/keys.ts';
import * as probe from '../../../shared/domain/gate-probe.ts';
import { parseCertificateId } from '../../../shared/domain/certificate-id.ts';
import { ENFORCE, type GatePolicy, type SignInRule } from '../../../shared/domain/gate-policy.ts';
import { parsePersonId } from '../../../shared/domain/identity.ts';
import type { GateUnderTest, TrafficShiftHook } from '../../../shared/ports/gate-probe.ts';
import { quietObservability } from '../../support/observability.ts';
import { ENDPOINT_ID, newWorld, type World } from '../../support/world.ts';

const context = { awsRequestId: 'r-1', functionName: 'gate-probe' } as Context;
const HOOK = { DeploymentId: 'd-1', LifecycleEventHookExecutionId: 'hook-1' };

type Gate = (event: unknown) => Promise<unknown>;
const realGate = (world: World, gatePolicy: GatePolicy = ENFORCE): Gate => {
  const handler = gateHandler({ ...quietObservability().observability, ...world.deps, gatePolicy });
  return async (event) => JSON.parse(JSON.stringify(await handler(event, context))) as unknown;
};

function probeOf(world: World, gate: Gate, changes: object = {}) {
  const { observability } = quietObservability();
  const reported: [TrafficShiftHook, string][] = [];
  const gateUnderTest: GateUnderTest = { ask: gate };
  const handler = gateProbeHandler({
    ...observability,
    clock: world.clock,
    probeStore: world.stores.gateProbe,
    gateUnderTest,
    gatePolicy: ENFORCE,
    trafficShift: { report: async (hook, outcome) => void reported.push([hook, outcome]) },
    ...changes,
  });
  return { reported, run: () => handler(HOOK, context) };
}

const answer = (allow: boolean, words = '') => ({
  allow,
  'error-msg-on-denied-connection': words,
  'posture-compliance-statuses': [],
  'schema-version': 'v2',
});

describe('the probe of a new gate', () => {
  it('opens the real gate', async () => {
    const world = await newWorld();
    const { run, reported } = probeOf(world, realGate(world));
    expect(await run()).toEqual({ outcome: 'Succeeded' });
    expect(reported).toEqual([[{ deploymentId: 'd-1', hookExecutionId: 'hook-1' }, 'Succeeded']]);
  });

  const policies = (['login', 'email', 'employeeNumber'] as const).flatMap((nameKind) =>
    (['enforce', 'observe'] as const).map((mode) => [nameKind, mode] as const),
  );
  it.each(policies)(
    'opens one that asks who signed in by %s, in mode %s, and no other',
    async (nameKind, mode) => {
      const world = await newWorld();
      const signIn: SignInRule = { nameKind, domains: [] };
      const gatePolicy: GatePolicy = { mode, signIn };
      expect(await probeOf(world, realGate(world, gatePolicy), { gatePolicy }).run()).toEqual({
        outcome: 'Succeeded',
      });
      const others: GatePolicy[] = [{ mode: mode === 'enforce' ? 'observe' : 'enforce', signIn }];
      if (mode === 'enforce') others.push({ mode });
      for (const other of others) {
        expect(await probeOf(world, realGate(world, other), { gatePolicy }).run()).toEqual({
          outcome: 'Failed',
        });
      }
    },
  );

  it.each<[string, (world: World) => Gate]>([
    ['lets everybody in', () => async () => answer(true)],
    ['keeps everybody out', () => async () => answer(false, 'no')],
    ['throws', () => () => Promise.reject(new Error('Unhandled: it threw'))],
    [
      'runs out of time',
      () => () => Promise.reject(new Error('Unhandled: Task timed out after 5.00 seconds')),
    ],
    ['answers nothing', () => async () => null],
    ['answers another schema', () => async () => ({ ...answer(true), 'schema-version': 'v3' })],
    [
      'answers what an endpoint does not take',
      (world) => async (event) => ({
        ...((await realGate(world)(event)) as object),
        'posture-compliance-statuses': undefined,
      }),
    ],
    [
      'says more than can be shown',
      (world) => async (event) => ({
        ...((await realGate(world)(event)) as object),
        'error-msg-on-denied-connection': 'x'.repeat(256),
      }),
    ],
    [
      'no longer asks who left',
      (world) => async (event) => {
        const { admitted } = probe.probeFixtures(world.clock.now());
        const findForGate: World['stores']['gate']['findForGate'] = async (id) => {
          const found = await world.stores.gate.findForGate(id);
          return found && { ...found, person: admitted.person };
        };
        return realGate({ ...world, deps: { ...world.deps, gateStore: { findForGate } } })(event);
      },
    ],
    [
      'no longer compares the endpoint',
      (world) => (event) => realGate(world)({ ...(event as object), 'endpoint-id': probe.PROBE_ENDPOINT_ID }),
    ],
    [
      'cannot reach the table',
      (world) => {
        const gateStore = { findForGate: () => Promise.reject(new Error('out of reach')) };
        return realGate({ ...world, deps: { ...world.deps, gateStore } });
      },
    ],
  ])('keeps a gate closed that %s', async (_what, gateOf) => {
    const world = await newWorld();
    const { run, reported } = probeOf(world, gateOf(world));
    expect(await run()).toEqual({ outcome: 'Failed' });
    expect(reported.map(([, outcome]) => outcome)).toEqual(['Failed']);
  });

  it('keeps it closed, and says so, where it could not be tried', async () => {
    const world = await newWorld();
    const fails = () => Promise.reject(new Error('out of reach'));
    const { run, reported } = probeOf(world, realGate(world), {
      probeStore: { putAdmitted: fails, putDenied: fails },
    });
    await run();
    expect(reported.map(([, outcome]) => outcome)).toEqual(['Failed']);
  });

  it('fails aloud where its word did not arrive, so that Lambda and CodeDeploy know of it', async () => {
    const world = await newWorld();
    const trafficShift = { report: () => Promise.reject(new Error('out of reach')) };
    await expect(probeOf(world, realGate(world), { trafficShift }).run()).rejects.toThrow('out of reach');
  });
});

describe('what a gate is tried with', () => {
  const fixtures = Object.values(probe.probeFixtures(Date.UTC(2026, 0, 1)));

  it('lets nobody into a real endpoint', async () => {
    const world = await newWorld();
    await probeOf(world, realGate(world)).run();
    for (const { certificate } of fixtures) {
      const [asked] = probe.gateProbesFor(ENFORCE);
      const event = { ...asked?.event, 'common-name': certificate.commonName, 'endpoint-id': ENDPOINT_ID };
      expect(await realGate(world)(event)).toMatchObject({ allow: false });
    }
    expect(probe.PROBE_ENDPOINT_ID).not.toMatch(/^cvpn-endpoint-[0-9a-f]+$/);
  });

  it('lets nobody in at all a quarter of an hour later', async () => {
    const world = await newWorld();
    await probeOf(world, realGate(world)).run();
    world.moveTime(901);
    expect(await realGate(world)(probe.gateProbesFor(ENFORCE)[0]?.event)).toMatchObject({ allow: false });
  });

  it('has ids of the usual form, and the keys that its role names', () => {
    const [admitted, denied] = fixtures.map(({ certificate }) => certificate);
    for (const { certificate, person } of fixtures) {
      expect(parseCertificateId(certificate.certificateId)).toBe(certificate.certificateId);
      expect(parsePersonId(person.personId)).toBe(person.personId);
      expect(certificate.issued.certificateDer).toHaveLength(0);
    }
    expect(keys.certificateKey(admitted?.certificateId as never)).toEqual(keys.admittedProbeCertificateKey);
    expect(keys.certificateKey(denied?.certificateId as never)).toEqual(keys.deniedProbeCertificateKey);
    expect(keys.personKey(probe.ADMITTED_PERSON_ID)).toEqual(keys.admittedProbePersonKey);
    expect(keys.personKey(probe.DENIED_PERSON_ID)).toEqual(keys.deniedProbePersonKey);
  });
});
