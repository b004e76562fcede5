import * as z from 'zod';
import type { Verdict, VpnClientFacts } from './vpn-server.ts';

/** Lambda's synchronous call. `functionError` is set when the function threw, timed out or was not there. */
export type InvokeFunction = (
  functionArn: string,
  payload: unknown,
  timeoutMs: number,
) => Promise<{ payload?: unknown; functionError?: string }>;

/** AWS waits so long and no longer. */
export const HANDLER_TIMEOUT_MS = 30_000;

/** AWS's own words are not documented; a person learns only that it was not a decision about them. */
const HANDLER_FAILED: Verdict = {
  allow: false,
  text: 'The connection could not be checked. Try again in a moment.',
};

/** All of it is required. Anything else denies: `client-connect-handler-invalid-response`. */
const response = z.object({
  allow: z.boolean(),
  'error-msg-on-denied-connection': z.string().max(255),
  'posture-compliance-statuses': z.array(z.string().max(255)).max(10),
  'schema-version': z.literal('v2'),
});

export interface HandlerQuestion {
  readonly functionArn: string;
  readonly connectionId: string;
  readonly endpointId: string;
  readonly client: VpnClientFacts;
  readonly timeoutMs: number;
}

/** Why a handler's answer did not count, in AWS's log words. */
export type HandlerFailure =
  | 'client-connect-handler-timed-out'
  | 'client-connect-handler-other-execution-error'
  | 'client-connect-handler-invalid-response';

/**
 * Asks the client connect handler, schema v2. It never rejects: a timeout, an error and a malformed answer deny.
 *
 * @param failed told of an answer that was none
 */
export async function askConnectHandler(
  invoke: InvokeFunction,
  question: HandlerQuestion,
  failed: (failure: HandlerFailure, detail: string) => void,
): Promise<Verdict> {
  try {
    const answer = await withinTime(
      invoke(question.functionArn, eventOf(question), question.timeoutMs),
      question.timeoutMs,
    );
    if (answer === 'late') {
      failed('client-connect-handler-timed-out', `no answer in ${question.timeoutMs} ms`);
      return HANDLER_FAILED;
    }
    if (answer.functionError !== undefined) {
      failed('client-connect-handler-other-execution-error', answer.functionError);
      return HANDLER_FAILED;
    }
    const parsed = response.safeParse(answer.payload);
    if (!parsed.success) {
      failed('client-connect-handler-invalid-response', z.prettifyError(parsed.error));
      return HANDLER_FAILED;
    }
    return parsed.data.allow
      ? { allow: true }
      : { allow: false, text: parsed.data['error-msg-on-denied-connection'] };
  } catch (error) {
    failed('client-connect-handler-other-execution-error', String(error));
    return HANDLER_FAILED;
  }
}

/** With certificates alone `username` and `groups` are empty; the common name is all that identifies. */
const eventOf = ({ connectionId, endpointId, client }: HandlerQuestion): Record<string, string> => ({
  'connection-id': connectionId,
  'endpoint-id': endpointId,
  'common-name': client.commonName,
  username: client.username,
  platform: client.platform,
  'platform-version': client.platformVersion,
  'public-ip': client.publicIp,
  'client-openvpn-version': client.clientOpenVpnVersion,
  groups: '',
  'schema-version': 'v2',
});

async function withinTime<T>(work: Promise<T>, timeoutMs: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), timeoutMs);
  });
  work.catch(() => undefined);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
