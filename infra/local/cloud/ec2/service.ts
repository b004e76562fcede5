import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { describeConnections, terminateConnections } from './connection-actions.ts';
import { HANDLER_TIMEOUT_MS, type InvokeFunction } from './connect-handler.ts';
import type { Action, Ec2Context, Ec2Lies } from './context.ts';
import { Ec2Error } from './ec2-error.ts';
import {
  createEndpoint,
  deleteEndpoint,
  describeEndpoints,
  exportClientConfiguration,
  modifyEndpoint,
} from './endpoint-actions.ts';
import { endpointFiles } from './endpoint-files.ts';
import { Endpoint, type EndpointNote } from './endpoint.ts';
import { exportList, importList } from './list-actions.ts';
import { describeAuthorizationRules, describeRoutes } from './network-actions.ts';
import { Query } from './query.ts';
import { CertificateRevocationLists } from './revocation-lists.ts';
import type { ServerCertificateSource } from './server-certificate.ts';
import type { StartVpnServer } from './vpn-server.ts';
import { answerXml, errorXml } from './xml.ts';

const SESSION_CHECK_MS = 60_000;

export interface Ec2Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Ec2Response {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface Ec2ServiceDeps {
  /** Endpoints, their ports and lists are kept here. */
  readonly directory: string;
  readonly certificates: ServerCertificateSource;
  readonly invoke: InvokeFunction;
  readonly startVpnServer: StartVpnServer;
  readonly now?: () => number;
  readonly note?: EndpointNote;
  /** AWS's 30 s, unless a test has no patience. */
  readonly handlerTimeoutMs?: number;
  readonly exportBeforeImport?: 'empty' | 'error';
}

/** The stand-in for the Client VPN part of EC2. */
export interface Ec2Service {
  /** Brings up what was there before a restart. Rejects when an endpoint cannot be served as it was. */
  start(): Promise<void>;
  /** One call of the query protocol, version 2016-11-15. */
  handle(request: Ec2Request): Promise<Ec2Response>;
  /** Tests set them; each call reads them. */
  readonly lies: Ec2Lies;
  /** How many calls of an action took effect, for whoever must see that something was not called. */
  callsOf(action: string): number;
  /** Ends all servers; what is kept is kept. */
  stop(): Promise<void>;
}

export function ec2Service(deps: Ec2ServiceDeps): Ec2Service {
  const context = contextOf(deps);
  const actions = actionsOf(deps.exportBeforeImport ?? 'empty');
  const calls = new Map<string, number>();
  let sessionCheck: NodeJS.Timeout | undefined;
  return {
    lies: context.lies,
    callsOf: (action) => calls.get(action) ?? 0,
    async start() {
      for (const { record, crlPem } of await context.files.load()) {
        const endpoint = context.newEndpoint(record);
        await endpoint.start(context.files.directoryOf(record.endpointId), crlPem);
        context.endpoints.set(record.endpointId, endpoint);
        if (crlPem !== undefined) context.lists.restore(record.endpointId, crlPem);
      }
      sessionCheck = setInterval(() => {
        for (const endpoint of context.endpoints.values()) endpoint.endOldSessions();
      }, SESSION_CHECK_MS).unref();
    },
    handle: (request) => handle(request, { actions, context, calls, deps }),
    async stop() {
      clearInterval(sessionCheck);
      context.lists.stop();
      await Promise.all([...context.endpoints.values()].map((endpoint) => endpoint.stop()));
    },
  };
}

function contextOf(deps: Ec2ServiceDeps): Ec2Context {
  const { certificates, invoke, startVpnServer, now = () => Date.now(), note = () => undefined } = deps;
  const files = endpointFiles(deps.directory);
  const newId = (prefix: string): string => `${prefix}-${randomBytes(9).toString('hex').slice(0, 17)}`;
  const endpointDeps = {
    certificates,
    invoke,
    startVpnServer,
    now,
    note,
    handlerTimeoutMs: deps.handlerTimeoutMs ?? HANDLER_TIMEOUT_MS,
    newConnectionId: () => newId('cvpn-connection'),
  };
  return {
    endpoints: new Map(),
    files,
    lists: new CertificateRevocationLists(files, (endpointId, error) => {
      note(endpointId, 'server', `the list did not take effect: ${String(error)}`);
    }),
    certificates,
    lies: {},
    now,
    newId,
    findPort,
    newEndpoint: (record) => new Endpoint(record, endpointDeps),
  };
}

const actionsOf = (exportBeforeImport: 'empty' | 'error'): ReadonlyMap<string, Action> =>
  new Map([
    ['CreateClientVpnEndpoint', createEndpoint],
    ['DescribeClientVpnEndpoints', describeEndpoints],
    ['ModifyClientVpnEndpoint', modifyEndpoint],
    ['DeleteClientVpnEndpoint', deleteEndpoint],
    ['ExportClientVpnClientConfiguration', exportClientConfiguration],
    ['ImportClientVpnClientCertificateRevocationList', importList],
    ['ExportClientVpnClientCertificateRevocationList', exportList(exportBeforeImport)],
    ['DescribeClientVpnConnections', describeConnections],
    ['DescribeClientVpnAuthorizationRules', describeAuthorizationRules],
    ['DescribeClientVpnRoutes', describeRoutes],
    ['TerminateClientVpnConnections', terminateConnections],
  ]);

interface Parts {
  readonly actions: ReadonlyMap<string, Action>;
  readonly context: Ec2Context;
  readonly calls: Map<string, number>;
  readonly deps: Ec2ServiceDeps;
}

async function handle({ body }: Ec2Request, { actions, context, calls, deps }: Parts): Promise<Ec2Response> {
  const requestId = randomUUID();
  const query = Query.parse(body);
  const name = query.text('Action');
  try {
    if (name === undefined) throw new Ec2Error('MissingAction', 'The request must contain an action');
    const action = actions.get(name);
    if (!action) throw new Ec2Error('InvalidAction', `The action ${name} is not valid for this web service`);
    if (query.flag('DryRun')) {
      throw new Ec2Error('DryRunOperation', 'Request would have succeeded, but DryRun flag is set', 412);
    }
    const answer = await action(query, context);
    calls.set(name, (calls.get(name) ?? 0) + 1);
    return respond(200, answerXml(name, requestId, answer));
  } catch (error) {
    if (error instanceof Ec2Error)
      return respond(error.status, errorXml(requestId, error.code, error.message));
    deps.note?.('', 'server', `${name}: ${String(error)}`);
    return respond(500, errorXml(requestId, 'InternalError', 'An internal error has occurred'));
  }
}

const respond = (status: number, body: string): Ec2Response => ({
  status,
  headers: { 'content-type': 'text/xml;charset=UTF-8' },
  body,
});

/** A port that is free now; the endpoint keeps it for good. */
function findPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address && typeof address === 'object') resolve(address.port);
        else reject(new Error('no free port'));
      });
    });
  });
}
