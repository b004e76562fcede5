import type { Read } from '../../domain/doctor/facts.ts';

const read = (action: string, tells: string): Read => ({ action, tells, isEssential: false });
const essential = (action: string, tells: string): Read => ({ action, tells, isEssential: true });

/** Every call that the doctor makes, and so everything that it needs to be allowed. */
export const READS = {
  caller: read('sts:GetCallerIdentity', 'who asks'),
  stack: read('cloudformation:DescribeStacks', 'how the deployment is'),
  resources: essential('cloudformation:ListStackResources', 'what the portal is made of'),
  settings: essential('ec2:DescribeClientVpnEndpoints', 'how the endpoint is set'),
  heldList: essential('ec2:ExportClientVpnClientCertificateRevocationList', 'the list at the endpoint'),
  certificate: essential('acm:GetCertificate', 'the certificates of the endpoint'),
  gateAnswer: essential('lambda:InvokeFunction', 'whether the gate answers'),
  authorizations: read('ec2:DescribeClientVpnAuthorizationRules', 'where people may go'),
  routes: read('ec2:DescribeClientVpnRoutes', 'where the endpoint can send them'),
  gate: read('lambda:GetFunctionConfiguration', 'how the gate is'),
  reserved: read('lambda:GetFunctionConcurrency', 'what is reserved for the gate'),
  limit: read('lambda:GetAccountSettings', 'how much the account may run at once'),
  key: read('kms:DescribeKey', "the state of the CA's key"),
  publicKey: read('kms:GetPublicKey', "whether the CA's key is the right one"),
  table: read('dynamodb:DescribeTable', 'how the table is'),
  recovery: read('dynamodb:DescribeContinuousBackups', 'whether the table can be restored'),
  endpoints: essential('dynamodb:Query', 'the endpoints in the table'),
  rows: essential('dynamodb:Query', 'who must be on the list'),
  pending: read('dynamodb:Query', 'what waits for the next list'),
  authority: essential('dynamodb:GetItem', "the portal's CA"),
  lease: read('dynamodb:GetItem', 'who publishes'),
  sources: read('lambda:GetFunctionConfiguration', 'which sources are enabled'),
  holders: read('dynamodb:Query', 'who holds certificates'),
  people: read('dynamodb:BatchGetItem', 'by which names sources know people'),
  incidents: read('dynamodb:BatchGetItem', 'open incidents'),
  offboardings: read('dynamodb:BatchGetItem', 'open offboardings'),
  asksDirectories: read('lambda:GetFunctionConfiguration', 'which directories are asked'),
  secret: read('secretsmanager:DescribeSecret', 'whether secrets have values'),
  alarms: read('cloudwatch:DescribeAlarms', 'the alarms'),
  subscriptions: read('sns:ListSubscriptionsByTopic', 'who hears the alarms and notices'),
  deadLetters: read('sqs:GetQueueAttributes', 'whether work was given up'),
  journalHead: read('dynamodb:GetItem', 'whether table and journal agree'),
  journalEntries: read('dynamodb:BatchGetItem', 'what waits for the journal'),
  journal: read('s3:ListBucket', 'whether table and journal agree'),
  journalObject: read('s3:GetObject', 'whether table and journal agree'),
} as const satisfies Readonly<Record<string, Read>>;

/** The IAM policy that lets somebody run the doctor: it reads, and it asks the gate. */
export const DOCTOR_POLICY = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'LookAtTheVpnPortal',
      Effect: 'Allow',
      Action: [...new Set(Object.values(READS).map(({ action }) => action))].sort(),
      Resource: '*',
    },
  ],
} as const;
