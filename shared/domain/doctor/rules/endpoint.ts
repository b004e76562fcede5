import { awsCure, deployCure } from '../cures.ts';
import type { EndpointSettingsFacts, PortalFacts } from '../facts.ts';
import { broken, info, warning, well, type Finding } from '../finding.ts';
import type { EndpointRule, PortalRule } from './rule.ts';

/** There is something to connect to. */
export const thereIsAnEndpoint: PortalRule = ({ endpoints, unread, place }) => {
  // Whoever could not look cannot say that there is none.
  const isDark = unread.some(({ isEssential, kind }) => isEssential || kind === 'noCredentials');
  if (endpoints.length > 0 || isDark) return [];
  return [
    broken(
      { code: 'noEndpoint', impact: 'connect' },
      {
        seen: 'the portal knows no endpoint, and the stack has none',
        why: 'There is nothing to connect to.',
        cure: deployCure(place, 'make one'),
      },
    ),
  ];
};

/** It is there, has a subnet, and takes clients. */
export const endpointIsUp: EndpointRule = ({ endpointId, settings }, { place }) => {
  if (settings === undefined) return [];
  if (settings.value === undefined) {
    return [
      broken(
        { code: 'endpointMissing', impact: 'connect' },
        {
          seen: `${endpointId} is not there`,
          why: 'Nobody can connect. A deleted endpoint cannot be brought back; another has another address.',
          cure: awsCure(
            place,
            'see which endpoints there are, and whether this is the right Region',
            'ec2 describe-client-vpn-endpoints',
          ),
        },
      ),
    ];
  }
  const { status } = settings.value;
  if (status === 'available') {
    return [well({ code: 'endpointUp', impact: 'connect' }, `${endpointId} is available`)];
  }
  const isBare = status === 'pending-associate';
  return [
    broken(
      { code: isBare ? 'endpointNotAssociated' : 'endpointNotAvailable', impact: 'connect' },
      {
        seen: `${endpointId} says ${status}`,
        why: isBare ? 'It has no subnet, so nobody can connect.' : 'Nobody can connect.',
        cure: isBare
          ? awsCure(
              place,
              'associate a subnet; put your own in the place of SUBNET',
              `ec2 associate-client-vpn-target-network --client-vpn-endpoint-id ${endpointId} --subnet-id SUBNET`,
            )
          : awsCure(
              place,
              'see what it says',
              `ec2 describe-client-vpn-endpoints --client-vpn-endpoint-ids ${endpointId}`,
            ),
      },
    ),
  ];
};

/** It asks clients for certificates. */
export const authenticationIsMutual: EndpointRule = ({ endpointId, settings }) => {
  const value = settings?.value;
  if (value === undefined) return [];
  const types = value.authentication.map(({ type }) => type);
  if (!types.includes('certificate-authentication')) {
    return [
      broken(
        { code: 'authenticationNotMutual', impact: 'connect' },
        {
          seen: `${endpointId} authenticates by ${types.join(' and ') || 'nothing'}`,
          why: 'It does not look at certificates: those of the portal let nobody in and keep nobody out.',
          cure: {
            words:
              'authentication is decided when an endpoint is made: make one with certificate authentication',
          },
        },
      ),
    ];
  }
  const others = types.filter((type) => type !== 'certificate-authentication');
  const words =
    others.length === 0
      ? 'clients need a certificate'
      : `clients need a certificate and ${others.join(', ')}`;
  return [well({ code: 'authenticationMutual', impact: 'connect' }, words)];
};

/** How people sign in at the endpoint is what the gate was told to compare. */
export const signInIsCompared: EndpointRule = ({ settings, registration }, { place }) => {
  const types = settings?.value?.authentication.map(({ type }) => type);
  const endpoint = registration?.value;
  if (types === undefined || endpoint === undefined) return [];
  const others = types.filter((type) => type !== 'certificate-authentication');
  const rule = endpoint.gatePolicy?.signIn;
  if (others.length > 0 && rule === undefined) {
    return [
      warning(
        { code: 'signInNotCompared', impact: 'keepOut' },
        {
          seen: `people sign in by ${others.join(', ')}, and the gate does not compare who`,
          why: "A colleague's certificate passes with one's own password.",
          cure: deployCure(place, 'set signInName in the stage, and deploy'),
        },
      ),
    ];
  }
  if (others.length === 0 && rule !== undefined) {
    return [
      broken(
        { code: 'signInMissing', impact: 'connect' },
        {
          seen: `the gate compares each ${rule.nameKind} with who signed in, and the endpoint lets nobody sign in`,
          why: 'It is told no name, and refuses everybody (or, where it observes, would).',
          cure: deployCure(place, 'set the authentication of the stage to what the endpoint has, and deploy'),
        },
      ),
    ];
  }
  if (rule === undefined) return [];
  return [well({ code: 'signInCompared', impact: 'keepOut' }, `the gate compares each ${rule.nameKind}`)];
};

