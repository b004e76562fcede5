import type { GateState } from '../aws/gate.ts';
import { awsTarget, TARGET_OPTIONS, type AwsTarget } from '../aws/target.ts';
import { defineCommand, type Context } from '../command.ts';
import { usageFailure } from '../failure.ts';
import type { Screen } from '../terminal/screen.ts';
import { counted, momentOf } from '../terminal/words.ts';
import { PROGRAM } from '../world.ts';

const SECONDS_PER_DAY = 86_400;
const DEFAULT_LIST_DAYS = 365;
const DEFAULT_PATIENCE_MINUTES = 15;

export const gate = defineCommand({
  name: 'gate',
  audience: 'operator',
  summary: 'take the gate away from an endpoint without letting leavers in, or put it back',
  notes: [
    'off: puts everybody who is revoked or held on a list that lives long, waits until the endpoint holds it, and',
    'only then detaches the gate. The import resets every connection once; people come back by themselves.',
    'on: tries the gate first, since one that does not answer locks everybody out.',
  ],
  arguments: { STATE: { words: 'off or on', choices: ['off', 'on'] } },
  options: {
    ...TARGET_OPTIONS,
    endpoint: { value: 'ID', words: 'one endpoint; every one when absent' },
    days: { value: 'DAYS', words: `how long the list lives, with off; ${DEFAULT_LIST_DAYS} when absent` },
    wait: {
      value: 'MINUTES',
      words: `for the endpoint to show the list; ${DEFAULT_PATIENCE_MINUTES} when absent`,
    },
    'without-store': { words: 'where the table cannot be read: who is on the list stays out, nobody else' },
    key: {
      value: 'ARN',
      words: 'the CA’s key, with off --without-store; the one of the stack that signed the list when absent',
    },
    handler: { value: 'ARN', words: 'the gate’s function, with on; what was registered when absent' },
    yes: { words: 'do not ask' },
  },
  examples: ['gate off --stage prod', 'gate on --stage prod'],
  async run(context, given) {
    const target = awsTarget(context.world, given);
    const order = {
      crlLifeSeconds:
        wholeNumber('--days', given.days ?? String(DEFAULT_LIST_DAYS), 30, 3_650) * SECONDS_PER_DAY,
      patienceSeconds: wholeNumber('--wait', given.wait ?? String(DEFAULT_PATIENCE_MINUTES), 1, 300) * 60,
    };
    const { STATE: state, yes, endpoint, handler, key } = given;
    if (given['without-store']) {
      if (endpoint === undefined)
        throw usageFailure('--without-store needs --endpoint', 'the table knows them');
      return withoutStore(context, target, { state, yes, endpoint, handler, key, ...order });
    }
    return state === 'off'
      ? switchOff(context, target, { endpoint, yes, ...order })
      : switchOn(context, target, { endpoint, yes, handler });
  },
});

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw usageFailure(`${option} takes a whole number from ${least} to ${most}`);
}

// Only now: EC2's client is large, and most commands need none.
const loadGate = () => import('../aws/gate.ts');

export interface OffOrder {
  readonly endpoint: string | undefined;
  readonly yes: boolean;
  readonly crlLifeSeconds: number;
  readonly patienceSeconds: number;
}

/** Detaches the gate of one endpoint or of all. @returns what `--json` prints */
export async function switchOff(
  { world, screen, confirm }: Context,
  target: AwsTarget,
  { endpoint, yes, ...order }: OffOrder,
): Promise<{ actor: string; endpoints: object[] }> {
  const operator = await (await loadGate()).gateOperator(target, world, screen);
  const states = await operator.read(endpoint);
  screen.title(`Gate off, ${target.words}, as ${operator.actor}`);
  for (const state of states) printState(screen, state);
  screen.line('Everybody who is revoked or held goes on a new list. Then nothing asks the portal any more:');
  screen.line(
    'leavers stay out by the list alone, and one of today comes onto it only when it is published.',
  );
  if (!yes) await confirm('Import the list, which resets every connection, and detach the gate?', 'refuse');
  const endpoints: object[] = [];
  for (const { endpoint: one } of states) {
    const result = await operator.switchOff(one.endpointId, order);
    const until = new Date(result.nextUpdate * 1000).toISOString();
    screen.done(
      `${one.endpointId} holds list ${result.crlNumber} with ${counted(result.entries, 'certificate')} until ${momentOf(until)}`,
    );
    screen.done(result.wasOff ? 'It asked no gate before' : 'The gate is off');
    endpoints.push({ ...result, nextUpdate: until, gateArn: one.gateArn });
  }
  screen.command(`${PROGRAM} gate on${stageWords(target)}`, 'put it back');
  return { actor: operator.actor, endpoints };
}

