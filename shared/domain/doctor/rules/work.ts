import { isStuck, latePublications } from '../../stuck-work.ts';
import { awsCure, ownCure } from '../cures.ts';
import { broken, info, warning, well, type Finding } from '../finding.ts';
import { counted, firstOf, lasting } from '../words.ts';
import type { EndpointRule, PortalRule } from './rule.ts';

const LEASE_OVERDUE_MILLISECONDS = 15 * 60_000;

const publisherSilent =
  'The publisher runs every five minutes and has not: its schedule is off, or it fails.';

/** What waits for the publisher does not wait too long. */
export const publisherComes: EndpointRule = ({ registration, pending, lease }, { now, place }) => {
  const findings: Finding[] = [];
  const log = awsCure(
    place,
    "read the publisher's log",
    `logs tail /aws/lambda/vpn-portal-${place.stage ?? 'local'}-publisher --since 1h`,
  );
  for (const { fault, since, crlNumber } of latePublications(registration?.value ?? {}, undefined, now)) {
    const isUnanswered = fault === 'unanswered';
    findings.push(
      broken(
        { code: isUnanswered ? 'publicationUnanswered' : 'importNotConfirmed', impact: 'keepOut' },
        {
          seen: isUnanswered
            ? `a publication was asked for ${lasting(now - since)} ago and not answered`
            : `list ${crlNumber ?? 0} was sent ${lasting(now - since)} ago and is not confirmed`,
          why: isUnanswered ? publisherSilent : 'The endpoint did not take it up, or nobody looked since.',
          cure: log,
        },
      ),
    );
  }
  const until = lease?.value?.until;
  if (until !== undefined && now - until > LEASE_OVERDUE_MILLISECONDS) {
    findings.push(
      warning(
        { code: 'leaseStale', impact: 'keepRunning' },
        {
          seen: `a publisher that took the endpoint did not give it back, ${lasting(now - until)} ago`,
          why: 'It died at work, and none came after it: the next one would have taken the lease over.',
          cure: log,
        },
      ),
    );
  }
  return [...findings, ...pendingFindings(pending?.value, now)];
};

function pendingFindings(pending: readonly { readonly since: number }[] | undefined, now: number): Finding[] {
  if (pending === undefined) return [];
  const oldest = pending[0];
  const subject = { code: 'revocationsWaiting', impact: 'keepOut' } as const;
  if (oldest === undefined) return [well(subject, 'no revocation waits for the next list')];
  const seen = `${counted(pending.length, 'revocation')} for the next list, the oldest since ${lasting(now - oldest.since)}`;
  if (latePublications({}, oldest.since, now).length === 0) {
    return [info(subject, seen, 'The gate refuses them meanwhile.')];
  }
  return [
    broken(
      { code: 'revocationsOverdue', impact: 'keepOut' },
      { seen, why: publisherSilent, cure: ownCure('publish them now', 'publish --wait') },
    ),
  ];
}

/** Everybody who left is cut and revoked within minutes. */
export const leaversAreWorkedOff: PortalRule = ({ offboardings, endpoints, now }) => {
  if (offboardings === undefined) return [];
  const endpointIds = endpoints.map(({ endpointId }) => endpointId);
  const stuck = offboardings.value.filter((record) => isStuck(record, endpointIds, now));
  if (stuck.length === 0) {
    return [well({ code: 'leaversDone', impact: 'keepOut' }, 'nobody who left waits to be cut or revoked')];
  }
  return [
    broken(
      { code: 'leaversStuck', impact: 'keepOut' },
      {
        seen: `${counted(stuck.length, 'offboarding')} stuck for more than 15 minutes: ${firstOf(stuck.map(({ offboardingId }) => offboardingId))}`,
        why: 'Their tunnels may still be up. The gate refuses every new one.',
        cure: ownCure('see which step is missing', `offboarding ${stuck[0]?.offboardingId ?? ''}`),
      },
    ),
  ];
};

/** What only a person can decide is decided. */
export const incidentsAreDecided: PortalRule = ({ incidents, now }) => {
  if (incidents === undefined) return [];
  const open = incidents.value;
  const [oldest] = open;
  if (oldest === undefined)
    return [well({ code: 'incidentsNone', impact: 'keepOut' }, 'no incident is open')];
  const kinds = [...new Set(open.map(({ kind }) => kind))].join(', ');
  return [
    warning(
      { code: 'incidentsOpen', impact: 'keepOut' },
      {
        seen: `${counted(open.length, 'incident')} open (${kinds}), the oldest since ${lasting(now - oldest.openedAt)}`,
        why: 'Each waits for a person to decide; an unknown leaver is held after an hour and not before.',
        cure: ownCure('decide them', 'incidents'),
      },
    ),
  ];
};

/** No work was given up. */
export const noWorkIsGivenUp: PortalRule = ({ deadLetters, place }) => {
  const seen = deadLetters.flatMap((one) => one?.value ?? []);
  const full = seen.filter(({ messages }) => messages > 0);
  const subject = { code: 'deadLetters', impact: 'keepOut' } as const;
  if (full.length === 0) return seen.length === 0 ? [] : [well(subject, 'no work was given up')];
  return full.map(({ queueArn, messages }) =>
    warning(subject, {
      seen: `${counted(messages, 'message')} in ${queueArn.split(':').at(-1) ?? queueArn}: given up or put aside`,
      why: 'Work on an endpoint failed five times over, which the sweeps go on with; or what somebody said was not acted on.',
      cure: ownCure('see why, mend the cause, then let it be tried again', `redrive${place.ownOptions}`),
    }),
  );
};

/** The journal comes each minute, and its alarm rings after a quarter of an hour. */
const JOURNAL_MILLISECONDS = 15 * 60_000;

/** The table and its journal know the same. */
export const journalAgrees: PortalRule = ({ journal, place, now }) => {
  if (journal === undefined) return [];
  const { isTableBehind, tableSequence, waitingSince } = journal.value;
  if (isTableBehind) {
    return [
      broken(
        { code: 'tableBehindJournal', impact: 'keepOut' },
        {
          seen: `the journal knows more than the table, which ends at its object ${tableSequence}`,
          why: 'The table was restored to an earlier time: who left since may pass, and who enrolled since may not.',
          cure: ownCure('make the table know it again, at once', `replay${place.ownOptions}`),
        },
      ),
    ];
  }
  if (waitingSince !== undefined && now - waitingSince > JOURNAL_MILLISECONDS) {
    return [
      warning(
        { code: 'journalBehindTable', impact: 'keepRunning' },
        {
          seen: `what was written down waits for the journal since ${lasting(now - waitingSince)}`,
          why: 'The journal runs each minute and has not: if the table were lost now, that would be lost too.',
          cure: awsCure(
            place,
            "read the journal's log",
            `logs tail /aws/lambda/vpn-portal-${place.stage ?? 'local'}-journal --since 1h`,
          ),
        },
      ),
    ];
  }
  return [well({ code: 'journalAgrees', impact: 'keepRunning' }, 'the table and its journal know the same')];
};
