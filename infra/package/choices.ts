import { sourceChoices, type Mappings } from './webhook-sources.ts';

/*
 * A deployment has several shapes: an endpoint of its own or one that is there, certificates alone or with a directory
 * or SAML, its own security group or given ones. What differs is in one file, which is made of the parameters.
 */

type Values = Readonly<Record<string, string>>;

/** `endpointId` where the endpoint is to be made of what this deployment answers. */
export const LATER = 'later';

/** Names nobody (RFC 6761 section 6.4): the certificate is there to carry its chain into ACM, and serves nowhere. */
const CARRIER_NAME = 'client-ca.invalid';

const NOTHING = { Resources: {} };

const AUTHORITY_ARN = { 'Fn::GetAtt': ['Authority', 'ServerCertificateArn'] };

export const wordsOf = (list: string): string[] => [
  ...new Set(list.split(' ').filter((word) => word !== '')),
];

/** Whether the endpoint is not this deployment's to make. */
export const isBrought = ({ endpointId = '' }: Values): boolean => endpointId !== '';

export const hasSecondFactor = ({ directoryId = '', samlProviderArn = '' }: Values): boolean =>
  directoryId !== '' || samlProviderArn !== '';

/** The stage's infra/aws/choices.yml. @param mappings the mapping files that sources name */
export function choicesFile(values: Values, mappings: Mappings = {}): Readonly<Record<string, unknown>> {
  const { endpointId = '', serverName = '', gateMode = '', signInName = '', signInDomains = '' } = values;
  const securityGroupIds = wordsOf(values['securityGroupIds'] ?? '');
  const brought = isBrought(values);
  return {
    endpointId: brought ? endpointId : { Ref: 'Endpoint' },
    endpointInText: brought ? endpointId : '${Endpoint}',
    issuingCaIds: values['caId'] ?? '',
    registration: endpointId === LATER ? NOTHING : '${file(infra/aws/registration.yml)}',
    vpn: `\${file(infra/aws/${brought ? 'brought' : 'vpn'}.yml)}`,
    serverName: brought ? CARRIER_NAME : serverName,
    authenticationOptions: authenticationOptions(values),
    selfServicePortal: (values['selfServiceSamlProviderArn'] ?? '') === '' ? 'disabled' : 'enabled',
    securityGroupIds:
      securityGroupIds.length > 0 ? securityGroupIds : [{ 'Fn::GetAtt': ['ClientSecurityGroup', 'GroupId'] }],
    clientSecurityGroup:
      brought || securityGroupIds.length > 0 ? NOTHING : '${file(infra/aws/client-security-group.yml)}',
    directoryId: values['directoryId'] ?? '',
    samlProviderArn: values['samlProviderArn'] ?? '',
    gateMode: gateMode !== '' ? gateMode : brought ? 'observe' : 'enforce',
    signInName: hasSecondFactor(values) ? signInName : 'none',
    signInDomains: hasSecondFactor(values) ? signInDomains : '',
    oktaLogStream: (values['oktaEventBus'] ?? '') === '' ? NOTHING : '${file(infra/aws/okta-log-stream.yml)}',
    ...sourceChoices(values['offboardingSources'] ?? '', mappings),
  };
}

/** Certificates first, then at most one that asks who somebody is. */
function authenticationOptions(values: Values): readonly object[] {
  const { directoryId = '', samlProviderArn = '', selfServiceSamlProviderArn = '' } = values;
  const federated = {
    SAMLProviderArn: samlProviderArn,
    ...(selfServiceSamlProviderArn === '' ? {} : { SelfServiceSAMLProviderArn: selfServiceSamlProviderArn }),
  };
  return [
    {
      Type: 'certificate-authentication',
      // Client and server certificates have one CA, so one ARN names both.
      MutualAuthentication: { ClientRootCertificateChainArn: AUTHORITY_ARN },
    },
    ...(directoryId === ''
      ? []
      : [{ Type: 'directory-service-authentication', ActiveDirectory: { DirectoryId: directoryId } }]),
    ...(samlProviderArn === ''
      ? []
      : [{ Type: 'federated-authentication', FederatedAuthentication: federated }]),
  ];
}