function stageWords(target: AwsTarget): string {
  const { stage } = target;
  if (stage === undefined) return '';
  const { region } = target.clientOptions('any');
  return ` --stage ${stage}${region === undefined ? '' : ` --region ${region}`}`;
}

function printState(screen: Screen, { endpoint, connectHandlerArn, pending, held }: GateState): void {
  screen.fields([
    ['endpoint', endpoint.endpointId],
    ['asks', connectHandlerArn ?? { text: 'nobody', style: 'yellow' }],
    [
      'list',
      endpoint.crl === undefined ? 'none' : `${endpoint.crl.crlNumber}, ${endpoint.crl.entries} entries`,
    ],
    ['waiting', counted(pending, 'revocation')],
    ['held', counted(held, 'hold')],
  ]);
}

async function switchOn(
  { world, screen, confirm }: Context,
  target: AwsTarget,
  { endpoint, yes, handler }: { endpoint: string | undefined; yes: boolean; handler: string | undefined },
): Promise<object> {
  const operator = await (await loadGate()).gateOperator(target, world, screen);
  const states = await operator.read(endpoint);
  screen.title(`Gate on, ${target.words}, as ${operator.actor}`);
  for (const state of states) printState(screen, state);
  if (!yes) await confirm('Try the gate, and make these endpoints ask it?', 'refuse');
  const endpoints: object[] = [];
  for (const { endpoint: one } of states) {
    const gateArn = handler ?? one.gateArn;
    const { wasOn } = await operator.switchOn(one.endpointId, gateArn);
    screen.done(`${one.endpointId} asks ${gateArn}${wasOn ? ', as it did before' : ''}`);
    endpoints.push({ endpointId: one.endpointId, gateArn, wasOn });
  }
  screen.note('Who is on the list as held leaves it with the next one, in the window.');
  return { actor: operator.actor, endpoints };
}

interface StorelessOrder {
  readonly state: 'off' | 'on';
  readonly endpoint: string;
  readonly yes: boolean;
  readonly handler: string | undefined;
  readonly key: string | undefined;
  readonly crlLifeSeconds: number;
}

async function withoutStore(
  { world, screen, confirm }: Context,
  target: AwsTarget,
  { state, endpoint, yes, handler, key, crlLifeSeconds }: StorelessOrder,
): Promise<object> {
  const gateOf = await (await loadGate()).storelessGate(target, world);
  const { actor } = gateOf;
  if (state === 'on') {
    if (handler === undefined) throw usageFailure('on --without-store needs --handler', 'the table knows it');
    if (!yes) await confirm(`Try ${handler}, and make ${endpoint} ask it?`, 'refuse');
    const { wasOn } = await gateOf.switchOn(endpoint, handler);
    screen.done(`${endpoint} asks ${handler}`);
    return { actor, endpointId: endpoint, gateArn: handler, wasOn };
  }
  screen.warn('Only who is on the list that the endpoint holds stays out.');
  screen.warn('Who was revoked or held since it was made CAN CONNECT once the gate is off.');
  if (!yes) await confirm(`Detach the gate of ${endpoint} all the same?`, 'refuse');
  const keyIds = key === undefined ? keysAmong(await target.resources()) : [key];
  if (keyIds.length === 0) throw usageFailure('Which key signs?', 'give --key with the ARN of the CA’s key');
  const list = await gateOf.keepList(endpoint, keyIds, crlLifeSeconds);
  const until = new Date(list.nextUpdate * 1000).toISOString();
  screen.done(
    `${endpoint} holds list ${list.crlNumber} with ${counted(list.entries, 'certificate')} until ${momentOf(until)}`,
  );
  await gateOf.detach(endpoint);
  screen.done('The gate is off');
  screen.warn(`Nobody can connect after ${momentOf(until)} unless a newer list is imported before.`);
  return { actor, endpointId: endpoint, ...list, nextUpdate: until };
}

/** The keys of all CAs among a stack's resources. Whose an endpoint is, its list says. */
const keysAmong = (resources: ReadonlyMap<string, string>): string[] =>
  [...resources].flatMap(([logicalId, keyId]) => (/^CaKey(Of[A-Z]\w*)?$/.test(logicalId) ? [keyId] : []));
