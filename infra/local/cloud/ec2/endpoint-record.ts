import * as z from 'zod';

export const connectHandler = z.object({ enabled: z.boolean(), functionArn: z.string().optional() });

/** Where people sign in beside their certificate. */
export const secondFactor = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('directory'), directoryId: z.string() }),
  z.object({
    kind: z.literal('saml'),
    samlProviderArn: z.string(),
    selfServiceSamlProviderArn: z.string().optional(),
  }),
]);
export type SecondFactor = z.infer<typeof secondFactor>;

/** An endpoint as it was created and modified, and the port that it has here for as long as it lives. */
export const endpointRecord = z.object({
  endpointId: z.string(),
  /** Counts creations; the order of listings. */
  sequence: z.number().int(),
  createdAtMilliseconds: z.number(),
  description: z.string().optional(),
  clientToken: z.string().optional(),
  /** Everything else that was asked for with the token. */
  clientTokenRequest: z.string().optional(),
  clientCidrBlock: z.string().optional(),
  serverCertificateArn: z.string(),
  clientRootCertificateChainArn: z.string(),
  secondFactor: secondFactor.optional(),
  transportProtocol: z.enum(['udp', 'tcp']),
  /** What was asked for. Here clients use `localPort`. */
  vpnPort: z.number().int(),
  localPort: z.number().int(),
  splitTunnel: z.boolean(),
  connectHandler,
  /** Where it would log connections; absent in what was kept before there was such a thing. */
  connectionLog: z.object({ enabled: z.boolean(), group: z.string().optional() }).optional(),
  sessionTimeoutHours: z.number().int(),
  disconnectOnSessionTimeout: z.boolean(),
  tags: z.array(z.object({ key: z.string(), value: z.string() })),
});

export type EndpointRecord = z.infer<typeof endpointRecord>;
