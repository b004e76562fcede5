import { CLIENT_VPN_CRL_QUOTA } from '../../crl-facts.ts';
import { secondsFrom } from '../../time.ts';
import { ownCure } from '../cures.ts';
import type { EndpointFacts, HeldListFacts, PortalFacts } from '../facts.ts';
import { broken, info, warning, well, type Finding } from '../finding.ts';
import { counted, firstOf, whenWords } from '../words.ts';
import type { EndpointRule } from './rule.ts';

type Content = NonNullable<HeldListFacts['content']>;

const publishNow = ownCure('publish a list of ours now; everybody is connected anew', 'publish --wait');

/** The endpoint holds a list, of our CA, that has not ended. */
export const listIsOursAndLives: EndpointRule = ({ heldList, registration, authority }, { now }) => {
  if (heldList === undefined) return [];
  const held = heldList.value;
  if (held === undefined) {
    if (registration !== undefined && registration.value === undefined) return [];
    return [
      broken(
        { code: 'crlMissing', impact: 'keepOut' },
        {
          seen: 'the endpoint holds no list',
          why: 'If the gate fails, every revoked certificate passes. A new endpoint has its first within minutes.',
          cure: publishNow,
        },
      ),
    ];
  }
  if (held.content === undefined) {
    return [
      broken(
        { code: 'crlUnreadable', impact: 'connect' },
        {
          seen: 'the endpoint holds something that is no certificate revocation list',
          why: 'An endpoint that cannot read its list refuses everybody.',
          cure: publishNow,
        },
      ),
    ];
  }
  return [
    ...issuerFindings(held.content, authority?.value === undefined),
    ...lifeFindings(held.content, secondsFrom(now)),
    ...(held.status === 'pending'
      ? [
          info(
            { code: 'crlOnItsWay', impact: 'keepOut' },
            'the endpoint is taking this list up; AWS says up to four hours',
          ),
        ]
      : []),
  ];
};

const FAULTS = {
  issuer: 'names another issuer than our CA',
  keyIdentifier: 'names another key than that of our CA',
  signature: 'is not signed by our CA',
} as const;

function issuerFindings({ fault, crlNumber }: Content, isUnknown: boolean): Finding[] {
  if (fault !== undefined) {
    return [
      broken(
        { code: 'crlForeign', impact: fault === 'signature' ? 'connect' : 'keepOut' },
        {
          seen: `the list at the endpoint ${FAULTS[fault]}`,
          why:
            fault === 'signature'
              ? 'An endpoint refuses everybody by a list whose signature is wrong.'
              : 'OpenVPN passes over a list of another issuer: revoked certificates get in. Somebody imports lists by hand.',
          cure: publishNow,
        },
      ),
    ];
  }
  if (isUnknown) return [];
  return [
    well({ code: 'crlOurs', impact: 'keepOut' }, `the endpoint holds list ${crlNumber}, signed by our CA`),
  ];
}

function lifeFindings({ thisUpdate, nextUpdate }: Content, now: number): Finding[] {
  if (nextUpdate <= now || thisUpdate > now) {
    return [
      broken(
        { code: nextUpdate <= now ? 'crlExpired' : 'crlNotYetValid', impact: 'connect' },
        {
          seen:
            nextUpdate <= now
              ? `the list ended ${whenWords(nextUpdate, now)}`
              : `the list begins ${whenWords(thisUpdate, now)}`,
          why: 'An endpoint refuses everybody whose certificate it cannot look up: nobody can connect.',
          cure: publishNow,
        },
      ),
    ];
  }
  const words = `the list ends ${whenWords(nextUpdate, now)}`;
  if (nextUpdate - now < (nextUpdate - thisUpdate) / 3) {
    return [
      warning(
        { code: 'crlEnds', impact: 'connect' },
        {
          seen: words,
          why: 'Lists are signed again at half of their life: the publisher does not get through. When it ends, nobody can connect.',
          cure: publishNow,
        },
      ),
    ];
  }
  return [well({ code: 'crlInTime', impact: 'connect' }, words)];
}

/** It is the very list that the portal recorded there. */
export const listIsTheRecordedOne: EndpointRule = ({ heldList, registration }) => {
  const held = heldList?.value;
  const endpoint = registration?.value;
  if (held?.content === undefined || held.content.fault !== undefined || endpoint === undefined) return [];
  const { crl, importAttempt } = endpoint;
  if (held.sha256Hex === crl?.sha256Hex) {
    return [
      well(
        { code: 'crlRecorded', impact: 'keepOut' },
        `it is the list that the portal recorded, ${crl.crlNumber}`,
      ),
    ];
  }
  if (held.sha256Hex === importAttempt?.sha256Hex) {
    return [
      info(
        { code: 'crlNotConfirmed', impact: 'keepOut' },
        `list ${importAttempt.crlNumber} was sent and is not confirmed yet`,
      ),
    ];
  }
  return [
    broken(
      { code: 'crlDrift', impact: 'keepOut' },
      {
        seen: `the endpoint holds list ${held.content.crlNumber}, the portal recorded ${crl === undefined ? 'none' : String(crl.crlNumber)}`,
        why: 'Somebody else imports lists at this endpoint. Whoever left since may be missing on theirs.',
        cure: publishNow,
      },
    ),
  ];
};

