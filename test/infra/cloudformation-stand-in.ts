import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { referencesIn } from '../../infra/local/runner/intrinsics.ts';
import type { Tree } from '../../infra/local/runner/yaml.ts';

/*
 * As much of CloudFormation and S3 as a deploy meets. Nothing is made: a stack is a template. Change sets are worked
 * out as CloudFormation says that it does: what differs is Static, and whatever refers to a resource that changes is
 * Dynamic, so that a create-only property behind a reference is Conditional.
 */

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}
type Resources = Readonly<Record<string, Resource>>;

/** Create-only properties (CloudFormation's "Update requires: Replacement"), of what the tests change. */
const CREATE_ONLY: Readonly<Record<string, readonly string[]>> = {
  'AWS::EC2::ClientVpnEndpoint': ['AuthenticationOptions', 'ClientCidrBlock', 'TransportProtocol'],
  'AWS::EC2::ClientVpnTargetNetworkAssociation': ['ClientVpnEndpointId', 'SubnetId'],
  'AWS::EC2::ClientVpnAuthorizationRule': ['ClientVpnEndpointId', 'TargetNetworkCidr'],
  'AWS::Lambda::Function': ['FunctionName'],
  'AWS::Lambda::Alias': ['FunctionName', 'Name'],
  'Custom::Authority': ['ServiceToken'],
  'Custom::EndpointRegistration': ['ServiceToken'],
};

interface Change {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly type: string;
  readonly replacement?: 'True' | 'False' | 'Conditional';
  readonly details: readonly string[];
}

export interface CloudFormationStandIn {
  readonly url: string;
  /** Names of the calls that changed something. */
  readonly writes: string[];
  resources: Resources;
  status: string | undefined;
  policy: string | undefined;
  isProtected: boolean;
  /** Types, logical ids and identifiers of what was imported. */
  readonly imported: string[];
  /** Policies as they stood when a change set was executed. */
  readonly policiesAtWork: (string | undefined)[];
  close(): Promise<void>;
}

const PAGE = 50;
const STACK_ID = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/vpn-portal-prod/1';
const READS = /^(?:Describe|Get|List|Validate)/;

