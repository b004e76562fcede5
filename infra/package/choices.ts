import { elsewhereChoices } from './elsewhere.ts';
import { LATER } from './endpoint-place.ts';
import {
  furtherAuthoritiesOf,
  isEnded,
  issuingCaIdsOf,
  suffixesOf,
  suffixOf,
} from './further-authorities.ts';
import { isBrought, wordsOf, type Values } from './values.ts';
import { sourceChoices, type Mappings } from './webhook-sources.ts';

/*
 * A deployment has several shapes: an endpoint of its own or one that is there, certificates alone or with a directory
 * or SAML, its own security group or given ones. What differs is in one file, which is made of the parameters.
 */

/** Names nobody (RFC 6761 section 6.4): the certificate is there to carry its chain into ACM, and serves nowhere. */
const CARRIER_NAME = 'client-ca.invalid';

const NOTHING = { Resources: {} };

const AUTHORITY_ARN = { 'Fn::GetAtt': ['Authority', 'ServerCertificateArn'] };

export const hasSecondFactor = ({ directoryId = '', samlProviderArn = '' }: Values): boolean =>
  directoryId !== '' || samlProviderArn !== '';

/** The stage's infra/aws/choices.yml. @param mappings the mapping files that sources name */
export function choicesFile(values: Values, mappings: Mappings = {}): Readonly<Record<string, unknown>> {
  const { endpointId = '', serverName = '', gateMode = '', signInName = '', signInDomains = '' } = values;
  const securityGroupIds = wordsOf(values['securityGroupIds'] ?? '');
  const brought = isBrought(values);
  const isFirstEnded = isEnded(values, values['caId']);
  return {
    endpointId: brought ? endpointId : { Ref: 'Endpoint' },
    endpointInText: brought ? endpointId : '${Endpoint}',
    issuingCaIds: issuingCaIdsOf(values).join(' '),
    caKeyArns: suffixesOf(values).all.map((suffix) => ({ 'Fn::GetAtt': [`CaKey${suffix}`, 'Arn'] })),
    serverCertificateArns: suffixesOf(values).all.map((suffix) => ({
      'Fn::GetAtt': [`Authority${suffix}`, 'ServerCertificateArn'],
    })),
    registration: endpointId === LATER || isFirstEnded ? NOTHING : '${file(infra/aws/registration.yml)}',
    vpn: isFirstEnded ? NOTHING : `\${file(infra/aws/${brought ? 'brought' : 'vpn'}.yml)}`,
    endpointAlarms: isFirstEnded ? NOTHING : '${file(infra/aws/alarms/endpoint.yml)}',
    ...dashboardChoices(values),
    ...elsewhereChoices(values),
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

/** What the dashboard shows of each endpoint, as it stands in its text. */
function dashboardChoices(values: Values): Readonly<Record<string, string>> {
  const further = new Map(
    furtherAuthoritiesOf(values).map(({ caId, place }) => [suffixOf(values, caId), place] as const),
  );
  const suffixes = suffixesOf(values).withEndpoint;
  const endpoints = suffixes.map((suffix) => {
    const brought = suffix === '' ? values['endpointId'] : further.get(suffix);
    return isBrought(values) ? (brought ?? '') : `\${Endpoint${suffix}}`;
  });
  const metrics = (names: readonly string[]): string =>
    endpoints
      .flatMap((endpoint) => names.map((name) => `["AWS/ClientVPN", "${name}", "Endpoint", "${endpoint}"]`))
      .join(', ');
  return {
    dashboardAlarms: suffixes
      .flatMap((suffix) => ENDPOINT_ALARMS.map((name) => `"\${${name}${suffix}.Arn}"`))
      .join(', '),
    dashboardConnections: metrics(['ActiveConnectionsCount']),
    dashboardListDays: metrics(['CrlDaysToExpiry']),
    dashboardUndecided: metrics(UNDECIDED),
  };
}

/** Of infra/aws/alarms/endpoint.yml. */
const ENDPOINT_ALARMS = ['CrlDaysAlarm', 'ServerCertificateDaysAlarm', 'ConnectHandlerAlarm'];
const UNDECIDED = [
  'ClientConnectHandlerTimeouts',
  'ClientConnectHandlerInvalidResponses',
  'ClientConnectHandlerOtherExecutionErrors',
  'ClientConnectHandlerThrottlingErrors',
  'ClientConnectHandlerFailedServiceErrors',
];

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
