import { decideAccess } from '../../domain/access.ts';
import { ENFORCE, type GatePolicy } from '../../domain/gate-policy.ts';
import { gateProbesFor, probeFault } from '../../domain/gate-probe.ts';
import type { Endpoint } from '../../domain/endpoint.ts';
import type { VpnGate } from '../../ports/client-vpn.ts';
import type { GateUnderTest } from '../../ports/gate-probe.ts';
import type { PublishDeps } from '../publication/deps.ts';
import { publishDue, type PublishDueDeps } from '../publication/publish-due.ts';

export type SwitchGateOffDeps = PublishDueDeps & { readonly vpnGate: VpnGate };

/** Why the gate stays as it was. Whoever asked reads the code; nothing was switched. */
export class GateSwitchRefused extends Error {
  override readonly name = 'GateSwitchRefused';
  readonly code:
    | 'endpointNotSetUp'
    | 'listNotActive'
    | 'listOfAnotherKey'
    | 'offboardingsUnfinished'
    | 'handlerUnchanged'
    | 'gateDoesNotAnswer'
    | 'gateAnswersWrongly';

  constructor(code: GateSwitchRefused['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface SwitchOffRequest {
  readonly endpointId: string;
  /** Whose credentials these are: an ARN. */
  readonly actor: string;
  readonly crlLifeSeconds: number;
  /** How long to wait until the endpoint shows the list; AWS: changes take up to four hours. */
  readonly patienceSeconds: number;
}

/** What the endpoint holds now that nobody is asked. */
export interface SwitchedOff {
  readonly endpointId: string;
  readonly crlNumber: number;
  readonly entries: number;
  /** Epoch seconds. */
  readonly nextUpdate: number;
  readonly wasOff: boolean;
}

const PAUSE_MILLISECONDS = 10_000;
const DESCRIBE_PAUSES_MILLISECONDS = [0, 500, 1_000, 2_000, 4_000, 8_000];

/**
 * Takes the gate away from an endpoint without letting anybody in: everybody who is revoked or held goes on a list
 * that lives long, the endpoint is seen to hold it, and only then is the connect handler switched off. Whoever was
 * denied in between is published right after.
 *
 * Dying anywhere is safe: until the last step the gate is on; after it the publisher finds the gate off, and publishes
 * by the same rule.
 *
 * @throws GateSwitchRefused with nothing switched
 */
export async function switchGateOff(
  deps: SwitchGateOffDeps,
  request: SwitchOffRequest,
): Promise<SwitchedOff> {
  const { endpointId, actor, crlLifeSeconds } = request;
  const found = await deps.endpoints.find(endpointId);
  if (found === undefined)
    throw new GateSwitchRefused('endpointNotSetUp', `${endpointId} is not set up here`);
  await publishEverybody(deps, request);
  await deps.endpoints.noteGateOrder(endpointId, {
    isOn: false,
    by: actor,
    at: deps.clock.now(),
    crlLifeSeconds,
  });
  const wasOff = (await deps.vpnEndpoints.describe(endpointId))?.connectHandlerArn === undefined;
  if (!wasOff) {
    await deps.vpnGate.setConnectHandler(endpointId, undefined);
    await untilHandlerIs(deps, endpointId, undefined);
  }
  await publishEverybody(deps, request);
  const crl = (await deps.endpoints.find(endpointId))?.crl;
  if (crl === undefined) throw new GateSwitchRefused('listNotActive', `${endpointId} holds no list`);
  const { crlNumber, entries, nextUpdate } = crl;
  return { endpointId, crlNumber, entries, nextUpdate, wasOff };
}

/** Until the endpoint was seen to hold a list with everybody on it. @throws GateSwitchRefused */
async function publishEverybody(
  deps: SwitchGateOffDeps,
  { endpointId, crlLifeSeconds, patienceSeconds }: SwitchOffRequest,
): Promise<void> {
  const until = deps.clock.now() + patienceSeconds * 1000;
  for (;;) {
    const result = await publishDue(deps, endpointId, { gateGoesOff: { crlLifeSeconds } });
    if (result.failures.length > 0) {
      throw new GateSwitchRefused(
        'offboardingsUnfinished',
        'an offboarding cannot be brought on, so that somebody who left may be missing on the list',
        { cause: result.failures[0] },
      );
    }
    if (result.publish ? result.isConfirmed === true : result.reason === 'unchanged') return;
    if (deps.clock.now() >= until) {
      throw new GateSwitchRefused('listNotActive', `${endpointId} does not show the new list yet`);
    }
    await deps.clock.sleep(PAUSE_MILLISECONDS);
  }
}

async function untilHandlerIs(
  { vpnEndpoints, clock }: Pick<PublishDeps, 'vpnEndpoints' | 'clock'>,
  endpointId: string,
  functionArn: string | undefined,
): Promise<void> {
  for (const pause of DESCRIBE_PAUSES_MILLISECONDS) {
    await clock.sleep(pause);
    if ((await vpnEndpoints.describe(endpointId))?.connectHandlerArn === functionArn) return;
  }
  throw new GateSwitchRefused(
    'handlerUnchanged',
    `${endpointId} does not show the change of its connect handler`,
  );
}

export interface SwitchGateOnDeps extends Pick<PublishDeps, 'vpnEndpoints' | 'clock'> {
  readonly vpnGate: VpnGate;
  readonly gateAt: (functionArn: string) => GateUnderTest;
  /** Undefined where the store cannot be read. */
  readonly endpoints: Pick<PublishDeps['endpoints'], 'find' | 'noteGateOrder'> | undefined;
}

/**
 * Makes an endpoint ask the gate again, after the gate was seen to answer as it should: one that does not answer
 * would lock everybody out.
 *
 * @throws GateSwitchRefused with nothing switched
 */
export async function switchGateOn(
  deps: SwitchGateOnDeps,
  { endpointId, gateArn, actor }: Pick<Endpoint, 'endpointId' | 'gateArn'> & { readonly actor: string },
): Promise<{ wasOn: boolean }> {
  const policy = (await deps.endpoints?.find(endpointId))?.gatePolicy ?? ENFORCE;
  await assertGateAnswers(deps.gateAt(gateArn), policy);
  await deps.endpoints?.noteGateOrder(endpointId, { isOn: true, by: actor, at: deps.clock.now() });
  if ((await deps.vpnEndpoints.describe(endpointId))?.connectHandlerArn === gateArn) return { wasOn: true };
  await deps.vpnGate.setConnectHandler(endpointId, gateArn);
  await untilHandlerIs(deps, endpointId, gateArn);
  return { wasOn: false };
}

/**
 * Whether it can tell that nobody has a name. A gate that cannot read the table refuses in other words, also where it
 * would let in whom it does not know.
 */
async function assertGateAnswers(gate: GateUnderTest, policy: GatePolicy): Promise<void> {
  const unknown = gateProbesFor(policy).find(({ name }) => name === 'keepsOutUnknown');
  if (unknown === undefined) throw new Error('there is no question to try the gate with');
  const access = decideAccess({ commonName: '', endpointId: '', at: 0 }, undefined, undefined, policy);
  const answer = await gate.ask(unknown.event).catch((cause: unknown) => {
    throw new GateSwitchRefused('gateDoesNotAnswer', 'the gate does not answer', { cause });
  });
  const fault = probeFault(unknown, answer);
  if (fault !== undefined) throw new GateSwitchRefused('gateAnswersWrongly', `the gate is broken: ${fault}`);
  const words: unknown = Reflect.get(Object(answer), 'error-msg-on-denied-connection');
  if (words !== (access.allowed ? '' : access.words)) {
    throw new GateSwitchRefused('gateDoesNotAnswer', `the gate cannot decide: it says "${String(words)}"`);
  }
}
