import * as z from 'zod';
import { caId, companyName, gateMode, serverName, signInDomains, signInName } from '../../shared/config.ts';

/*
 * What the template says of the two custom resources. They come with each request and not as variables, since a wrong
 * variable would end the cold start, and CloudFormation would wait for an answer that never comes.
 */

export const authorityProperties = z.object({
  CaId: caId,
  KeyId: z.string().min(1),
  CompanyName: companyName,
  ServerName: serverName,
});

const text = z
  .string()
  .optional()
  .transform((given) => (given === '' ? undefined : given));

export const endpointProperties = z.object({
  EndpointId: z.string().regex(/^cvpn-endpoint-[0-9a-f]+$/, 'the id of a Client VPN endpoint'),
  CaId: caId,
  GateArn: z.string().startsWith('arn:'),
  /** Where the endpoint is not where the portal is. */
  Region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a Region')
    .optional(),
  AccessRoleArn: z
    .string()
    .regex(
      /^arn:[a-z-]+:iam::\d{12}:role\/vpn-portal-endpoint-[\w+=,.@-]+$/,
      'a role whose name begins with vpn-portal-endpoint-',
    )
    .optional(),
  GateMode: gateMode.default('enforce'),
  SignInName: signInName.default('none'),
  SignInDomains: signInDomains.default([]),
  DirectoryId: text,
  SamlProviderArn: text,
});
