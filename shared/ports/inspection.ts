import type {
  AlarmFacts,
  AliasCoverageFacts,
  DeadLetterFacts,
  EndpointSettingsFacts,
  FunctionFacts,
  GateAnswer,
  KeyFacts,
  LeaseFacts,
  NetworkFacts,
  SecretFacts,
  StackFacts,
  SubscriptionFacts,
  TableFacts,
} from '../domain/doctor/facts.ts';

/**
 * Looks at a portal's parts from outside, with one call each, and changes nothing. What is not there is undefined;
 * whatever else goes wrong is thrown as it came.
 */
export interface Inspection {
  caller(): Promise<{ account: string; arn: string }>;
  stack(stackName: string): Promise<StackFacts | undefined>;
  endpointSettings(endpointId: string): Promise<EndpointSettingsFacts | undefined>;
  /** As PEM; the chain is empty where there is none. */
  certificate(certificateArn: string): Promise<{ certificatePem: string; chainPem: string } | undefined>;
  key(keyId: string): Promise<KeyFacts | undefined>;
  /** DER SubjectPublicKeyInfo. */
  publicKey(keyId: string): Promise<Uint8Array>;
  gateFunction(functionArn: string): Promise<FunctionFacts | undefined>;
  /** Undefined where it has none of its own. */
  reservedConcurrency(functionArn: string): Promise<number | undefined>;
  concurrencyLimit(): Promise<number>;
  /** The sources that a function of the portal's knows, by its variables. */
  declaredSources(functionName: string): Promise<AliasCoverageFacts['sources'] | undefined>;
  /** Whether a function of the portal's is set to ask directories that want a secret, by its variables. */
  asksDirectories(functionName: string, whose: 'vendors' | 'company'): Promise<boolean | undefined>;
  /** Asks a connect handler as an endpoint does. */
  askGate(functionArn: string, endpointId: string, commonName: string): Promise<GateAnswer | undefined>;
  /** Whether it has a value; never which. */
  secret(secretId: string): Promise<SecretFacts | undefined>;
  alarms(names: readonly string[]): Promise<AlarmFacts[]>;
  subscriptions(topicArn: string): Promise<SubscriptionFacts>;
  networks(endpointId: string): Promise<NetworkFacts>;
  deadLetters(queueUrl: string): Promise<DeadLetterFacts | undefined>;
  table(tableName: string): Promise<TableFacts | undefined>;
  hasPointInTimeRecovery(tableName: string): Promise<boolean>;
  /** The publisher's lease, undefined where it was given back. */
  lease(tableName: string, endpointId: string): Promise<LeaseFacts | undefined>;
  /** How far this machine's clock is ahead of the service's; undefined before the first answer. */
  clockAheadMilliseconds(): number | undefined;
}
