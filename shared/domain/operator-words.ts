import { letter, type Letter } from './notice-words.ts';
import type { Incident, IncidentKind } from './incident.ts';
import type { OffboardingRecord } from './offboarding.ts';
import type { PlannedOffboarding } from './planned-offboarding.ts';
import type { LatePublication } from './stuck-work.ts';
import type { Telling, TellingKind } from './telling.ts';
import { isoFromMilliseconds, type EpochMilliseconds } from './time.ts';

/*
 * What operators read at two in the morning: what happened, to whom by id, and the command to type next. People are
 * named by id alone, since the topic's letters go to mailboxes and chats; what else is known of them the commands show.
 */

const CLI = 'npm run -s cli --';
const todo = (...commands: readonly (readonly [words: string, command: string])[]): string =>
  commands.map(([words, command]) => `${words}:\n  ${CLI} ${command}`).join('\n');

/** Something that does not go on by itself. */
export type Failing =
  | { readonly offboarding: OffboardingRecord }
  | { readonly endpointId: string; readonly late: LatePublication };

/** `1 s`, `4 min`, `3 h 20 min`, `2 days`. */
export function lastingWords(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (milliseconds < 1000) return 'less than a second';
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

const latest = (times: readonly number[]): number | undefined =>
  times.length === 0 ? undefined : Math.max(...times);

/** How long each step took, counted from when the portal was told. */
function durations(record: OffboardingRecord): string {
  const { eventTime, receivedAt, deniedAt, cutAt, terminated, publishedAt, closedAt } = record;
  const lines: readonly (readonly [string, number | undefined])[] = [
    ['refused after', deniedAt],
    [`cut after (${terminated.length} connections ended)`, latest(Object.values(cutAt))],
    ['on the list of every endpoint after', latest(Object.values(publishedAt).map(({ at }) => at))],
    ['all done after', closedAt],
  ];
  return [
    `said to have happened: ${isoFromMilliseconds(eventTime)}`,
    `heard: ${isoFromMilliseconds(receivedAt)}`,
    ...lines.flatMap(([words, at]) =>
      at === undefined ? [] : [`${words}: ${lastingWords(at - receivedAt)}`],
    ),
  ].join('\n');
}

const whoSaid = ({ personId, source }: Pick<OffboardingRecord, 'personId' | 'source'>): string =>
  `Person: ${personId}\nSaid by: ${source}`;

function offboardedLetter(record: OffboardingRecord): Letter {
  return letter(
    `VPN: somebody left and is out (${record.source})`,
    'Somebody left. Every certificate of hers is refused and on every list, and no connection of hers is up.',
    `${whoSaid(record)}\nCertificates revoked: ${record.revokedCertificates ?? 0}\n${durations(record)}`,
    todo(['Every step', `offboarding ${record.offboardingId}`]),
  );
}

const SINCE_LIFTED = 'It was taken back since; she may connect again.';

function heldLetter(record: OffboardingRecord): Letter {
  return letter(
    `VPN: somebody is held (${record.source})`,
    'Somebody is held: refused, and cut within seconds. Nothing is revoked.',
    whoSaid(record),
    record.liftedAt === undefined
      ? todo(['Why', `why ${record.personId}`], ['Let her in again', `reinstate ${record.personId}`])
      : SINCE_LIFTED,
  );
}

const settling = (source: string): string =>
  todo(
    ['See what the source said, with the commands that settle it', 'sources'],
    ['It is true: revoke, as the source meant', `source confirm ${source}`],
    ['It is not: undo what the source said', `source release ${source}`],
  );

function parkedLetter(record: OffboardingRecord): Letter {
  return letter(
    `VPN: ${record.source} says too much at once; somebody waits`,
    `${record.source} denied more people within an hour than it may. This person is held: refused and cut, not revoked, until somebody decides.`,
    whoSaid(record),
    record.liftedAt === undefined ? settling(record.source) : SINCE_LIFTED,
  );
}

function plannedLetter(plan: PlannedOffboarding): Letter {
  const { whom, source, lastDay, effectiveAt, planId } = plan;
  // An alias is an address or a login: that stays in the portal.
  const who = 'personId' in whom ? whom.personId : 'nobody we know yet';
  return letter(
    `VPN: a last day lies ahead (${source})`,
    `Somebody's last day is ${lastDay}. Until then nothing changes.`,
    `Person: ${who}\nSaid by: ${source}\nAccess ends: ${isoFromMilliseconds(effectiveAt)}`,
    todo(['What is planned', 'offboardings --planned'], ['Take it back', `cancel-plan ${planId}`]),
  );
}

const INCIDENT_WORDS: Readonly<Record<IncidentKind, string>> = {
  unknownPerson:
    'An event names nobody we know, or more than one. After 60 minutes everybody whom it may mean is held until somebody decides.',
  aliasContested:
    "A person signs in with a name that is another's. Nobody new gets it until somebody decides.",
  gateOff:
    'An endpoint does not ask our gate. Everything that waits was put on its list at once; new leavers get in until it asks again.',
  crlDrift: 'An endpoint holds a list that is not the one we sent. It is replaced.',
  crlQuota: 'More certificates are revoked than the endpoint takes: those that end soonest rest on the gate.',
  surge:
    'A source denies more people within an hour than it may. From then on they are held, not revoked, until somebody decides.',
  breakGlass: 'A source denied somebody whom no source may deny. Nothing was done to her.',
  directoryDisbelieved:
    'The comparison with the directory failed, or the directory lacks too many to be believed. Nobody was denied by it.',
  certificatesWithoutPerson:
    'People hold certificates whom the directory does not have. Nothing was done to them; the report names them.',
  lookupUndecided:
    "A vendor's directory was asked about somebody, and what it says means nothing to the portal. Nothing was done to her.",
  tableRestored: 'The table knows less than its journal. Replay the journal before anybody is sent to it.',
};

function incidentLetter({
  kind,
  incidentId,
  source,
  endpointId,
  personId,
  openedAt,
  resolution,
}: Incident): Letter {
  const facts = { Kind: kind, Source: source, Endpoint: endpointId, Person: personId, Incident: incidentId };
  const lines = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return letter(
    `VPN: somebody has to decide (${kind})`,
    INCIDENT_WORDS[kind],
    [...lines, `Opened: ${isoFromMilliseconds(openedAt)}`].join('\n'),
    resolution === undefined ? nextForIncident(kind, source) : 'It was decided since; nothing is left to do.',
  );
}

const nextForIncident = (kind: IncidentKind, source: string | undefined): string => {
  if (kind === 'surge' && source !== undefined) return settling(source);
  if (kind === 'tableRestored') return todo(['Look first', 'doctor'], ['Then', 'replay']);
  if (kind === 'gateOff') return todo(['What is wrong', 'doctor'], ['All that is open', 'incidents']);
  return todo(['All that is open, with the commands that decide it', 'incidents']);
};

/** Of one thing. */
export function tellingLetter(telling: Telling): Letter {
  if ('plan' in telling) return plannedLetter(telling.plan);
  if ('incident' in telling) return incidentLetter(telling.incident);
  if (telling.note.kind === 'offboarded') return offboardedLetter(telling.offboarding);
  return telling.note.kind === 'parked' ? parkedLetter(telling.offboarding) : heldLetter(telling.offboarding);
}

const DIGEST_WORDS: Readonly<Record<TellingKind, string>> = {
  incident: 'to be decided',
  parked: 'held, since a source says too much at once: to be decided',
  held: 'held, nothing revoked',
  offboarded: 'left, and out',
  planned: 'to leave on a day to come',
};
const NAMED_IN_DIGEST = 20;

/** Of many things at once: counts, the first few by id, and where to go on. */
export function tellingsLetter(tellings: readonly Telling[]): Letter {
  const parts = (Object.keys(DIGEST_WORDS) as TellingKind[]).flatMap((kind) => {
    const own = tellings.filter(({ note }) => note.kind === kind);
    if (own.length === 0) return [];
    const bySource = new Map<string, number>();
    for (const one of own) bySource.set(sourceOf(one), (bySource.get(sourceOf(one)) ?? 0) + 1);
    const more = own.length - NAMED_IN_DIGEST;
    return [
      [
        `${own.length} ${DIGEST_WORDS[kind]} (${[...bySource].map(([source, count]) => `${source}: ${count}`).join(', ')})`,
        ...own.slice(0, NAMED_IN_DIGEST).map((one) => `  ${one.note.id}${personOf(one)}`),
        ...(more > 0 ? [`  and ${more} more`] : []),
      ].join('\n'),
    ];
  });
  return letter(
    `VPN: ${tellings.length} things happened`,
    'Much happened at once, so here it is together.',
    ...parts,
    todo(
      ['What waits for a decision', 'incidents'],
      ['What the sources said', 'sources'],
      ['What is not finished', 'offboardings --open'],
    ),
  );
}

function sourceOf(telling: Telling): string {
  if ('plan' in telling) return telling.plan.source;
  if ('incident' in telling) return telling.incident.source ?? telling.incident.kind;
  return telling.offboarding.source;
}

function personOf(telling: Telling): string {
  if ('offboarding' in telling) return `  person ${telling.offboarding.personId}`;
  if ('incident' in telling) return `  ${telling.incident.kind}`;
  return 'personId' in telling.plan.whom ? `  person ${telling.plan.whom.personId}` : '';
}

const LATE_WORDS: Readonly<Record<LatePublication['fault'], string>> = {
  unanswered: 'a publication was asked for and not answered',
  unconfirmed: 'a list was sent and is not confirmed',
  overdue: 'revocations wait for a list',
};

/** Of what does not go on by itself. */
export function failingLetter(failing: readonly Failing[], now: EpochMilliseconds): Letter {
  const lines = failing.slice(0, NAMED_IN_DIGEST).map((one) => {
    if ('offboarding' in one) {
      const { offboardingId, personId, receivedAt } = one.offboarding;
      return `offboarding ${offboardingId}, person ${personId}: since ${lastingWords(now - receivedAt)}`;
    }
    return `endpoint ${one.endpointId}: ${LATE_WORDS[one.late.fault]}, since ${lastingWords(now - one.late.since)}`;
  });
  const more = failing.length - lines.length;
  const [first] = failing;
  return letter(
    `VPN: ${failing.length === 1 ? 'something does' : `${failing.length} things do`} not go on`,
    'Work that should take seconds or hours does not go on by itself. The gate refuses whoever left; connections may still be up, and the list is behind.',
    [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'),
    todo(
      ['What is wrong, with its cure', 'doctor'],
      first !== undefined && 'offboarding' in first
        ? ['Which step is missing', `offboarding ${first.offboarding.offboardingId}`]
        : ['Publish now', 'publish --wait'],
    ),
  );
}
