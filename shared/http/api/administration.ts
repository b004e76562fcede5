import * as z from 'zod/mini';
import { personRefusal } from '../../domain/access.ts';
import type { CertificateRecord } from '../../domain/certificate-record.ts';
import type { Endpoint } from '../../domain/endpoint.ts';
import { DomainError } from '../../domain/errors.ts';
import { GATE_MODES } from '../../domain/gate-policy.ts';
import { ALIAS_KINDS, aliasFrom, type Alias } from '../../domain/identity.ts';
import type { OffboardingRecord } from '../../domain/offboarding.ts';
import type { PlannedOffboarding } from '../../domain/planned-offboarding.ts';
import { DENIAL_KINDS, type Person } from '../../domain/person.ts';
import {
  isoFromMilliseconds,
  isoFromSeconds,
  type EpochMilliseconds,
  type EpochSeconds,
} from '../../domain/time.ts';
import { aliasView } from './alias.ts';
import { viewCertificate } from './certificate-views.ts';
import { certificateView } from './certificates.ts';
import { lastDay, plannedOffboardingView, viewPlannedOffboarding } from './planned-offboardings.ts';

const time = z.iso.datetime();
export const comment = z
  .optional(
    z.string().check(
      z.maxLength(500),
      z.refine((text) => text.isWellFormed(), 'must be well-formed Unicode'),
    ),
  )
  .register(z.globalRegistry, { description: 'For the record; no secrets.' });

export const personOrderRequest = z
  .strictObject({ comment })
  .register(z.globalRegistry, { id: 'PersonOrder' });
const namedAlias = z.strictObject({ kind: z.enum(ALIAS_KINDS), value: z.string().check(z.maxLength(254)) });
const eventTime = z.optional(z.iso.datetime({ offset: true })).register(z.globalRegistry, {
  description: 'When it happened, where that was before now: what was taken back since then stays so.',
});
export const aliasOrderRequest = z
  .strictObject({ alias: namedAlias, eventTime, comment })
  .register(z.globalRegistry, { id: 'AliasOrder' });
/** To end somebody's access, which may be on a day to come. */
export const personOffboardingRequest = z
  .strictObject({ lastDay: z.optional(lastDay), comment })
  .register(z.globalRegistry, { id: 'PersonOffboarding' });
export const aliasOffboardingRequest = z
  .strictObject({ alias: namedAlias, lastDay: z.optional(lastDay), eventTime, comment })
  .register(z.globalRegistry, { id: 'AliasOffboarding' });
export const adminRevocationRequest = z
  .strictObject({ reason: z.string().check(z.maxLength(32)) })
  .register(z.globalRegistry, { id: 'AdminRevocation' });
export const publicationRequest = z
  .strictObject({ endpointId: z.optional(z.string().check(z.maxLength(64))) })
  .register(z.globalRegistry, { id: 'PublicationRequest' });
export const incidentDecisionRequest = z
  .discriminatedUnion('decision', [
    z.strictObject({ decision: z.literal('bind'), personId: z.string().check(z.maxLength(64)), comment }),
    z.strictObject({ decision: z.literal('dismiss'), comment }),
  ])
  .register(z.globalRegistry, { id: 'IncidentDecision' });

/** @throws DomainError malformedRequest */
export function parseAlias({ kind, value }: { kind: Alias['kind']; value: string }): Alias {
  const alias = aliasFrom(kind, value);
  if (alias === undefined) throw new DomainError('malformedRequest', `this is no ${kind}`);
  return alias;
}

export const personView = z
  .object({
    personId: z.string(),
    login: z.string(),
    email: z.optional(z.string()),
    aliases: z.array(aliasView),
    isDenied: z.boolean(),
    refusal: z
      .optional(z.string())
      .register(z.globalRegistry, { description: 'What the gate says of the person’s certificates' }),
    denials: z.array(
      z.object({
        source: z.string(),
        kind: z.enum(DENIAL_KINDS),
        eventTime: time,
        offboardingId: z.string(),
      }),
    ),
    createdAt: time,
  })
  .register(z.globalRegistry, { id: 'Person' });

export const personDetailsView = z
  .extend(personView, { certificates: z.array(certificateView), planned: z.array(plannedOffboardingView) })
  .register(z.globalRegistry, { id: 'PersonDetails' });

export function viewPerson(person: Person): z.infer<typeof personView> {
  const refusal = personRefusal(person);
  return {
    personId: person.personId,
    login: person.login,
    ...(person.email === undefined ? {} : { email: person.email }),
    aliases: [...person.aliases],
    isDenied: person.denials.length > 0,
    ...(refusal === undefined ? {} : { refusal }),
    denials: person.denials.map((denial) => ({
      ...denial,
      eventTime: isoFromMilliseconds(denial.eventTime),
    })),
    createdAt: isoFromMilliseconds(person.createdAt),
  };
}

