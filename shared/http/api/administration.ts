import * as z from 'zod';
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
import { certificateView, viewCertificate } from './certificates.ts';
import { lastDay, plannedOffboardingView, viewPlannedOffboarding } from './planned-offboardings.ts';

const time = z.iso.datetime();
export const comment = z
  .string()
  .max(500)
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')
  .optional()
  .meta({ description: 'For the record; no secrets.' });

export const personOrderRequest = z.strictObject({ comment }).meta({ id: 'PersonOrder' });
const namedAlias = z.strictObject({ kind: z.enum(ALIAS_KINDS), value: z.string().max(254) });
const eventTime = z.iso.datetime({ offset: true }).optional().meta({
  description: 'When it happened, where that was before now: what was taken back since then stays so.',
});
export const aliasOrderRequest = z
  .strictObject({ alias: namedAlias, eventTime, comment })
  .meta({ id: 'AliasOrder' });
/** To end somebody's access, which may be on a day to come. */
export const personOffboardingRequest = z
  .strictObject({ lastDay: lastDay.optional(), comment })
  .meta({ id: 'PersonOffboarding' });
export const aliasOffboardingRequest = z
  .strictObject({ alias: namedAlias, lastDay: lastDay.optional(), eventTime, comment })
  .meta({ id: 'AliasOffboarding' });
export const adminRevocationRequest = z
  .strictObject({ reason: z.string().max(32) })
  .meta({ id: 'AdminRevocation' });
export const publicationRequest = z
  .strictObject({ endpointId: z.string().max(64).optional() })
  .meta({ id: 'PublicationRequest' });
export const incidentDecisionRequest = z
  .discriminatedUnion('decision', [
    z.strictObject({ decision: z.literal('bind'), personId: z.string().max(64), comment }),
    z.strictObject({ decision: z.literal('dismiss'), comment }),
  ])
  .meta({ id: 'IncidentDecision' });

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
    email: z.string().optional(),
    aliases: z.array(aliasView),
    isDenied: z.boolean(),
    refusal: z.string().optional().meta({ description: 'What the gate says of the person’s certificates' }),
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
  .meta({ id: 'Person' });

export const personDetailsView = personView
  .extend({ certificates: z.array(certificateView), planned: z.array(plannedOffboardingView) })
  .meta({ id: 'PersonDetails' });

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
  .object({ certificate: certificateView, person: personView.optional() })
  .meta({ id: 'FoundCertificate' });

/** What is the same in every page of a long list. */
const pageView = {
  unreadable: z
    .array(z.string())
    .meta({ description: 'Records that are there and cannot be read, by name. They are not in the list.' }),
  nextCursor: z.string().optional().meta({ description: 'Asks for the next page; absent on the last.' }),
};

export const exportedCertificateView = certificateView
  .extend({ personId: z.string(), caId: z.string() })
  .meta({ id: 'ExportedCertificate' });
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
    cause: z.string().optional(),
    words: z.string().optional().meta({ description: 'What the person reads in the VPN client' }),
    observed: z
      .string()
      .optional()
      .meta({ description: 'What it is let in against while the gate only observes' }),
    endpointId: z.string(),
    signInNames: z
      .array(z.string())
      .optional()
      .meta({ description: 'By which of these names the person has to sign in at the endpoint as well' }),
    certificate: certificateView.optional(),
    person: personView.optional(),
  })
  .meta({ id: 'Explanation' });

export const offboardingView = z
  .object({
    offboardingId: z.string(),
    personId: z.string(),
    source: z.string(),
    kind: z.enum(DENIAL_KINDS),
    state: z.enum(['stale', 'open', 'lifted', 'done']),
    actor: z.string().optional(),
    comment: z.string().optional(),
    eventId: z.string(),
    lastDay: z.string().optional().meta({ description: 'Where it was said ahead of that day' }),
    revokedCertificates: z.int().optional(),
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
          .int()
          .optional()
          .meta({ description: 'Since it was received; absent before that' }),
        endpointId: z.string().optional(),
        connectionId: z.string().optional(),
        crlNumber: z.int().optional(),
      }),
    ),
  })
  .meta({ id: 'Offboarding' });

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
  const isDone = record.closedAt !== undefined;
  const state =
    record.deniedAt === undefined
      ? 'stale'
      : record.liftedAt !== undefined
        ? 'lifted'
        : isDone
          ? 'done'
          : 'open';
  return {
    offboardingId,
    personId,
    source,
    kind,
    state,
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
    region: z.string().optional().meta({ description: 'Absent where it is the portal’s own' }),
    gateArn: z.string(),
    gateMode: z.enum(GATE_MODES),
    observedSince: time.optional(),
    lastUnknownAt: time.optional().meta({
      description: 'When somebody was last connected whose certificate the portal does not know',
    }),
    signInName: z.enum(ALIAS_KINDS).optional(),
    serverCertificateArn: z.string(),
    pendingRevocations: z.int(),
    oldestPendingSince: time.optional(),
    publicationRequestedAt: time.optional(),
    lastUnplannedImportAt: time.optional(),
    gateOrder: z
      .object({ isOn: z.boolean(), by: z.string(), at: time })
      .optional()
      .meta({ description: 'Who switched the gate last, and to what' }),
    crl: z
      .object({
        crlNumber: z.int(),
        entries: z.int(),
        thisUpdate: time,
        nextUpdate: time,
        importedAt: time,
        confirmedAt: time,
        sha256: z.string(),
      })
      .optional(),
  })
  .meta({ id: 'Endpoint' });

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
