import type { Place, SecretUse } from '../../domain/doctor/facts.ts';

/** A secret, and for one that is not always in use the function that knows. */
export interface SecretPart {
  readonly name: string;
  readonly use: SecretUse;
  readonly shownBy?: { readonly functionName: string; readonly to: 'vendors' | 'company' };
}

/** What a portal is made of, as far as somebody told or found it. */
export interface PortalParts {
  readonly place: Place;
  readonly stackName?: string;
  /** Asked for by name, registered or not: then nothing is said of others. */
  readonly onlyEndpointId?: string;
  /** Those that the stack made. */
  readonly endpointIds: readonly string[];
  readonly tableName?: string;
  readonly secrets: readonly SecretPart[];
  readonly alarmNames: readonly string[];
  readonly topicArn?: string;
  readonly holdersTopicArn?: string;
  readonly deadLetterQueueUrls: readonly string[];
  readonly journalBucket?: string;
  /** A function that knows which sources are enabled: the one that lets nobody enrol whom they cannot name. */
  readonly issuerFunction?: string;
}

/** Whether it is in use nobody can say without the function. */
const shown = (
  use: SecretUse,
  [name]: readonly string[],
  [functionName]: readonly string[],
  to: 'vendors' | 'company',
): SecretPart[] =>
  name === undefined || functionName === undefined ? [] : [{ name, use, shownBy: { functionName, to } }];

/**
 * The parts among a stack's resources, by the names that the template gives them (`infra/aws`); what is of a further CA
 * has `Of` and its name behind it.
 *
 * @param resources physical ids by logical id
 */
export function partsAmong(
  resources: ReadonlyMap<string, string>,
): Omit<PortalParts, 'place' | 'stackName' | 'onlyEndpointId'> {
  const of = (logicalId: RegExp): string[] =>
    [...resources].filter(([name]) => logicalId.test(name)).map(([, physicalId]) => physicalId);
  const [tableName] = of(/^Table$/);
  const [topicArn] = of(/^AlarmTopic$/);
  const [holdersTopicArn] = of(/^HoldersTopic$/);
  const [journalBucket] = of(/^JournalBucket$/);
  const [issuerFunction] = of(/^IssueDashcertificateLambdaFunction$/);
  return {
    endpointIds: of(/^Endpoint(Of[A-Z]\w*)?$/),
    secrets: [
      ...of(/WebhookSecret$/).map((name): SecretPart => ({ name, use: 'events' })),
      ...of(/^ScimTokens$/).map((name): SecretPart => ({ name, use: 'scim' })),
      ...shown('lookups', of(/^LookupSecrets$/), of(/^DirectoryDashlookupLambdaFunction$/), 'vendors'),
      ...shown('directory', of(/^DirectorySecret$/), of(/^ReconciliationLambdaFunction$/), 'company'),
    ],
    alarmNames: of(/Alarm(Of[A-Z]\w*)?$/),
    deadLetterQueueUrls: of(/DeadLetters$/),
    ...(tableName === undefined ? {} : { tableName }),
    ...(topicArn === undefined ? {} : { topicArn }),
    ...(holdersTopicArn === undefined ? {} : { holdersTopicArn }),
    ...(journalBucket === undefined ? {} : { journalBucket }),
    ...(issuerFunction === undefined ? {} : { issuerFunction }),
  };
}
