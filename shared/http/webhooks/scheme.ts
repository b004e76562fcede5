import * as z from 'zod/mini';
import { ALIAS_KINDS } from '../../domain/identity.ts';
import type { SourceDeclaration } from '../../source-declarations.ts';
import { isPath } from './path.ts';

/*
 * What has to be known of a sender, as data. The presets are rows of this form, and so is a company's own mapping
 * file: the same schema judges both.
 */

/** As API Gateway hands them over. */
const header = z.string().check(z.regex(/^[a-z0-9_-]{1,64}$/, 'the name of a header, in small letters'));
const path = z
  .string()
  .check(z.maxLength(200), z.refine(isPath, 'a path such as data.employee.email or target[type=User].id'));
const paths = z.union([path, z.array(path).check(z.minLength(1), z.maxLength(8))]);
const seconds = z.int().check(z.gte(0), z.lte(86_400));

const hmac = z.strictObject({
  kind: z.literal('hmac'),
  algorithm: z.enum(['sha256', 'sha512']),
  /** Where the signature is. */
  header,
  encoding: z.enum(['hex', 'base64']),
  /** Before each signature: `sha256=`. Signatures without it do not count. */
  prefix: z._default(z.string().check(z.maxLength(16)), ''),
  /** Between several signatures, where a sender that rotates its secret sends several. */
  separator: z.optional(z.enum([' ', ','])),
  /** What is signed: `{body}`, and headers as `{header:x-timestamp}`, which must then be there. */
  signed: z.string().check(
    z.maxLength(200),
    z.regex(/^(?:[^{}]|\{body\}|\{header:[a-z0-9_-]{1,64}\})*$/, 'text with {body} and {header:…}'),
    z.refine((text) => text.includes('{body}'), 'must cover the {body}'),
  ),
  /** `whsec`: base64 behind `whsec_`, as Standard Webhooks writes its secrets. */
  secretForm: z._default(z.enum(['text', 'whsec']), 'text'),
  /** When it was signed, where the sender says so under its signature; older and newer ones are refused. */
  timestamp: z.optional(
    z.strictObject({ header, pastSeconds: z._default(seconds, 300), aheadSeconds: z._default(seconds, 300) }),
  ),
});

const token = z.strictObject({
  kind: z.literal('token'),
  header,
  /** `Bearer `, for example. */
  prefix: z._default(z.string().check(z.maxLength(16)), ''),
});

export const authentication = z
  .discriminatedUnion('kind', [hmac, token])
  .check(
    z.refine(
      (one) =>
        one.kind === 'token' || one.timestamp === undefined || isSigned(one.signed, one.timestamp.header),
      'a timestamp counts only where it is signed',
    ),
  );

const isSigned = (signed: string, name: string): boolean => signed.includes(`{header:${name}}`);

const rule = z.strictObject({
  /** The sender's word; `*` before it stands for anything. */
  type: z.string().check(z.minLength(1), z.maxLength(100)),
  /** Only where each of these is there, with one of the values. */
  when: z.optional(z.record(path, z.array(z.string()).check(z.minLength(1)))),
  /** Not where any of these is there with one of the values. */
  unless: z.optional(z.record(path, z.array(z.string()).check(z.minLength(1)))),
  /** Only where this is one of what the source's last part names: `okta:login:okta:0oa1b2c3`. */
  only: z.optional(path),
  /** `changed`: the directory has to be asked what. */
  means: z.enum(['left', 'suspended', 'returned', 'changed']),
  /** Words of this kind are kept apart, as those of a source of that ending: neither lifts the other's. */
  facet: z.optional(z.literal('app')),
});

export const eventMapping = z.strictObject({
  /** A list here is several events, each read as if it stood here alone with the rest around it. */
  list: z.optional(path),
  /** What must be there, with exactly this value. */
  demands: z._default(z.record(path, z.string()), {}),
  type: paths,
  /** The word to take where there is none. */
  typeOtherwise: z.optional(z.string()),
  rules: z.array(rule).check(z.minLength(1), z.maxLength(50)),
  /** Where the sender's id of the event is; without it what was signed is its own id. */
  eventId: z.optional(
    z.union([
      z.strictObject({ header }),
      z.strictObject({ join: z.array(path).check(z.minLength(1), z.maxLength(4)) }),
    ]),
  ),
  eventTime: z.optional(paths),
  /** Refuse an event whose time is missing or cannot be right, in the place of taking the time of its arrival. */
  strictTime: z._default(z.boolean(), false),
  /** Where each kind of name is. */
  person: z._default(z.partialRecord(z.enum(ALIAS_KINDS), paths), {}),
  /** The directory's own id, where there is no name. */
  directoryId: z.optional(paths),
  /** The last day, as a date, or as a time of which the date counts. */
  lastDay: z.optional(paths),
});