export const viewPersonDetails = (
  {
    person,
    certificates,
    planned,
  }: {
    readonly person: Person;
    readonly certificates: readonly CertificateRecord[];
    readonly planned: readonly PlannedOffboarding[];
  },
  now: EpochSeconds,
): z.infer<typeof personDetailsView> => ({
  ...viewPerson(person),
  planned: planned.map(viewPlannedOffboarding),
  certificates: certificates.map((certificate) => viewCertificate(certificate, now)),
});

export const foundCertificateView = z
  .object({ certificate: certificateView, person: z.optional(personView) })
  .register(z.globalRegistry, { id: 'FoundCertificate' });

/** What is the same in every page of a long list. */
const pageView = {
  unreadable: z.array(z.string()).register(z.globalRegistry, {
    description: 'Records that are there and cannot be read, by name. They are not in the list.',
  }),
  nextCursor: z
    .optional(z.string())
    .register(z.globalRegistry, { description: 'Asks for the next page; absent on the last.' }),
};

export const exportedCertificateView = z
  .extend(certificateView, { personId: z.string(), caId: z.string() })
  .register(z.globalRegistry, { id: 'ExportedCertificate' });
export const certificatesPageView = z.object({ certificates: z.array(exportedCertificateView), ...pageView });

export const viewExported = (
  record: CertificateRecord,
  now: EpochSeconds,
): z.infer<typeof exportedCertificateView> => ({
  ...viewCertificate(record, now),
  personId: record.personId,
  caId: record.caId,
});

export const explanationView = z
  .object({
    allowed: z.boolean(),
    cause: z.optional(z.string()),
    words: z
      .optional(z.string())
      .register(z.globalRegistry, { description: 'What the person reads in the VPN client' }),
    observed: z
      .optional(z.string())
      .register(z.globalRegistry, { description: 'What it is let in against while the gate only observes' }),
    endpointId: z.string(),
    signInNames: z.optional(z.array(z.string())).register(z.globalRegistry, {
      description: 'By which of these names the person has to sign in at the endpoint as well',
    }),
    certificate: z.optional(certificateView),
    person: z.optional(personView),
  })
  .register(z.globalRegistry, { id: 'Explanation' });

export const offboardingView = z
  .object({
    offboardingId: z.string(),
    personId: z.string(),
    source: z.string(),
    kind: z.enum(DENIAL_KINDS),
    state: z.enum(['stale', 'open', 'lifted', 'unresolved', 'done']).register(z.globalRegistry, {
      description: 'unresolved: held until somebody decides the incident that may mean this person',
    }),
    actor: z.optional(z.string()),
    comment: z.optional(z.string()),
    eventId: z.string(),
    lastDay: z
      .optional(z.string())
      .register(z.globalRegistry, { description: 'Where it was said ahead of that day' }),
    revokedCertificates: z.optional(z.int()),
    timeline: z.array(
      z.object({
        step: z.enum([
          'event',
          'announced',
          'received',
          'denied',
          'revoked',
          'terminated',
          'cut',
          'published',
          'confirmed',
          'lifted',
          'closed',
        ]),
        at: time,
        afterMilliseconds: z
          .optional(z.int())
          .register(z.globalRegistry, { description: 'Since it was received; absent before that' }),
        endpointId: z.optional(z.string()),
        connectionId: z.optional(z.string()),
        crlNumber: z.optional(z.int()),
      }),
    ),
  })
  .register(z.globalRegistry, { id: 'Offboarding' });

export const offboardingsPageView = z.object({ offboardings: z.array(offboardingView), ...pageView });

type Timeline = z.infer<typeof offboardingView>['timeline'];

function timelineOf(record: OffboardingRecord): Timeline {
  const steps: { at: EpochMilliseconds | undefined; entry: Omit<Timeline[number], 'at'> }[] = [
    { at: record.eventTime, entry: { step: 'event' } },
    { at: record.announcedAt, entry: { step: 'announced' } },
    { at: record.receivedAt, entry: { step: 'received' } },
    { at: record.deniedAt, entry: { step: 'denied' } },
    { at: record.revokedAt, entry: { step: 'revoked' } },
    ...record.terminated.map(({ endpointId, connectionId, terminatedAt }) => ({
      at: terminatedAt,
      entry: { step: 'terminated' as const, endpointId, connectionId },
    })),
    ...Object.entries(record.cutAt).map(([endpointId, at]) => ({
      at,
      entry: { step: 'cut' as const, endpointId },
    })),
    ...Object.entries(record.publishedAt).map(([endpointId, { at, crlNumber }]) => ({
      at,
      entry: { step: 'published' as const, endpointId, crlNumber },
    })),
    { at: record.confirmedAt, entry: { step: 'confirmed' } },
    { at: record.liftedAt, entry: { step: 'lifted' } },
    { at: record.closedAt, entry: { step: 'closed' } },
  ];
  // The event's own time comes first, whatever its source's clock says.
  return steps
    .flatMap(({ at, entry }) => (at === undefined ? [] : [{ at, entry }]))
    .sort((a, b) => Number(b.entry.step === 'event') - Number(a.entry.step === 'event') || a.at - b.at)
    .map(({ at, entry }) => {
      const isSince = entry.step !== 'event' && at >= record.receivedAt;
      return {
        ...entry,
        at: isoFromMilliseconds(at),
        ...(isSince ? { afterMilliseconds: at - record.receivedAt } : {}),
      };
    });
}