/** Everybody who must be on it is, and nobody else. */
export const listIsComplete: EndpointRule = (endpoint, portal) => {
  const content = endpoint.heldList?.value?.content;
  if (content === undefined || content.fault !== undefined || endpoint.rows === undefined) return [];
  return [
    ...missingFindings(endpoint, content),
    ...unknownFindings(endpoint, content, portal),
    ...quotaFindings(content),
  ];
};

function missingFindings({ rows, pending }: EndpointFacts, content: Content): Finding[] {
  if (rows === undefined || pending === undefined) return [];
  const waiting = new Set(pending.value.map(({ serialNumber }) => serialNumber));
  const absent = rows.value.filter(
    ({ serialNumber, crlNumber }) =>
      !content.serialNumbers.has(serialNumber) &&
      !waiting.has(serialNumber) &&
      crlNumber !== undefined &&
      crlNumber <= content.crlNumber,
  );
  const subject = { code: 'crlComplete', impact: 'keepOut' } as const;
  if (absent.length === 0) {
    return [well(subject, `${counted(content.serialNumbers.size, 'certificate')} on it, none is missing`)];
  }
  const serials = firstOf(absent.map(({ serialNumber }) => serialNumber));
  if (content.serialNumbers.size >= CLIENT_VPN_CRL_QUOTA) {
    return [
      warning(
        { code: 'crlBeyondQuota', impact: 'keepOut' },
        {
          seen: `${counted(absent.length, 'revoked certificate')} found no place: ${serials}`,
          why: `An endpoint takes ${CLIENT_VPN_CRL_QUOTA} entries. These are kept out by the gate alone.`,
          cure: { words: 'keep the gate on; shorten the life of certificates, or begin a second CA' },
        },
      ),
    ];
  }
  return [
    broken(
      { code: 'crlIncomplete', impact: 'keepOut' },
      {
        seen: `${counted(absent.length, 'revoked certificate')} should be on the list and not one is: ${serials}`,
        why: 'If the gate fails, these pass.',
        cure: publishNow,
      },
    ),
  ];
}

/** A certificate that ended leaves the table's range before it leaves the list, so only what no row ever said counts. */
function unknownFindings(
  { rows, heldList, registration }: EndpointFacts,
  content: Content,
  { now }: PortalFacts,
): Finding[] {
  const isRecorded = heldList?.value?.sha256Hex === registration?.value?.crl?.sha256Hex;
  if (rows === undefined || isRecorded) return [];
  const known = new Set(rows.value.map(({ serialNumber }) => serialNumber));
  const unknown = [...content.serialNumbers].filter((serialNumber) => !known.has(serialNumber));
  if (unknown.length === 0 || content.nextUpdate <= secondsFrom(now)) return [];
  return [
    warning(
      { code: 'crlUnknownEntries', impact: 'connect' },
      {
        seen: `${counted(unknown.length, 'certificate')} on it that the portal did not ask for: ${firstOf(unknown)}`,
        why: 'Whoever holds one is refused if the gate fails, and once listed they stay revoked.',
        cure: { words: 'find out who imports lists by hand; whoever is on it by mistake enrols anew' },
      },
    ),
  ];
}

const QUOTA_WARNING = 0.7;
const QUOTA_BROKEN = 0.95;

function quotaFindings({ serialNumbers: { size } }: Content): Finding[] {
  const share = size / CLIENT_VPN_CRL_QUOTA;
  const words = `${size} of ${CLIENT_VPN_CRL_QUOTA} entries are used (${Math.round(share * 100)} %)`;
  const subject = { impact: 'keepRunning' } as const;
  const trouble = {
    seen: words,
    why: 'What does not fit rests on the gate alone. The quota cannot be raised.',
    cure: { words: 'shorten the life of certificates, or begin a second CA with an endpoint of its own' },
  };
  if (share >= QUOTA_BROKEN) return [broken({ code: 'crlFull', ...subject }, trouble)];
  if (share >= QUOTA_WARNING) return [warning({ code: 'crlFilling', ...subject }, trouble)];
  return [well({ code: 'crlRoom', ...subject }, words)];
}
