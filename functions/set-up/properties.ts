import * as z from 'zod/mini';
import {
  caId,
  companyName,
  formed,
  gateMode,
  serverName,
  signInDomains,
  signInName,
} from '../../shared/config.ts';

/*
 * What the template says of the two custom resources. They come with each request and not as variables, since a wrong
 * variable would end the cold start, and CloudFormation would wait for an answer that never comes.
 */

export const authorityProperties = z.object({
  CaId: caId,
  KeyId: z.string().check(z.minLength(1)),
  CompanyName: companyName,
  ServerName: serverName,
});

const text = z.pipe(
  z.optional(z.string()),
  z.transform((given) => (given === '' ? undefined : given)),
);

export const endpointProperties = z.object({
  EndpointId: formed(/^cvpn-endpoint-[0-9a-f]+$/, 'the id of a Client VPN endpoint'),
  CaId: caId,
  GateArn: formed(/^arn:/, 'an ARN'),
  /** Where the endpoint is not where the portal is. */
  Region: z.optional(formed(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a Region')),
  AccessRoleArn: z.optional(
    formed(
      /^arn:[a-z-]+:iam::\d{12}:role\/vpn-portal-endpoint-[\w+=,.@-]+$/,
      'a role whose name begins with vpn-portal-endpoint-',
    ),
  ),
  GateMode: z._default(gateMode, 'enforce'),
  SignInName: z._default(signInName, 'none'),
  SignInDomains: z._default(signInDomains, []),
  DirectoryId: text,
  SamlProviderArn: text,
});
