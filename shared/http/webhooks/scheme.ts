import * as z from 'zod';
import { ALIAS_KINDS } from '../../domain/identity.ts';
import { isPath } from './path.ts';

/*
 * What has to be known of a sender, as data. The presets are rows of this form, and so is a company's own mapping
 * file: the same schema judges both.
 */

/** As API Gateway hands them over. */
const header = z.string().regex(/^[a-z0-9_-]{1,64}$/, 'the name of a header, in small letters');
const path = z.string().max(200).refine(isPath, 'a path such as data.employee.email or target[type=User].id');
const paths = z.union([path, z.array(path).min(1).max(8)]);
const seconds = z.int().min(0).max(86_400);

const hmac = z.strictObject({
  kind: z.literal('hmac'),
  algorithm: z.enum(['sha256', 'sha512']),
  /** Where the signature is. */
  header,
  encoding: z.enum(['hex', 'base64']),
  /** Before each signature: `sha256=`. Signatures without it do not count. */
  prefix: z.string().max(16).default(''),
  /** Between several signatures, where a sender that rotates its secret sends several. */
  separator: z.enum([' ', ',']).optional(),
  /** What is signed: `{body}`, and headers as `{header:x-timestamp}`, which must then be there. */
  signed: z
    .string()
    .max(200)
    .regex(/^(?:[^{}]|\{body\}|\{header:[a-z0-9_-]{1,64}\})*$/, 'text with {body} and {header:…}')
    .refine((text) => text.includes('{body}'), 'must cover the {body}'),
  /** `whsec`: base64 behind `whsec_`, as Standard Webhooks writes its secrets. */
  secretForm: z.enum(['text', 'whsec']).default('text'),
  /** When it was signed, where the sender says so under its signature; older and newer ones are refused. */
  timestamp: z
    .strictObject({ header, pastSeconds: seconds.default(300), aheadSeconds: seconds.default(300) })
    .optional(),
});

const token = z.strictObject({
  kind: z.literal('token'),
  header,
  /** `Bearer `, for example. */
  prefix: z.string().max(16).default(''),
});

export const authentication = z
  .discriminatedUnion('kind', [hmac, token])
  .refine(
    (one) =>
      one.kind === 'token' || one.timestamp === undefined || isSigned(one.signed, one.timestamp.header),
    'a timestamp counts only where it is signed',
  );

const isSigned = (signed: string, name: string): boolean => signed.includes(`{header:${name}}`);

const rule = z.strictObject({
  /** The sender's word; `*` before it stands for anything. */
  type: z.string().min(1).max(100),
  /** Only where each of these is there, with one of the values. */
  when: z.record(path, z.array(z.string()).min(1)).optional(),
  /** Not where any of these is there with one of the values. */
  unless: z.record(path, z.array(z.string()).min(1)).optional(),
  /** Only where this is one of what the source's last part names: `okta:login:okta:0oa1b2c3`. */
  only: path.optional(),
  /** `changed`: the directory has to be asked what. */
  means: z.enum(['left', 'suspended', 'returned', 'changed']),
  /** Words of this kind are kept apart, as those of a source of that ending: neither lifts the other's. */
  facet: z.literal('app').optional(),
});

export const eventMapping = z.strictObject({
  /** A list here is several events, each read as if it stood here alone with the rest around it. */
  list: path.optional(),
  /** What must be there, with exactly this value. */
  demands: z.record(path, z.string()).default({}),
  type: paths,
  /** The word to take where there is none. */
  typeOtherwise: z.string().optional(),
  rules: z.array(rule).min(1).max(50),
  /** Where the sender's id of the event is; without it what was signed is its own id. */
  eventId: z
    .union([z.strictObject({ header }), z.strictObject({ join: z.array(path).min(1).max(4) })])
    .optional(),
  eventTime: paths.optional(),
  /** Refuse an event whose time is missing or cannot be right, in the place of taking the time of its arrival. */
  strictTime: z.boolean().default(false),
  /** Where each kind of name is. */
  person: z.partialRecord(z.enum(ALIAS_KINDS), paths).default({}),
  /** The directory's own id, where there is no name. */
  directoryId: paths.optional(),
  /** The last day, as a date, or as a time of which the date counts. */
  lastDay: paths.optional(),
});

const pathOfPerson = z
  .string()
  .max(300)
  .regex(/^\/[^\s{}]*\{id\}[^\s{}]*$/, 'a path with {id}');

export const directoryMapping = z.strictObject({
  /** Behind the address that `directoryLookups` names; `{id}` is the person's. */
  path: pathOfPerson,
  /** Further requests, whose answers stand under these names beside what the first gives. */
  more: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,31}$/), pathOfPerson).optional(),
  /** Where the answer says whose it is: another's is not believed. */
  id: paths.optional(),
  /** `basicUser`: the token as user name, as BambooHR has it. `clientCredentials`: RFC 6749 section 4.4. */
  authorization: z.enum(['bearer', 'basic', 'basicUser', 'clientCredentials']),
  /** Of `clientCredentials`: where tokens come from. */
  tokenPath: z.string().startsWith('/').max(100).optional(),
  status: paths.optional(),
  /** What each status means, in either case; another one changes nothing, and somebody has to look. */
  statuses: z.record(z.string(), z.enum(['left', 'suspended', 'returned'])).default({}),
  person: z.partialRecord(z.enum(ALIAS_KINDS), paths),
  /** Counts while it lies ahead. */
  lastDay: paths.optional(),
});

const MOST_SCHEME_MILLISECONDS = 25_000;

const parts = {
  events: eventMapping,
  /** CloudEvents 1.0 beside the sender's own form: what is in them, and whether headers may carry one. */
  cloudEvents: z.strictObject({ binary: z.boolean(), events: eventMapping.optional() }).optional(),
  directory: directoryMapping.optional(),
  /** The first contact, which no signature covers and which changes nothing. */
  handshake: z
    .discriminatedUnion('kind', [
      /** A GET whose header is answered: `{"verification": "…"}`. */
      z.strictObject({ kind: z.literal('challenge'), header, member: z.string().min(1).max(64) }),
      /** A POST of one of these texts, answered with 200. */
      z.strictObject({ kind: z.literal('ping'), bodies: z.array(z.string().max(200)).min(1) }),
    ])
    .optional(),
  /** The sender waits no longer; then it is told 503 and comes again. */
  answerWithinMilliseconds: z.int().min(500).max(MOST_SCHEME_MILLISECONDS).optional(),
};

export const webhookScheme = z.strictObject({ authentication, ...parts });

export type WebhookScheme = z.infer<typeof webhookScheme>;
export type Authentication = z.infer<typeof authentication>;
export type EventMapping = z.infer<typeof eventMapping>;
export type DirectoryMapping = z.infer<typeof directoryMapping>;
export type Handshake = NonNullable<WebhookScheme['handshake']>;
/** As people write it: what has a default may be left out. */
export type WrittenScheme = z.input<typeof webhookScheme>;

/** A company's own mapping file; its authentication may be another's, by name. */
export const mappingFile = <Name extends string>(names: readonly Name[]) =>
  z.strictObject({ authentication: z.union([z.enum(names), authentication]), ...parts });
