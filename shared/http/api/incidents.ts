import * as z from 'zod/mini';
import { INCIDENT_KINDS, type Incident } from '../../domain/incident.ts';
import { isoFromMilliseconds } from '../../domain/time.ts';
import { aliasView } from './alias.ts';

const time = z.iso.datetime();

export const incidentView = z
  .object({
    incidentId: z.string(),
    kind: z.enum(INCIDENT_KINDS),
    state: z.enum(['unresolved', 'resolved']),
    openedAt: time,
    words: z.string(),
    source: z.optional(z.string()),
    alias: z.optional(aliasView),
    personId: z.optional(z.string()),
    endpointId: z.optional(z.string()),
    event: z.optional(z.object({ kind: z.enum(['left', 'suspended', 'returned']), eventTime: time })),
    returns: z
      .optional(z.array(z.object({ source: z.string(), eventTime: time })))
      .register(z.globalRegistry, {
        description:
          'Of one incident: what sources said of whoever has the name, while it was nobody’s: that they are back',
      }),
    resolution: z.optional(
      z.object({
        at: time,
        actor: z.string(),
        decision: z.enum(['bind', 'dismiss', 'mended', 'confirm', 'release']),
        comment: z.optional(z.string()),
      }),
    ),
  })
  .register(z.globalRegistry, { id: 'Incident' });

export function viewIncident(incident: Incident): z.infer<typeof incidentView> {
  const { event, resolution, openedAt, ...rest } = incident;
  return {
    ...rest,
    state: resolution === undefined ? 'unresolved' : 'resolved',
    openedAt: isoFromMilliseconds(openedAt),
    ...(event && { event: { kind: event.kind, eventTime: isoFromMilliseconds(event.eventTime) } }),
    ...(resolution && { resolution: { ...resolution, at: isoFromMilliseconds(resolution.at) } }),
  };
}

/** One incident, with the returns that were heard of its name. */
export const viewFoundIncident = ({
  incident,
  returns,
}: {
  readonly incident: Incident;
  readonly returns: readonly { readonly source: string; readonly eventTime: number }[];
}): z.infer<typeof incidentView> => ({
  ...viewIncident(incident),
  ...(returns.length === 0
    ? {}
    : {
        returns: returns.map(({ source, eventTime }) => ({
          source,
          eventTime: isoFromMilliseconds(eventTime),
        })),
      }),
});
