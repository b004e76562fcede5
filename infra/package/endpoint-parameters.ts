import * as z from 'zod';
import * as config from '../../shared/config.ts';
import { isCaId } from '../../shared/domain/endpoint.ts';
import { ALIAS_KINDS } from '../../shared/domain/identity.ts';
import { parseAccessRule, type AccessRule } from './access-rules.ts';
import { hasSecondFactor } from './choices.ts';
import { clientCidrBlock, endpointIdOrLater } from './endpoint-place.ts';
import { elsewhereFaults, endpointElsewhere } from './elsewhere.ts';
import { authorityFaults, caIdsOf, furtherAuthority } from './further-authorities.ts';
import { isBrought, wordsOf } from './values.ts';

export interface Parameter {
  readonly schema: z.core.$ZodType;
  readonly example: string;
  /** Not needed, and without meaning, for an endpoint that somebody else makes. */
  readonly isOfOurEndpoint?: boolean;
  /** Gives the deployment another shape; nobody has to give it. */
  readonly isChoice?: boolean;
}

const listOf = (item: z.ZodType<unknown, string>, least: number, most: number) =>
  z.string().transform(wordsOf).pipe(z.array(item).min(least).max(most));

const network = z.cidrv4('networks such as 10.0.0.0/16, with spaces between');
/** Client VPN: 200 authorization rules for an endpoint, one subnet in each Availability Zone, five security groups. */
const MOST_RULES = 200;
const MOST_SUBNETS = 5;
const MOST_SECURITY_GROUPS = 5;
/** CloudFormation: 500 resources in a stack. */
const MOST_FURTHER_AUTHORITIES = 4;
const MOST_ELSEWHERE = 50;
/** What a SAML assertion or directory may call a group; no control characters. */
const GROUP = /^\P{C}{1,255}$/u;
/** How Active Directory names a group to Client VPN. */
const SID = /^S-1-\d+(?:-\d+){1,15}$/;

const RULE_WORDS =
  'networks such as 10.0.0.0/16, or with a group 10.1.0.0/16=VPN%20Admins, with spaces between';

const accessRule = z.string().transform((word, context): AccessRule => {
  const rule = ruleOf(word);
  const isRight = z.cidrv4().safeParse(rule?.network).success && GROUP.test(rule?.groupId ?? 'everybody');
  if (rule !== undefined && isRight) return rule;
  context.addIssue(`"${word}" is no rule: ${RULE_WORDS}`);
  return z.NEVER;
});

function ruleOf(word: string): AccessRule | undefined {
  try {
    return parseAccessRule(word);
  } catch {
    return undefined;
  }
}

const caId = z.string().refine(isCaId, 'names of CAs');

const orNone = (schema: z.core.$ZodType<string, string>) => z.literal('').or(schema);
const idOf = (pattern: RegExp, words: string) => z.string().regex(pattern, words);
const samlProviderArn = orNone(
  idOf(/^arn:aws[a-z-]*:iam::\d{12}:saml-provider\/[\w.-]{1,128}$/, 'the ARN of a SAML provider in IAM'),
);
const SAML_EXAMPLE = 'arn:aws:iam::111122223333:saml-provider/Okta';
const ofOurs = { isOfOurEndpoint: true } as const;
const choice = { isChoice: true } as const;