export async function startCloudFormation(): Promise<CloudFormationStandIn> {
  const objects = new Map<string, Buffer>();
  let proposed: { resources: Resources; changes: readonly Change[] } | undefined;
  let events: string[] = [];
  let kind: string | null = null;
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const standIn: CloudFormationStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writes: [],
    resources: {},
    status: undefined,
    policy: undefined,
    isProtected: false,
    imported: [],
    policiesAtWork: [],
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', standIn.url);
    if (url.pathname.startsWith('/2015-03-31/functions/')) {
      const type = { 'x-amzn-errortype': 'ResourceNotFoundException', 'content-type': 'application/json' };
      response.writeHead(404, type).end('{"Type":"User","Message":"no such function"}');
    } else if (url.pathname !== '/') storage(request, response, url, body);
    else {
      const query = new URLSearchParams(body.toString());
      const action = query.get('Action') ?? '';
      if (!READS.test(action)) standIn.writes.push(action);
      const [status, xml] = call(action, query);
      response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
    }
  }

  function storage(request: IncomingMessage, response: ServerResponse, url: URL, body: Buffer): void {
    const isBucket = url.pathname.split('/').filter(Boolean).length === 1;
    if (request.method === 'PUT') {
      objects.set(decodeURIComponent(url.pathname), unchunked(request, body));
      standIn.writes.push('PutObject');
      response.writeHead(200, { etag: '"1"' }).end();
    } else if (isBucket && request.method === 'GET') {
      response
        .writeHead(200, { 'content-type': 'application/xml' })
        .end('<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>');
    } else response.writeHead(200, { 'x-amz-bucket-region': 'eu-west-1' }).end();
  }

  const ok = (action: string, inside: string): [number, string] => [
    200,
    `<${action}Response><${action}Result>${inside}</${action}Result></${action}Response>`,
  ];
  const refused = (message: string): [number, string] => [
    400,
    `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`,
  ];

  function call(action: string, query: URLSearchParams): [number, string] {
    switch (action) {
      case 'GetCallerIdentity':
        return ok(action, '<Account>111122223333</Account><Arn>arn:aws:iam::111122223333:user/a</Arn>');
      case 'DescribeStacks':
        return standIn.status === undefined
          ? refused('Stack with id vpn-portal-prod does not exist')
          : ok(action, `<Stacks><member>${stackXml(standIn.status)}</member></Stacks>`);
      case 'DescribeStackResource':
        return Object.hasOwn(standIn.resources, query.get('LogicalResourceId') ?? '')
          ? ok(
              action,
              '<StackResourceDetail><PhysicalResourceId>bucket</PhysicalResourceId></StackResourceDetail>',
            )
          : refused(`Resource does not exist for stack`);
      case 'CreateChangeSet': {
        const inline = query.get('TemplateBody');
        const address = new URL(query.get('TemplateURL') ?? 'https://s3/none');
        if (query.get('ChangeSetType') === 'IMPORT') {
          for (const [name, value] of query)
            if (/^ResourcesToImport/.test(name)) standIn.imported.push(value);
        }
        kind = query.get('ChangeSetType');
        const text = inline ?? objects.get(decodeURIComponent(address.pathname))?.toString() ?? '{}';
        const { Resources: resources } = JSON.parse(text) as { Resources: Resources };
        proposed = { resources, changes: changesBetween(standIn.resources, resources) };
        standIn.status ??= 'REVIEW_IN_PROGRESS';
        return ok(action, `<Id>1</Id><StackId>${STACK_ID}</StackId>`);
      }
      case 'DescribeChangeSet':
        return ok(action, changeSetXml(proposed?.changes ?? [], Number(query.get('NextToken') ?? 0)));
      case 'ExecuteChangeSet': {
        const isCreate = standIn.status === 'REVIEW_IN_PROGRESS';
        standIn.policiesAtWork.push(standIn.policy);
        standIn.resources = proposed?.resources ?? {};
        standIn.status = isCreate ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE';
        if (kind === 'IMPORT') {
          standIn.status = 'IMPORT_COMPLETE';
          return ok(action, '');
        }
        const at = events.length;
        const [now, then] = isCreate
          ? ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']
          : ['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE'];
        events = [eventXml(`${at}b`, then), eventXml(`${at}a`, now), ...events];
        return ok(action, '');
      }
      case 'DescribeStackEvents':
        return ok(action, `<StackEvents>${events.join('')}</StackEvents>`);
      case 'GetTemplate':
        return ok(
          action,
          `<TemplateBody>${escaped(JSON.stringify({ Resources: standIn.resources }))}</TemplateBody>`,
        );
      case 'GetStackPolicy':
        return ok(
          action,
          standIn.policy === undefined ? '' : `<StackPolicyBody>${escaped(standIn.policy)}</StackPolicyBody>`,
        );
      case 'SetStackPolicy':
        standIn.policy = query.get('StackPolicyBody') ?? undefined;
        return ok(action, '');
      case 'UpdateTerminationProtection':
        standIn.isProtected = query.get('EnableTerminationProtection') === 'true';
        return ok(action, `<StackId>${STACK_ID}</StackId>`);
      case 'ListStackResources':
        return ok(action, '<StackResourceSummaries/>');
      case 'DeleteStack':
        standIn.status = undefined;
        standIn.resources = {};
        return ok(action, '');
      default:
        return ok(action, '');
    }
  }
  return standIn;
}

const stackXml = (status: string): string =>
  `<StackId>${STACK_ID}</StackId><StackName>vpn-portal-prod</StackName>` +
  `<CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus>`;

const eventXml = (id: string, status: string): string =>
  `<member><EventId>${id}</EventId><StackId>${STACK_ID}</StackId><StackName>vpn-portal-prod</StackName>` +
  `<LogicalResourceId>vpn-portal-prod</LogicalResourceId><ResourceType>AWS::CloudFormation::Stack</ResourceType>` +
  `<ResourceStatus>${status}</ResourceStatus><Timestamp>2026-01-01T00:00:00Z</Timestamp></member>`;