/** Sessions end, and are not renewed behind everybody's back. */
export const sessionsEnd: EndpointRule = ({ endpointId, settings }, { place }) => {
  const value = settings?.value;
  if (value === undefined) return [];
  return [...timeoutFindings(endpointId, value, place), ...logFindings(endpointId, value, place), fit(value)];
};

const LONGEST_SESSION_HOURS = 12;

function timeoutFindings(
  endpointId: string,
  { endsOnSessionTimeout, sessionTimeoutHours }: EndpointSettingsFacts,
  place: PortalFacts['place'],
): Finding[] {
  const modify = `ec2 modify-client-vpn-endpoint --client-vpn-endpoint-id ${endpointId}`;
  if (!endsOnSessionTimeout) {
    return [
      warning(
        { code: 'sessionRenewsItself', impact: 'keepOut' },
        {
          seen: 'a session that reaches its time limit connects again by itself',
          why: 'A session that nobody ended goes on for ever.',
          cure: awsCure(place, 'let sessions end', `${modify} --disconnect-on-session-timeout`),
        },
      ),
    ];
  }
  if (sessionTimeoutHours > LONGEST_SESSION_HOURS) {
    return [
      warning(
        { code: 'sessionLong', impact: 'keepOut' },
        {
          seen: `sessions last up to ${sessionTimeoutHours} hours`,
          why: 'If the gate and the worker fail, a leaver stays connected for so long.',
          cure: awsCure(
            place,
            'shorten them; longer sessions than that end at once',
            `${modify} --session-timeout-hours 10`,
          ),
        },
      ),
    ];
  }
  return [
    well({ code: 'sessionsEnd', impact: 'keepOut' }, `sessions end after ${sessionTimeoutHours} hours`),
  ];
}

function logFindings(
  endpointId: string,
  { hasConnectionLog }: EndpointSettingsFacts,
  place: PortalFacts['place'],
): Finding[] {
  if (hasConnectionLog)
    return [well({ code: 'connectionLogOn', impact: 'notice' }, 'connections are logged')];
  return [
    warning(
      { code: 'connectionLogOff', impact: 'notice' },
      {
        seen: 'the endpoint logs no connections',
        why: 'Nobody can show later who was connected, or why somebody was refused.',
        cure: awsCure(
          place,
          'log into a group of CloudWatch Logs; put your own in the place of GROUP',
          `ec2 modify-client-vpn-endpoint --client-vpn-endpoint-id ${endpointId} ` +
            '--connection-log-options Enabled=true,CloudwatchLogGroup=GROUP',
        ),
      },
    ),
  ];
}

const fit = ({ transport, port, isSplitTunnel }: EndpointSettingsFacts): Finding =>
  info(
    { code: 'endpointShape', impact: 'connect' },
    `${transport} on port ${port}, ${isSplitTunnel ? 'split tunnel' : 'all traffic goes through the VPN'}`,
  );

/** The portal knows the endpoint, or the endpoint is one that it could take over. */
export const endpointIsRegistered: EndpointRule = ({ endpointId, registration, settings }) => {
  if (registration === undefined || settings?.value === undefined) return [];
  if (registration.value !== undefined) {
    return [
      well(
        { code: 'endpointRegistered', impact: 'keepOut' },
        `the portal looks after it, with the CA ${registration.value.caId}`,
      ),
    ];
  }
  const { isEnabled, functionArn } = settings.value.connectHandler;
  const taken =
    isEnabled && functionArn !== undefined ? ` Its connect handler is taken by ${functionArn}.` : '';
  return [
    warning(
      { code: 'endpointNotRegistered', impact: 'keepOut' },
      {
        seen: `the portal does not know ${endpointId}.${taken}`,
        why: 'Nothing is issued for it, no list is kept on it, and no leaver is cut from it.',
        cure: { words: 'see docs/deploy.md for bringing an endpoint of your own' },
      },
    ),
  ];
};
