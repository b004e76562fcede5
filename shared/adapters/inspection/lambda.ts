import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import * as z from 'zod/mini';
import { parseConfig } from '../../config/slice.ts';
import { sourcesSlice } from '../../config/sources.ts';
import type { GateAnswer } from '../../domain/doctor/facts.ts';
import type { Inspection } from '../../ports/inspection.ts';
import { unlessAbsent } from './absent.ts';

/** What an endpoint takes for an answer: AWS Client VPN administrator guide, "Connection authorization", v2. */
const connectAnswer = z.object({
  allow: z.boolean(),
  'error-msg-on-denied-connection': z.string().check(z.maxLength(255)),
  'posture-compliance-statuses': z.array(z.string()),
  'schema-version': z.literal('v2'),
});

/** Kinds of the company's directory that are shown no secret: shared/config/directory.ts. */
const WITHOUT_SECRET: ReadonlySet<string> = new Set(['none', 'file']);

/**
 * @param clientFor where a function is
 * @param now milliseconds, to time the gate's answer
 */
export const inspectLambda = ({
  client,
  clientFor,
  now,
}: {
  readonly client: LambdaClient;
  readonly clientFor: (functionArn: string) => Promise<LambdaClient>;
  readonly now: () => number;
}): Pick<
  Inspection,
  | 'gateFunction'
  | 'reservedConcurrency'
  | 'concurrencyLimit'
  | 'askGate'
  | 'declaredSources'
  | 'asksDirectories'
> => ({
  gateFunction: (functionArn) =>
    unlessAbsent(async () => {
      const { FunctionName, State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = await (
        await clientFor(functionArn)
      ).send(new GetFunctionConfigurationCommand({ FunctionName: functionArn }));
      const reason = StateReason ?? LastUpdateStatusReason;
      return {
        name: FunctionName ?? functionArn,
        state: State ?? 'Active',
        ...(LastUpdateStatus === undefined ? {} : { lastUpdateStatus: LastUpdateStatus }),
        ...(reason === undefined ? {} : { reason }),
      };
    }),

  ...inspectVariables(client),

  async reservedConcurrency(functionArn) {
    const there = await clientFor(functionArn);
    const { ReservedConcurrentExecutions } = await there.send(
      // It is the function's, not an alias's or a version's.
      new GetFunctionConcurrencyCommand({ FunctionName: functionArn.split(':').slice(0, 7).join(':') }),
    );
    return ReservedConcurrentExecutions;
  },

  async concurrencyLimit() {
    const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
    if (AccountLimit?.ConcurrentExecutions === undefined) throw new Error('Lambda tells no limit');
    return AccountLimit.ConcurrentExecutions;
  },

  askGate: (functionArn, endpointId, commonName) =>
    unlessAbsent(async () =>
      ask(await clientFor(functionArn), functionArn, questionOf(endpointId, commonName), now),
    ),
});

async function ask(
  client: LambdaClient,
  functionArn: string,
  question: Readonly<Record<string, string>>,
  now: () => number,
): Promise<GateAnswer> {
  const since = now();
  const { Payload, FunctionError } = await client.send(
    new InvokeCommand({ FunctionName: functionArn, Payload: Buffer.from(JSON.stringify(question)) }),
  );
  return answerFrom(Payload, FunctionError, now() - since);
}

const questionOf = (endpointId: string, commonName: string): Readonly<Record<string, string>> => ({
  'connection-id': 'cvpn-connection-00000000000000000',
  'endpoint-id': endpointId,
  'common-name': commonName,
  username: '',
  platform: '',
  'platform-version': '',
  'public-ip': '',
  'client-openvpn-version': '',
  groups: '',
  'schema-version': 'v2',
});

function answerFrom(
  payload: Uint8Array | undefined,
  functionError: string | undefined,
  milliseconds: number,
): GateAnswer {
  if (functionError !== undefined) return { milliseconds, words: `it failed (${functionError})` };
  const answer = connectAnswer.safeParse(parseJson(Buffer.from(payload ?? []).toString('utf8')));
  if (!answer.success) return { milliseconds, words: 'it has another form' };
  return {
    milliseconds,
    isAllowed: answer.data.allow,
    words: answer.data['error-msg-on-denied-connection'],
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the portal is set to do, as its functions' variables say. */
const inspectVariables = (client: LambdaClient): Pick<Inspection, 'declaredSources' | 'asksDirectories'> => {
  const variablesOf = async (functionName: string): Promise<Readonly<Record<string, string>>> => {
    const { Environment } = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName }),
    );
    return Environment?.Variables ?? {};
  };
  return {
    declaredSources: (functionName) =>
      unlessAbsent(async () => {
        const { OFFBOARDING_SOURCES } = await variablesOf(functionName);
        const { declarations } = parseConfig({ OFFBOARDING_SOURCES }, { sources: sourcesSlice }).sources;
        return declarations.map(({ source, aliasKind }) => ({ source, aliasKind }));
      }),
    asksDirectories: (functionName, whose) =>
      unlessAbsent(async () => {
        const { DIRECTORY_LOOKUPS = '', RECONCILIATION_DIRECTORY = 'none' } = await variablesOf(functionName);
        return whose === 'vendors'
          ? DIRECTORY_LOOKUPS.trim() !== ''
          : !WITHOUT_SECRET.has(RECONCILIATION_DIRECTORY);
      }),
  };
};