function changeSetXml(changes: readonly Change[], from: number): string {
  const page = changes
    .slice(from, from + PAGE)
    .map(
      ({ action, logicalId, type, replacement, details }) =>
        `<member><Type>Resource</Type><ResourceChange><Action>${action}</Action>` +
        `<LogicalResourceId>${logicalId}</LogicalResourceId><ResourceType>${type}</ResourceType>` +
        (replacement === undefined ? '' : `<Replacement>${replacement}</Replacement>`) +
        `<Details>${details.join('')}</Details></ResourceChange></member>`,
    );
  const next = from + PAGE < changes.length ? `<NextToken>${from + PAGE}</NextToken>` : '';
  return `<StackId>${STACK_ID}</StackId><Status>CREATE_COMPLETE</Status><Changes>${page.join('')}</Changes>${next}`;
}

function changesBetween(before: Resources, after: Resources): Change[] {
  const changes = new Map<string, Change>();
  for (const [logicalId, { Type: type }] of Object.entries(after)) {
    if (!Object.hasOwn(before, logicalId))
      changes.set(logicalId, { action: 'Add', logicalId, type, details: [] });
  }
  for (const [logicalId, { Type: type }] of Object.entries(before)) {
    if (!Object.hasOwn(after, logicalId))
      changes.set(logicalId, { action: 'Remove', logicalId, type, details: [] });
  }
  // What changes by itself, then what refers to that, until nothing is added.
  for (let size = -1; size !== changes.size;) {
    size = changes.size;
    for (const [logicalId, resource] of Object.entries(after)) {
      const old = before[logicalId];
      if (old === undefined) continue;
      const change = modification(logicalId, old, resource, changes);
      if (change !== undefined) changes.set(logicalId, change);
    }
  }
  return [...changes.values()];
}

function modification(
  logicalId: string,
  before: Resource,
  after: Resource,
  changes: ReadonlyMap<string, Change>,
): Change | undefined {
  const details: string[] = [];
  let replacement: 'True' | 'False' | 'Conditional' = 'False';
  const names = new Set([...Object.keys(before.Properties ?? {}), ...Object.keys(after.Properties ?? {})]);
  for (const name of names) {
    const value = after.Properties?.[name];
    const isFixed = CREATE_ONLY[after.Type]?.includes(name) === true;
    if (JSON.stringify(before.Properties?.[name]) !== JSON.stringify(value)) {
      details.push(detailXml(name, isFixed, 'Static', 'DirectModification'));
      if (isFixed) replacement = 'True';
    }
    for (const [cause, source] of causesIn(value)) {
      if (changes.get(cause.split('.')[0] ?? '')?.action !== 'Modify') continue;
      details.push(detailXml(name, isFixed, 'Dynamic', source, cause));
      if (isFixed && replacement === 'False') replacement = 'Conditional';
    }
  }
  if (details.length === 0) return undefined;
  return { action: 'Modify', logicalId, type: after.Type, replacement, details };
}

/** `Endpoint` of a Ref, `CaKey.Arn` of an attribute. */
function causesIn(value: unknown): (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  for (const logicalId of referencesIn(value as Tree)) {
    const attribute = new RegExp(`"Fn::GetAtt":\\["${logicalId}","(\\w+)"\\]`).exec(
      JSON.stringify(value),
    )?.[1];
    found.push(
      attribute === undefined
        ? [logicalId, 'ResourceReference']
        : [`${logicalId}.${attribute}`, 'ResourceAttribute'],
    );
  }
  return found;
}

const detailXml = (
  name: string,
  isFixed: boolean,
  evaluation: string,
  source: string,
  cause?: string,
): string =>
  `<member><Target><Attribute>Properties</Attribute><Name>${name}</Name>` +
  `<RequiresRecreation>${isFixed ? 'Always' : 'Never'}</RequiresRecreation></Target>` +
  `<Evaluation>${evaluation}</Evaluation><ChangeSource>${source}</ChangeSource>` +
  (cause === undefined ? '' : `<CausingEntity>${cause}</CausingEntity>`) +
  `</member>`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** The SDK sends a stream in chunks that it signs, each with its length in hex before it. */
function unchunked(request: IncomingMessage, body: Buffer): Buffer {
  if (!String(request.headers['content-encoding'] ?? '').includes('aws-chunked')) return body;
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\r\n', at);
    const octets = parseInt(body.subarray(at, end).toString(), 16);
    if (!(octets > 0)) break;
    parts.push(body.subarray(end + 2, end + 2 + octets));
    at = end + 2 + octets + 2;
  }
  return Buffer.concat(parts);
}