/** What infra/aws/parameters.yml says of the endpoint, whoever makes it. */
export const ENDPOINT_PARAMETERS: Readonly<Record<string, Parameter>> = {
  serverName: { schema: config.serverName, example: 'vpn.example.com', ...ofOurs },
  clientCidrBlock: { schema: clientCidrBlock, example: '10.100.0.0/16' },
  vpnTransport: { schema: z.enum(['tcp', 'udp']), example: 'udp' },
  sessionTimeoutHours: { schema: z.enum(['8', '10', '12', '24']), example: '10' },
  vpcId: {
    schema: idOf(/^vpc-[0-9a-f]{8,17}$/, 'the id of a VPC'),
    example: 'vpc-0123456789abcdef0',
    ...ofOurs,
  },
  subnetIds: {
    schema: listOf(idOf(/^subnet-[0-9a-f]{8,17}$/, 'ids of subnets, with spaces between'), 1, MOST_SUBNETS),
    example: 'subnet-0123456789abcdef0 subnet-0123456789abcdef1',
    ...ofOurs,
  },
  allowedNetworks: { schema: listOf(accessRule, 1, MOST_RULES), example: '10.0.0.0/16', ...ofOurs },
  routedNetworks: { schema: listOf(network, 0, 20), example: '192.168.0.0/24', ...ofOurs },
  dnsServers: {
    schema: listOf(z.ipv4('addresses, with a space between'), 0, 2),
    example: '10.0.0.2',
    ...ofOurs,
  },
  splitTunnel: { schema: z.stringbool(), example: 'true' },
  securityGroupIds: {
    schema: listOf(
      idOf(/^sg-[0-9a-f]{8,17}$/, 'ids of security groups, with spaces between'),
      0,
      MOST_SECURITY_GROUPS,
    ),
    example: 'sg-0123456789abcdef0',
    ...ofOurs,
    ...choice,
  },
  directoryId: {
    schema: orNone(idOf(/^d-[0-9a-f]{10}$/, 'the id of a directory')),
    example: 'd-0123456789',
    ...choice,
  },
  samlProviderArn: { schema: samlProviderArn, example: SAML_EXAMPLE, ...choice },
  selfServiceSamlProviderArn: { schema: samlProviderArn, example: SAML_EXAMPLE, ...choice },
  signInName: { schema: z.enum(ALIAS_KINDS), example: 'login' },
  signInDomains: { schema: config.signInDomains, example: 'CORP corp.example.com', ...choice },
  endpointId: {
    schema: orNone(endpointIdOrLater),
    example: 'cvpn-endpoint-0123456789abcdef0',
    ...choice,
  },
  furtherAuthorities: {
    schema: listOf(furtherAuthority, 0, MOST_FURTHER_AUTHORITIES),
    example: 'ca2=10.101.0.0/16',
    ...choice,
  },
  issuingCaId: { schema: orNone(caId), example: 'ca2', ...choice },
  endedCaIds: { schema: listOf(caId, 0, MOST_FURTHER_AUTHORITIES), example: 'ca1', ...choice },
  endpointsElsewhere: {
    schema: listOf(endpointElsewhere, 0, MOST_ELSEWHERE),
    example: 'cvpn-endpoint-0fedcba9876543210=us-east-1:222233334444:ca1',
    ...choice,
  },
  gateMode: { schema: orNone(config.gateMode), example: 'enforce', ...choice },
};

/**
 * What does not go together, though each is right by itself.
 *
 * @param values every parameter that has one
 */
export function endpointFaults(values: Readonly<Record<string, string>>): string[] {
  const {
    directoryId = '',
    samlProviderArn: saml = '',
    selfServiceSamlProviderArn: selfService = '',
  } = values;
  return [
    ...(directoryId !== '' && saml !== ''
      ? ['directoryId and samlProviderArn cannot both be given: an endpoint signs people in at one of them']
      : []),
    ...(selfService !== '' && saml === ''
      ? [
          `selfServiceSamlProviderArn needs samlProviderArn beside it: --param samlProviderArn=${SAML_EXAMPLE}`,
        ]
      : []),
    ...(isBrought(values) ? broughtFaults(values) : groupFaults(values)),
    ...authorityFaults(values),
    ...elsewhereFaults(values, caIdsOf(values)),
  ];
}

/** Given for nothing, and somebody would believe that it was done. */
const broughtFaults = (values: Readonly<Record<string, string>>): string[] =>
  Object.entries(ENDPOINT_PARAMETERS)
    .filter(([name, { isOfOurEndpoint = false }]) => isOfOurEndpoint && (values[name] ?? '') !== '')
    .map(([name]) => `${name} has no meaning with endpointId: the endpoint is yours to change. Leave it out`);

function groupFaults(values: Readonly<Record<string, string>>): string[] {
  const groups = wordsOf(values['allowedNetworks'] ?? '').flatMap(
    (word) => parseAccessRule(word).groupId ?? [],
  );
  if (groups.length > 0 && !hasSecondFactor(values)) {
    return [
      `allowedNetworks names the group "${groups[0]}", and with certificates alone nobody is in a group. ` +
        `Give directoryId or samlProviderArn, or a network alone: --param allowedNetworks=10.0.0.0/16`,
    ];
  }
  if ((values['directoryId'] ?? '') === '') return [];
  return groups
    .filter((group) => !SID.test(group))
    .map(
      (group) =>
        `allowedNetworks names the group "${group}", and a directory's groups are named by their SID: ` +
        `--param allowedNetworks=10.1.0.0/16=S-1-5-21-1004336348-1177238915-682003330-1105`,
    );
}
