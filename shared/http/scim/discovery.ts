import { ENTERPRISE_SCHEMA, NAME_PARTS, USER_SCHEMA } from '../../domain/scim/attributes.ts';
import { MOST_RESULTS } from '../../domain/scim/paging.ts';
import { SCIM_BASE } from './resource.ts';

/* What a SCIM client is told of this service (RFC 7643 sections 5 to 7): what is kept, and nothing else. */

const meta = (resourceType: string, path: string) => ({
  resourceType,
  location: `${SCIM_BASE}/${path}`,
});

export const SERVICE_PROVIDER_CONFIG = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: MOST_RESULTS },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'A token of the portal in the Authorization header',
      specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
      primary: true,
    },
  ],
  meta: meta('ServiceProviderConfig', 'ServiceProviderConfig'),
};

export const RESOURCE_TYPES = [
  {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: 'User',
    name: 'User',
    endpoint: '/Users',
    description: 'Somebody who may have VPN certificates',
    schema: USER_SCHEMA,
    schemaExtensions: [{ schema: ENTERPRISE_SCHEMA, required: false }],
    meta: meta('ResourceType', 'ResourceTypes/User'),
  },
];

interface Attribute {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'complex';
  readonly description: string;
  readonly required: boolean;
  readonly multiValued: boolean;
  readonly caseExact: boolean;
  readonly mutability: 'readWrite';
  readonly returned: 'default';
  readonly uniqueness: 'none' | 'server';
  readonly subAttributes?: readonly Attribute[];
}

const attribute = (
  name: string,
  description: string,
  rest: Partial<
    Pick<Attribute, 'type' | 'required' | 'multiValued' | 'caseExact' | 'uniqueness' | 'subAttributes'>
  > = {},
): Attribute => ({
  name,
  type: 'string',
  description,
  required: false,
  multiValued: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...rest,
});

export const SCHEMAS = [
  {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id: USER_SCHEMA,
    name: 'User',
    description: 'User account',
    attributes: [
      attribute('userName', 'With what the person signs in', { required: true, uniqueness: 'server' }),
      attribute('externalId', "The directory's own id", { caseExact: true }),
      attribute('displayName', 'For people to read'),
      attribute('name', 'The parts of the name', {
        type: 'complex',
        subAttributes: NAME_PARTS.map((part) => attribute(part, 'For people to read')),
      }),
      attribute('emails', 'Addresses', {
        type: 'complex',
        multiValued: true,
        subAttributes: [
          attribute('value', 'The address'),
          attribute('type', 'work, home, …'),
          attribute('primary', 'Whether it is the first', { type: 'boolean' }),
        ],
      }),
      attribute('active', 'Whether the person may have VPN access', { type: 'boolean' }),
    ],
    meta: meta('Schema', `Schemas/${USER_SCHEMA}`),
  },
  {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id: ENTERPRISE_SCHEMA,
    name: 'EnterpriseUser',
    description: 'Enterprise user',
    attributes: [attribute('employeeNumber', 'Of the employee')],
    meta: meta('Schema', `Schemas/${ENTERPRISE_SCHEMA}`),
  },
];
