import {
  CreateChangeSetCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  waitUntilChangeSetCreateComplete,
  waitUntilStackImportComplete,
  type CloudFormationClient,
} from '@aws-sdk/client-cloudformation';
import type { Template } from './template.ts';

/** A resource that an earlier stack left, by the name that this stack has for it. */
export interface Adoption {
  readonly logicalId: string;
  readonly physicalId: string;
}

/** What of ours outlives a stack and can be imported, and what CloudFormation knows it by. */
const IDENTIFIERS: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::EC2::SecurityGroup': 'Id',
  'AWS::KMS::Key': 'KeyId',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::SecretsManager::Secret': 'Id',
};

const CHANGE_SET = 'adoption';
const WAIT_SECONDS = 600;
/** CloudFormation looks at it every half minute otherwise. */
const DELAYS = { minDelay: 1, maxDelay: 10 };

/**
 * The template of an import: what the stack has, and what is adopted. An import makes and changes nothing, so of an
 * adopted resource only what refers to no other is said; the deploy that follows says the rest.
 *
 * @throws Error for what cannot be adopted, or is in the stack already
 */
export function adoptionTemplate(
  wanted: Template,
  present: Partial<Template>,
  adoptions: readonly Adoption[],
): Template & { readonly AWSTemplateFormatVersion: string } {
  const adopted: Template['Resources'] = {};
  for (const { logicalId } of adoptions) {
    const resource = Object.hasOwn(wanted.Resources, logicalId) ? wanted.Resources[logicalId] : undefined;
    if (resource?.Type === undefined || !Object.hasOwn(IDENTIFIERS, resource.Type)) {
      const can = Object.entries(wanted.Resources)
        .filter(([, { Type = '' }]) => Object.hasOwn(IDENTIFIERS, Type))
        .map(([id]) => id)
        .filter((id) => !/LogGroup$/.test(id));
      throw new Error(`${logicalId} cannot be adopted. There are: ${can.join(', ')}`);
    }
    if (present.Resources !== undefined && Object.hasOwn(present.Resources, logicalId)) {
      throw new Error(`${logicalId} is in the stack already, so nothing can be adopted in its place`);
    }
    const properties = resource['Properties'];
    adopted[logicalId] = {
      Type: resource.Type,
      // A condition of every import, and what we want.
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: Object.fromEntries(
        Object.entries(typeof properties === 'object' && properties !== null ? properties : {}).filter(
          ([, value]) => !/"(?:Ref|Fn::\w+)":/.test(JSON.stringify(value)),
        ),
      ),
    };
  }
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    ...present,
    Resources: { ...present.Resources, ...adopted },
  };
}

/** Takes what an earlier stack left into this one, before anything else is made. */
export async function adopt(
  client: CloudFormationClient,
  stackName: string,
  { isFirst, wanted, adoptions }: { isFirst: boolean; wanted: Template; adoptions: readonly Adoption[] },
): Promise<void> {
  const present = isFirst ? {} : await templateOf(client, stackName);
  const template = adoptionTemplate(wanted, present, adoptions);
  const names = { StackName: stackName, ChangeSetName: CHANGE_SET };
  await client.send(
    new CreateChangeSetCommand({
      ...names,
      ChangeSetType: 'IMPORT',
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
      ResourcesToImport: adoptions.map(({ logicalId, physicalId }) => {
        const type = template.Resources[logicalId]?.Type ?? '';
        return {
          ResourceType: type,
          LogicalResourceId: logicalId,
          ResourceIdentifier: { [IDENTIFIERS[type] ?? '']: physicalId },
        };
      }),
    }),
  );
  const waiter = { client, maxWaitTime: WAIT_SECONDS, ...DELAYS };
  await waitUntilChangeSetCreateComplete(waiter, names);
  await client.send(new ExecuteChangeSetCommand(names));
  await waitUntilStackImportComplete(waiter, { StackName: stackName });
}

async function templateOf(client: CloudFormationClient, stackName: string): Promise<Partial<Template>> {
  const { TemplateBody: body = '{}' } = await client.send(
    new GetTemplateCommand({ StackName: stackName, TemplateStage: 'Original' }),
  );
  return JSON.parse(body) as Partial<Template>;
}