const pathOfPerson = z
  .string()
  .check(z.maxLength(300), z.regex(/^\/[^\s{}]*\{id\}[^\s{}]*$/, 'a path with {id}'));

export const directoryMapping = z.strictObject({
  /** Behind the address that `directoryLookups` names; `{id}` is the person's. */
  path: pathOfPerson,
  /** Further requests, whose answers stand under these names beside what the first gives. */
  more: z.optional(z.record(z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9]{0,31}$/)), pathOfPerson)),
  /** Where the answer says whose it is: another's is not believed. */
  id: z.optional(paths),
  /** `basicUser`: the token as user name, as BambooHR has it. `clientCredentials`: RFC 6749 section 4.4. */
  authorization: z.enum(['bearer', 'basic', 'basicUser', 'clientCredentials']),
  /** Of `clientCredentials`: where tokens come from. */
  tokenPath: z.optional(z.string().check(z.startsWith('/'), z.maxLength(100))),
  status: z.optional(paths),
  /** What each status means, in either case; another one changes nothing, and somebody has to look. */
  statuses: z._default(z.record(z.string(), z.enum(['left', 'suspended', 'returned'])), {}),
  person: z.partialRecord(z.enum(ALIAS_KINDS), paths),
  /** Counts while it lies ahead. */
  lastDay: z.optional(paths),
});

const MOST_SCHEME_MILLISECONDS = 25_000;

const parts = {
  events: eventMapping,
  /** CloudEvents 1.0 beside the sender's own form: what is in them, and whether headers may carry one. */
  cloudEvents: z.optional(z.strictObject({ binary: z.boolean(), events: z.optional(eventMapping) })),
  directory: z.optional(directoryMapping),
  /** The first contact, which no signature covers and which changes nothing. */
  handshake: z.optional(
    z.discriminatedUnion('kind', [
      /** A GET whose header is answered: `{"verification": "…"}`. */
      z.strictObject({
        kind: z.literal('challenge'),
        header,
        member: z.string().check(z.minLength(1), z.maxLength(64)),
      }),
      /** OPTIONS with WebHook-Request-Origin (CloudEvents' HTTP 1.1 Web Hooks 1.0.2, section 4), answered for any origin. */
      z.strictObject({
        kind: z.literal('webHookOrigin'),
        mostPerMinute: z.int().check(z.gte(1), z.lte(100_000)),
      }),
      /** A POST of nothing but a token that the subscription is to be verified with, by an operator, elsewhere. */
      z.strictObject({
        kind: z.literal('verificationToken'),
        member: z.string().check(z.minLength(1), z.maxLength(64)),
      }),
      /** A POST of one of these texts, answered with 200. */
      z.strictObject({
        kind: z.literal('ping'),
        bodies: z.array(z.string().check(z.maxLength(200))).check(z.minLength(1)),
      }),
    ]),
  ),
  /** The sender waits no longer; then it is told 503 and comes again. */
  answerWithinMilliseconds: z.optional(z.int().check(z.gte(500), z.lte(MOST_SCHEME_MILLISECONDS))),
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

/**
 * A source that is to know people by what its sender never says would refuse every event.
 *
 * @throws Error in words for whoever deploys
 */
export function assertNames(
  { source, aliasKind, scheme }: SourceDeclaration,
  { person, directoryId }: Pick<EventMapping, 'person' | 'directoryId'>,
): void {
  if (person[aliasKind] !== undefined || directoryId !== undefined) return;
  const kinds = ALIAS_KINDS.filter((kind) => person[kind] !== undefined).join(' or ');
  throw new Error(
    `offboardingSources: ${source} is to know people by ${aliasKind}, and ${scheme} names them by ${kinds || 'nothing'}`,
  );
}