/** Whoever is held for an incident may be cut and still waits for its decision, which lifts the hold. */
function offboardingState({
  deniedAt,
  liftedAt,
  closedAt,
  kind,
}: OffboardingRecord): z.infer<typeof offboardingView>['state'] {
  if (deniedAt === undefined) return 'stale';
  if (liftedAt !== undefined) return 'lifted';
  if (kind === 'review') return 'unresolved';
  return closedAt === undefined ? 'open' : 'done';
}

export function viewOffboarding(record: OffboardingRecord): z.infer<typeof offboardingView> {
  const {
    offboardingId,
    personId,
    source,
    kind,
    eventId,
    actor,
    comment: words,
    revokedCertificates,
  } = record;
  return {
    offboardingId,
    personId,
    source,
    kind,
    state: offboardingState(record),
    ...(actor === undefined ? {} : { actor }),
    ...(words === undefined ? {} : { comment: words }),
    eventId,
    ...(record.lastDay === undefined ? {} : { lastDay: record.lastDay }),
    ...(revokedCertificates === undefined ? {} : { revokedCertificates }),
    timeline: timelineOf(record),
  };
}

export const endpointView = z
  .object({
    endpointId: z.string(),
    caId: z.string(),
    region: z
      .optional(z.string())
      .register(z.globalRegistry, { description: 'Absent where it is the portal’s own' }),
    gateArn: z.string(),
    gateMode: z.enum(GATE_MODES),
    observedSince: z.optional(time),
    lastUnknownAt: z.optional(time).register(z.globalRegistry, {
      description: 'When somebody was last connected whose certificate the portal does not know',
    }),
    signInName: z.optional(z.enum(ALIAS_KINDS)),
    serverCertificateArn: z.string(),
    pendingRevocations: z.int(),
    oldestPendingSince: z.optional(time),
    publicationRequestedAt: z.optional(time),
    lastUnplannedImportAt: z.optional(time),
    gateOrder: z
      .optional(z.object({ isOn: z.boolean(), by: z.string(), at: time }))
      .register(z.globalRegistry, { description: 'Who switched the gate last, and to what' }),
    crl: z.optional(
      z.object({
        crlNumber: z.int(),
        entries: z.int(),
        thisUpdate: time,
        nextUpdate: time,
        importedAt: time,
        confirmedAt: time,
        sha256: z.string(),
      }),
    ),
  })
  .register(z.globalRegistry, { id: 'Endpoint' });

export function viewEndpoint(
  endpoint: Endpoint,
  pending: { pendingRevocations: number; oldestPendingSince?: EpochMilliseconds },
): z.infer<typeof endpointView> {
  const { endpointId, caId, gateArn, gatePolicy, observation, serverCertificateArn, crl } = endpoint;
  const { publicationRequest, lastUnplannedImportAt, gateOrder } = endpoint;
  const { pendingRevocations, oldestPendingSince } = pending;
  const optionalTime = (name: string, at: EpochMilliseconds | undefined): object =>
    at === undefined ? {} : { [name]: isoFromMilliseconds(at) };
  return {
    endpointId,
    caId,
    ...(endpoint.region === undefined ? {} : { region: endpoint.region }),
    gateArn,
    gateMode: gatePolicy?.mode ?? 'enforce',
    ...optionalTime('observedSince', observation?.since),
    ...optionalTime('lastUnknownAt', observation?.lastUnknownAt),
    ...(gatePolicy?.signIn && { signInName: gatePolicy.signIn.nameKind }),
    serverCertificateArn,
    pendingRevocations,
    ...optionalTime('oldestPendingSince', oldestPendingSince),
    ...optionalTime('publicationRequestedAt', publicationRequest?.requestedAt),
    ...optionalTime('lastUnplannedImportAt', lastUnplannedImportAt),
    ...(gateOrder && {
      gateOrder: { isOn: gateOrder.isOn, by: gateOrder.by, at: isoFromMilliseconds(gateOrder.at) },
    }),
    ...(crl && {
      crl: {
        crlNumber: crl.crlNumber,
        entries: crl.entries,
        thisUpdate: isoFromSeconds(crl.thisUpdate),
        nextUpdate: isoFromSeconds(crl.nextUpdate),
        importedAt: isoFromMilliseconds(crl.importedAt),
        confirmedAt: isoFromMilliseconds(crl.confirmedAt),
        sha256: crl.sha256Hex,
      },
    }),
  };
}
