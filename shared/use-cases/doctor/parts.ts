import type { Place } from '../../domain/doctor/facts.ts';

/** What a portal is made of, as far as somebody told or found it. */
export interface PortalParts {
  readonly place: Place;
  readonly stackName?: string;
  /** Asked for by name, registered or not: then nothing is said of others. */
  readonly onlyEndpointId?: string;
  /** Those that the stack made. */
  readonly endpointIds: readonly string[];
  readonly tableName?: string;
  readonly secretIds: readonly string[];
  readonly alarmNames: readonly string[];
  readonly topicArn?: string;
  readonly holdersTopicArn?: string;
  readonly deadLetterQueueUrls: readonly string[];
  readonly journalBucket?: string;
  /** A function that knows which sources are enabled: the one that lets nobody enrol whom they cannot name. */
  readonly issuerFunction?: string;
}

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
    secretIds: of(/WebhookSecret$|^ScimTokens$/),
    alarmNames: of(/Alarm(Of[A-Z]\w*)?$/),
    deadLetterQueueUrls: of(/DeadLetters$/),
    ...(tableName === undefined ? {} : { tableName }),
    ...(topicArn === undefined ? {} : { topicArn }),
    ...(holdersTopicArn === undefined ? {} : { holdersTopicArn }),
    ...(journalBucket === undefined ? {} : { journalBucket }),
    ...(issuerFunction === undefined ? {} : { issuerFunction }),
  };
}
