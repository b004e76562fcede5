import type { Context } from 'aws-lambda';
import type * as z from 'zod/mini';
import { customResourceHandler, type CustomResourceAnswer } from '../../shared/http/custom-resource.ts';
import type { Observability } from '../../shared/http/observability.ts';
import { ensureAuthority } from '../../shared/use-cases/set-up/ensure-authority.ts';
import {
  ensureServerCertificate,
  type EnsureServerCertificateDeps,
} from '../../shared/use-cases/set-up/ensure-server-certificate.ts';
import {
  registerEndpoint,
  type EndpointRegistration,
  type RegisterEndpointDeps,
} from '../../shared/use-cases/set-up/register-endpoint.ts';
import { releaseEndpoint, type ReleaseEndpointDeps } from '../../shared/use-cases/set-up/release-endpoint.ts';
import { authorityProperties, endpointProperties } from './properties.ts';

export type SetUpHandlerDeps = EnsureServerCertificateDeps &
  RegisterEndpointDeps &
  ReleaseEndpointDeps &
  Observability;

/**
 * The two steps of a deployment that no resource of CloudFormation takes: before the endpoint, the CA and its server
 * certificate; after it, its place among ours. Both are harmless when asked again.
 */
export const setUpHandler = (
  deps: SetUpHandlerDeps,
): ((event: unknown, context: Context) => Promise<CustomResourceAnswer>) =>
  customResourceHandler(deps, {
    'Custom::Authority': {
      idProperty: 'CaId',
      // Another CA is another endpoint beside the old one.
      isFixed: true,
      async ensure(properties) {
        const { CaId, KeyId, CompanyName, ServerName } = authorityProperties.parse(properties);
        const organization = CompanyName;
        const authority = await ensureAuthority(deps, { caId: CaId, keyId: KeyId, organization });
        const names = { serverName: ServerName, organization };
        const serverCertificateArn = await ensureServerCertificate(deps, names, authority);
        return { CaId: authority.caId, ServerCertificateArn: serverCertificateArn };
      },
    },
    'Custom::EndpointRegistration': {
      idProperty: 'EndpointId',
      isFixed: false,
      async ensure(properties) {
        const registration = endpointProperties.parse(properties);
        await registerEndpoint(deps, registrationOf(registration));
        return { EndpointId: registration.EndpointId };
      },
      async release(properties, stackId) {
        // What never was right was never registered, and must not be in the way.
        const parsed = endpointProperties.safeParse(properties);
        if (!parsed.success) return;
        const { EndpointId, GateArn } = parsed.data;
        await releaseEndpoint(deps, { stackId, endpointId: EndpointId, gateArn: GateArn });
      },
    },
  });

const registrationOf = (properties: z.infer<typeof endpointProperties>): EndpointRegistration => {
  const { DirectoryId, SamlProviderArn, SignInName, Region, AccessRoleArn } = properties;
  const signIn =
    SignInName === 'none' ? {} : { signIn: { nameKind: SignInName, domains: properties.SignInDomains } };
  return {
    endpointId: properties.EndpointId,
    caId: properties.CaId,
    gateArn: properties.GateArn,
    ...(Region === undefined ? {} : { region: Region }),
    ...(AccessRoleArn === undefined ? {} : { accessRoleArn: AccessRoleArn }),
    gatePolicy: { mode: properties.GateMode, ...signIn },
    secondFactor: {
      ...(DirectoryId === undefined ? {} : { directoryId: DirectoryId }),
      ...(SamlProviderArn === undefined ? {} : { samlProviderArn: SamlProviderArn }),
    },
  };
};
