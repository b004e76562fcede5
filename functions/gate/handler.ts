import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import type { GatePolicy } from '../../shared/domain/gate-policy.ts';
import { publishMetrics, type Observability } from '../../shared/http/observability.ts';
import type { Audit } from '../../shared/ports/audit.ts';
import { decideConnection, type DecideConnectionDeps } from '../../shared/use-cases/decide-connection.ts';

/** What an endpoint sends: AWS Client VPN administrator guide, "Connection authorization", v1 and v2. */
const connectEvent = z.object({
  'connection-id': z.string().check(z.minLength(1)),
  'endpoint-id': z.string().check(z.minLength(1)),
  'common-name': z.string(),
  /** Empty where the certificate alone decides. */
  username: z._default(z.string(), ''),
  'schema-version': z.enum(['v1', 'v2']),
});

/** What it wants back; v1 has another name for the same words. */
type ConnectAnswer = {
  readonly allow: boolean;
  readonly 'posture-compliance-statuses': readonly string[];
} & (
  | { readonly 'schema-version': 'v2'; readonly 'error-msg-on-denied-connection': string }
  | { readonly 'schema-version': 'v1'; readonly 'error-msg-on-failed-posture-compliance': string }
);

const CANNOT_TELL = 'The VPN cannot check your access right now. Try again in a minute.';

export interface GateDeps extends DecideConnectionDeps, Observability {
  readonly audit: Audit;
  /** Of the endpoint that asks: a gate looks after the one of its own deployment. */
  readonly gatePolicy: GatePolicy;
}

/** Asked for every connection, after the certificate was verified. Whatever goes wrong denies. */
export const gateHandler = (deps: GateDeps): ((event: unknown, context: Context) => Promise<ConnectAnswer>) =>
  middy<unknown, ConnectAnswer>()
    .use(injectLambdaContext(deps.logger, { resetKeys: true }))
    .use(publishMetrics(deps.metrics))
    .handler(async (event) => {
      const asked = connectEvent.safeParse(event);
      if (!asked.success) return refuseUnread(deps.logger, event);
      const connection = asked.data;
      const version = connection['schema-version'];
      try {
        return answer(version, await judge(deps, connection));
      } catch (error) {
        deps.logger.error('connection could not be judged', {
          error: error instanceof Error ? error : String(error),
        });
        return answer(version, CANNOT_TELL);
      }
    });

/** @returns the words of the refusal, or undefined when the connection may come up */
async function judge(deps: GateDeps, connection: z.infer<typeof connectEvent>): Promise<string | undefined> {
  const { 'endpoint-id': endpointId, 'connection-id': connectionId, 'common-name': commonName } = connection;
  const asked = { commonName, endpointId, signedInAs: connection.username };
  const { access, certificate } = await decideConnection(deps, asked, deps.gatePolicy);
  deps.audit.connectionDecided({
    endpointId,
    connectionId,
    certificateId: certificate?.certificateId,
    personId: certificate?.personId,
    allowed: access.allowed,
    cause: access.allowed ? undefined : access.cause,
    observed: access.allowed ? access.observed : undefined,
  });
  return access.allowed ? undefined : access.words;
}

/** A schema that we do not know yet: nobody passes, and the log says which. */
function refuseUnread(logger: Logger, event: unknown): ConnectAnswer {
  const version = z.object({ 'schema-version': z.string().check(z.maxLength(16)) }).safeParse(event);
  logger.error('connect event could not be read', {
    schemaVersion: version.success ? version.data['schema-version'] : 'none',
  });
  return answer('v2', CANNOT_TELL);
}

function answer(version: 'v1' | 'v2', refusal: string | undefined): ConnectAnswer {
  const words = refusal ?? '';
  const common = { allow: refusal === undefined, 'posture-compliance-statuses': [] };
  return version === 'v1'
    ? { ...common, 'error-msg-on-failed-posture-compliance': words, 'schema-version': version }
    : { ...common, 'error-msg-on-denied-connection': words, 'schema-version': version };
}
