import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { powertoolsAudit } from '../../../shared/adapters/powertools-audit.ts';
import { systemClock } from '../../../shared/adapters/system-clock.ts';
import { systemRandom } from '../../../shared/adapters/system-random.ts';
import type { Observability } from '../../../shared/http/observability.ts';
import { pemFrom } from '../../../shared/domain/x509/pem.ts';
import { FakeVpn } from '../../support/fake-vpn.ts';
import { GATE_ARN, portalDeps, setUp } from '../../support/portal.ts';
import type { Stores } from '../../support/stores.ts';
import { testCa } from '../../unit/x509/fixtures.ts';

export const ENDPOINT_ID = 'cvpn-endpoint-0123456789abcdef0';

/** As AWS exports them. */
const DIRECTIVES = [
  'client',
  'dev tun',
  'proto udp',
  'remote cvpn-endpoint-0123456789abcdef0.prod.clientvpn.eu-west-1.amazonaws.com 443',
  'remote-random-hostname',
  'resolv-retry infinite',
  'nobind',
  'remote-cert-tls server',
  'cipher AES-256-GCM',
  'verb 3',
];

/** Logs as at AWS; nobody reads a worker's standard output. */
export const observed: Observability = {
  logger: new Logger({ serviceName: 'bench' }),
  metrics: new Metrics({ namespace: 'bench', serviceName: 'bench' }),
};

/** A portal with one endpoint over the stores given, its key in this process. */
export async function portalOver(stores: Stores) {
  const ca = testCa('ca', Math.floor(Date.now() / 1000));
  const clock = systemClock();
  const vpn = new FakeVpn({ gateStore: stores.gate, clock, gateArn: GATE_ARN, endpointId: ENDPOINT_ID });
  await setUp(stores.endpoints, ca, [ENDPOINT_ID]);
  await stores.endpoints.saveSettings(ENDPOINT_ID, {
    gateArn: GATE_ARN,
    clientConfiguration: [...DIRECTIVES, '<ca>', pemFrom('CERTIFICATE', ca.certificateDer), '</ca>'].join(
      '\n',
    ),
  });
  return portalDeps(
    stores,
    {
      connections: vpn.connections,
      vpnCrl: vpn.crl,
      vpnEndpoints: vpn.endpoints,
      signer: {
        publicKey: async () => ca.facts.subjectPublicKeyInfoDer,
        sign: async (_, tbs) => ca.key.sign(tbs),
      },
      wake: { connections: async () => undefined, publication: async () => undefined },
      clock,
      random: systemRandom,
      audit: powertoolsAudit(observed.logger, observed.metrics),
    },
    (port) => port,
  );
}

const nothing = (): void => undefined;

/** What Lambda tells a handler of its invocation. */
export const contextOf = (awsRequestId: string): Context => ({
  awsRequestId,
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'bench',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:bench',
  memoryLimitInMB: '512',
  logGroupName: '/aws/lambda/bench',
  logStreamName: 'bench',
  getRemainingTimeInMillis: () => 15_000,
  done: nothing,
  fail: nothing,
  succeed: nothing,
});
