/*
 * Whose loss ends the VPN, or the means to end it for a leaver. What is here is guarded twice: by the judgement of the
 * change set, and by the stack policy, which also holds against whoever deploys by other means.
 */

export interface Protection {
  /** What would happen, after "it would be replaced:". */
  readonly words: string;
  /** Properties that must not change at all. */
  readonly fixed: readonly string[];
}

const ofType: Readonly<Record<string, Protection>> = {
  'AWS::EC2::ClientVpnEndpoint': {
    words: "everybody's VPN ends, and every profile that was ever handed out points to nothing",
    fixed: [],
  },
  'AWS::EC2::ClientVpnTargetNetworkAssociation': {
    words: 'the connections through this subnet end; with the last association the endpoint takes nobody',
    fixed: [],
  },
  'AWS::CertificateManager::Certificate': {
    words: "the endpoint's server certificate goes, and nobody connects",
    fixed: [],
  },
  'AWS::KMS::Key': {
    words: 'the CA can sign no certificate and no list any more, and the list at the endpoint ends in weeks',
    fixed: [],
  },
  'AWS::DynamoDB::Table': {
    words: 'the gate knows no certificate and refuses everybody, and nobody knows who left',
    fixed: [],
  },
  'AWS::SecretsManager::Secret': {
    words: 'events of leavers cannot be checked and are answered with 503',
    fixed: [],
  },
  'AWS::EC2::SecurityGroup': {
    words: 'whatever lets this group in lets nobody in any more',
    fixed: [],
  },
  'AWS::ApiGatewayV2::Api': {
    words: 'the portal has another address, and those who send events of leavers send them to the old one',
    fixed: [],
  },
  'Custom::Authority': { words: 'the endpoint would be made anew for another CA', fixed: ['CaId'] },
  'Custom::EndpointRegistration': {
    words: 'the portal would look after the endpoint no more: no list, no cut',
    fixed: [],
  },
};

const GATE: Protection = {
  words: 'the endpoint asks a gate that is not there, and everybody who connects is refused',
  fixed: [],
};
const byId: Readonly<Record<string, Protection>> = {
  GateLambdaFunction: GATE,
  GateAlias: GATE,
};

export const protectionOf = (logicalId: string, resourceType: string): Protection | undefined =>
  (Object.hasOwn(byId, logicalId) ? byId[logicalId] : undefined) ??
  (Object.hasOwn(ofType, resourceType) ? ofType[resourceType] : undefined);
