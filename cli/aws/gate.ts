import type { Endpoint } from '../../shared/domain/endpoint.ts';
import { keepHeldList, type HeldListFacts } from '../../shared/use-cases/gate/keep-held-list.ts';
import {
  GateSwitchRefused,
  switchGateOff,
  switchGateOn,
  type SwitchedOff,
} from '../../shared/use-cases/gate/switch-gate.ts';
import { Failure, localFailure, usageFailure, type NextStep } from '../failure.ts';
import type { Screen } from '../terminal/screen.ts';
import { PROGRAM, type World } from '../world.ts';
import { auditNotes } from './audit-notes.ts';
import { operatorDeps, operatorServices } from './operator.ts';
import { awsFailure, callerArn, type AwsTarget } from './target.ts';

/** An endpoint before anything is switched, as the table and EC2 tell. */
export interface GateState {
  readonly endpoint: Endpoint;
  /** The function that the endpoint asks now. */
  readonly connectHandlerArn: string | undefined;
  readonly pending: number;
  readonly held: number;
}

/** The gates of one portal, in the hands of whoever has the rights. Every method throws Failure. */
export interface GateOperator {
  readonly actor: string;
  read(endpointId: string | undefined): Promise<GateState[]>;
  switchOff(
    endpointId: string,
    order: { crlLifeSeconds: number; patienceSeconds: number },
  ): Promise<SwitchedOff>;
  switchOn(endpointId: string, gateArn: string): Promise<{ wasOn: boolean }>;
}

/** @throws Failure when AWS does not know who asks, or there is no such portal */
export async function gateOperator(target: AwsTarget, world: World, screen: Screen): Promise<GateOperator> {
  const actor = await callerArn(target);
  const tableName = (await target.resources()).get('Table');
  if (tableName === undefined) throw localFailure('noTable', `${target.words} has no table`);
  const deps = operatorDeps(target, world, tableName, auditNotes(screen));
  return {
    actor,
    async read(endpointId) {
      const endpoints = await readStore(() => deps.endpoints.list());
      const wanted = endpoints.filter((one) => endpointId === undefined || one.endpointId === endpointId);
      if (wanted.length === 0) throw usageFailure(`${endpointId ?? 'No endpoint'} is not set up here`);
      const held = (await readStore(() => deps.offboardings.listHolds())).length;
      return inWords('ec2:DescribeClientVpnEndpoints', () =>
        Promise.all(
          wanted.map(async (endpoint) => ({
            endpoint,
            connectHandlerArn: (await deps.vpnEndpoints.describe(endpoint.endpointId))?.connectHandlerArn,
            pending: (await deps.revocations.listPending(endpoint.endpointId)).length,
            held,
          })),
        ),
      );
    },
    switchOff: (endpointId, order) =>
      inWords(
        'kms:Sign, ec2:ImportClientVpnClientCertificateRevocationList or ec2:ModifyClientVpnEndpoint',
        () => switchGateOff(deps, { endpointId, actor, ...order }),
      ),
    switchOn: (endpointId, gateArn) =>
      inWords('lambda:InvokeFunction or ec2:ModifyClientVpnEndpoint', () =>
        switchGateOn(deps, { endpointId, gateArn, actor }),
      ),
  };
}

/** The role through which the portal reaches it may bring lists there, and no more; an operator's is another. */
const inAnotherAccount = (endpointId: string): Failure =>
  localFailure(
    'endpointElsewhere',
    `${endpointId} is in another account`,
    'and you may not take its role vpn-portal-operator-…, which infra/aws/elsewhere/endpoint-role.yml makes',
    [
      {
        words: 'first everybody onto its list',
        command: `${PROGRAM} publish --endpoint ${endpointId} --wait`,
      },
      {
        words: 'then, when the list is there, with credentials of that account',
        command: `aws ec2 modify-client-vpn-endpoint --client-vpn-endpoint-id ${endpointId} --client-connect-options Enabled=false`,
      },
      { words: 'others can be switched here: name each with --endpoint' },
    ],
  );

/** What can be done where the table cannot be read: with EC2 and KMS, and Lambda to try the gate. */
export interface StorelessGate {
  readonly actor: string;
  keepList(endpointId: string, keyIds: readonly string[], crlLifeSeconds: number): Promise<HeldListFacts>;
  detach(endpointId: string): Promise<void>;
  switchOn(endpointId: string, gateArn: string): Promise<{ wasOn: boolean }>;
}

/** @throws Failure when AWS does not know who asks */
export async function storelessGate(target: AwsTarget, world: World): Promise<StorelessGate> {
  const actor = await callerArn(target);
  const services = operatorServices(target, world);
  return {
    actor,
    keepList: (endpointId, keyIds, crlLifeSeconds) =>
      inWords('kms:GetPublicKey, kms:Sign or ec2:ImportClientVpnClientCertificateRevocationList', () =>
        keepHeldList(services, { endpointId, keyIds, crlLifeSeconds }),
      ),
    detach: (endpointId) =>
      inWords('ec2:ModifyClientVpnEndpoint', () => services.vpnGate.setConnectHandler(endpointId, undefined)),
    switchOn: (endpointId, gateArn) =>
      inWords('lambda:InvokeFunction or ec2:ModifyClientVpnEndpoint', () =>
        switchGateOn({ ...services, endpoints: undefined }, { endpointId, gateArn, actor }),
      ),
  };
}

/** The store may be what is broken: then there is still a way. */
async function readStore<Value>(read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    const failure = awsFailure(error, 'the table', 'dynamodb:Query');
    if (failure.facts.code === 'noAwsCredentials') throw failure;
    throw new Failure(
      {
        exitCode: 1,
        code: 'storeUnreadable',
        title: 'The table cannot be read, so nobody can be put on the list',
        detail: failure.message,
        next: [
          { words: 'only who is on the list already would stay out; if that must do:' },
          { words: 'with EC2 and KMS alone', command: `${PROGRAM} gate off --without-store --endpoint ID` },
        ],
      },
      { cause: error },
    );
  }
}

const NEXT: Readonly<Record<GateSwitchRefused['code'], NextStep>> = {
  endpointNotSetUp: { words: 'the endpoints', command: `${PROGRAM} endpoints` },
  listNotActive: { words: 'AWS may take up to four hours: the same command goes on where this one stopped' },
  listOfAnotherKey: {
    words:
      'an endpoint of another CA: give --key with its key; a list that somebody else signed: who is on it is unknown',
  },
  offboardingsUnfinished: { words: 'which ones', command: `${PROGRAM} offboardings --open` },
  handlerUnchanged: { words: 'look again in a moment', command: `${PROGRAM} doctor` },
  gateDoesNotAnswer: { words: 'what is wrong with the gate', command: `${PROGRAM} doctor` },
  gateAnswersWrongly: { words: 'what is wrong with the gate', command: `${PROGRAM} doctor` },
};

async function inWords<Value>(action: string, run: () => Promise<Value>): Promise<Value> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof GateSwitchRefused) {
      const cause = error.cause instanceof Error ? error.cause.message : undefined;
      throw localFailure(error.code, error.message, cause, [NEXT[error.code]]);
    }
    const untaken = untakenRoleIn(error);
    throw untaken === undefined ? awsFailure(error, 'the gate', action) : inAnotherAccount(untaken);
  }
}

/** Of which endpoint an operator's role was refused, by the words of STS. */
const untakenRoleIn = (error: unknown): string | undefined =>
  error instanceof Error
    ? /sts:AssumeRole .*\/vpn-portal-operator-(cvpn-endpoint-[0-9a-f]+)/.exec(error.message)?.[1]
    : undefined;
