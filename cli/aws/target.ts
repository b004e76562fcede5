import { findLocalAws, type LocalAws } from '../configuration.ts';
import { EXIT_CODE, Failure, localFailure, usageFailure } from '../failure.ts';
import type { World } from '../world.ts';

/*
 * The few commands that must work when the portal does not speak to AWS themselves, with the rights of whoever types
 * them: through the AWS SDK's own chain of credentials, or to the stack of this machine.
 */

/** What a client of any service is made of; what is absent the SDK finds by itself. */
export interface ClientOptions {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Where a deployed portal is. */
export interface AwsTarget {
  /** For people: `vpn-portal-prod`, `the stack of this machine`. */
  readonly words: string;
  readonly isThisMachine: boolean;
  /** Absent on this machine, and where no stage is meant. */
  readonly stackName?: string;
  readonly stage?: string;
  clientOptions(service: 'dynamodb' | 'lambda' | 'any'): ClientOptions;
  /** The physical ids of the stack's resources, by logical id. @throws Failure */
  resources(): Promise<ReadonlyMap<string, string>>;
}

/** The name of the service in serverless.yml; its stacks are called after it and their stage. */
const SERVICE = 'vpn-portal';

/** Which portal a command means; options that every such command takes. */
export const TARGET_OPTIONS = {
  stage: { value: 'NAME', words: 'the stage on AWS, such as prod; without it, the stack of this machine' },
  region: { value: 'REGION', words: 'the Region of the stage; that of your AWS configuration when absent' },
} as const;

/**
 * The stage on AWS that is named, else the stack that runs on this machine: an account is never touched by a command
 * that does not say so.
 *
 * @throws Failure when neither is there
 */
export function awsTarget(
  world: World,
  { stage, region }: { readonly stage: string | undefined; readonly region: string | undefined },
): AwsTarget {
  if (stage !== undefined) return stageTarget(stage, region);
  const local = findLocalAws(world);
  if (local === undefined) {
    throw usageFailure('No stage is named', 'and no portal runs on this machine', [
      { words: 'name the stage on AWS, for example: --stage prod --region eu-west-1' },
    ]);
  }
  return localTarget(local);
}

function stageTarget(stage: string, region: string | undefined): AwsTarget {
  if (!/^[a-z][a-z0-9]{0,15}$/.test(stage)) throw usageFailure(`"${stage}" is no stage`, 'such as prod');
  const stackName = `${SERVICE}-${stage}`;
  const options = region === undefined ? {} : { region };
  return {
    words: region === undefined ? stackName : `${stackName} in ${region}`,
    isThisMachine: false,
    stackName,
    stage,
    clientOptions: () => options,
    resources: () => stackResources(stackName, options),
  };
}

/** The account itself, for what belongs to no stage. */
export const accountTarget = (region: string | undefined): AwsTarget => ({
  words: region === undefined ? 'your AWS account' : `your AWS account in ${region}`,
  isThisMachine: false,
  clientOptions: () => (region === undefined ? {} : { region }),
  resources: async () => new Map(),
});

/** As at AWS, with keys that open nothing. */
const LOCAL_CLIENT = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
} as const;

function localTarget({ cloudUrl, lambdaUrl, dynamoDbUrl, resources }: LocalAws): AwsTarget {
  const urls = { dynamodb: dynamoDbUrl, lambda: lambdaUrl, any: cloudUrl };
  return {
    words: 'the stack of this machine',
    isThisMachine: true,
    clientOptions: (service) => ({ ...LOCAL_CLIENT, endpoint: urls[service] }),
    resources: async () => new Map(Object.entries(resources)),
  };
}

async function stackResources(
  stackName: string,
  options: ClientOptions,
): Promise<ReadonlyMap<string, string>> {
  try {
    return await listStackResources(stackName, options);
  } catch (error) {
    throw awsFailure(error, `the stack ${stackName}`, 'cloudformation:ListStackResources');
  }
}

/**
 * The physical ids of a stack's resources, by logical id.
 *
 * Page by page: DescribeStackResources would leave out what is beyond the first hundred.
 *
 * @throws Error as the SDK has it
 */
export async function listStackResources(
  stackName: string,
  options: ClientOptions,
): Promise<ReadonlyMap<string, string>> {
  // Only here: most commands need no client, and loading one takes time.
  const { CloudFormationClient, paginateListStackResources } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient(options);
  const resources = new Map<string, string>();
  try {
    for await (const page of paginateListStackResources({ client }, { StackName: stackName })) {
      for (const one of page.StackResourceSummaries ?? []) {
        const { LogicalResourceId: logicalId, PhysicalResourceId: physicalId } = one;
        if (logicalId !== undefined && physicalId !== undefined) resources.set(logicalId, physicalId);
      }
    }
    return resources;
  } finally {
    client.destroy();
  }
}

/** Whose credentials these are: an ARN, for the record. @throws Failure */
export async function callerArn(target: AwsTarget): Promise<string> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient(target.clientOptions('any'));
  try {
    const { Arn: arn } = await client.send(new GetCallerIdentityCommand({}));
    if (arn === undefined) throw new Error('STS named nobody');
    return arn;
  } catch (error) {
    throw awsFailure(error, 'who you are to AWS', 'sts:GetCallerIdentity');
  } finally {
    client.destroy();
  }
}

const NO_CREDENTIALS = /^(CredentialsProviderError|ExpiredToken|InvalidClientTokenId|UnrecognizedClient)/;
const NO_RIGHT = /^(AccessDenied|UnauthorizedOperation|NotAuthorized)/;
/** In a code, or in the text of an error that the SDK wraps. */
const NO_ANSWER = /\b(TimeoutError|ECONN[A-Z]+|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT)\b/;

/**
 * What AWS said, as something that a person can act on.
 *
 * @param what was asked for: `the stack vpn-portal-prod`
 * @param action IAM's name of the call: `kms:Sign`
 */
export function awsFailure(error: unknown, what: string, action: string): Failure {
  if (error instanceof Failure) return error;
  const { name, code, message } = factsOf(error);
  if (NO_CREDENTIALS.test(name) || /Region is missing|Could not load credentials/.test(message)) {
    return localFailure('noAwsCredentials', 'AWS does not know you', message, [
      { words: 'sign in, for example', command: 'aws sso login' },
      { words: 'AWS_PROFILE and --region (or AWS_REGION) say who and where' },
    ]);
  }
  if (NO_RIGHT.test(name)) {
    return localFailure('noAwsRight', `You may not do this: ${action} is not allowed to you`, what, [
      { words: `ask whoever administers the account for ${action}, or sign in as somebody who has it` },
    ]);
  }
  if ([code, name, message].some((text) => NO_ANSWER.test(text))) {
    return new Failure(
      { exitCode: EXIT_CODE.unreachable, code: 'unreachable', title: `AWS does not answer (${what})` },
      { cause: error },
    );
  }
  return localFailure('awsRefused', `AWS refused: ${what}`, message === '' ? name : `${name}: ${message}`);
}

function factsOf(error: unknown): { name: string; code: string; message: string } {
  if (typeof error !== 'object' || error === null) return { name: '', code: '', message: String(error) };
  const text = (key: string): string => {
    const value: unknown = Reflect.get(error, key);
    return typeof value === 'string' ? value : '';
  };
  return { name: text('name'), code: text('code'), message: text('message') };
}
