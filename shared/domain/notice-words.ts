import type { CertificateRecord } from './certificate-record.ts';
import { daysLeftOf, type EndingDigest } from './reminder.ts';
import { isoFromSeconds, type EpochSeconds } from './time.ts';

/** A letter. The subject is ASCII in one line of at most 100 letters, as SNS demands; nothing in it was sent by anybody. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
}

type NamedCertificate = Pick<
  CertificateRecord,
  'certificateId' | 'deviceName' | 'notAfter' | 'predecessorId'
>;

const RENEW = 'Renew it in the VPN portal, or with its command line: renew FILE, where FILE is your profile.';

/** @param paragraphs with an empty line between them */
export const letter = (subject: string, ...paragraphs: readonly string[]): Letter => ({
  subject,
  text: `${paragraphs.join('\n\n')}\n`,
});

export function issuedLetter({
  certificateId,
  deviceName,
  notAfter,
  predecessorId,
}: NamedCertificate): Letter {
  const what =
    predecessorId === undefined
      ? 'A VPN certificate was issued to you.'
      : `Your VPN certificate ${predecessorId} was renewed. The old one ends once the new one has connected.`;
  return letter(
    predecessorId === undefined ? 'A VPN certificate was issued to you' : 'Your VPN certificate was renewed',
    what,
    `Device: ${deviceName}\nCertificate: ${certificateId}\nValid until: ${isoFromSeconds(notAfter)}`,
    'If you did not ask for it, revoke it in the VPN portal at once and tell your administrator: somebody may be signed in as you.',
  );
}

export function endingLetter(
  { certificateId, deviceName, notAfter }: NamedCertificate,
  daysLeft: number,
): Letter {
  const when = daysLeft === 0 ? 'today' : daysLeft === 1 ? 'tomorrow' : `in ${daysLeft} days`;
  return letter(
    `Your VPN certificate ends ${when}`,
    `Your VPN certificate for "${deviceName}" ends ${when}. Without another one you cannot connect after that.`,
    `Certificate: ${certificateId}\nValid until: ${isoFromSeconds(notAfter)}`,
    RENEW,
    'If you no longer use that device, you need do nothing.',
  );
}

export function digestLetter({ within, ended, reminded, next }: EndingDigest, now: EpochSeconds): Letter {
  const [widest] = within;
  const lines = next.map((one) => {
    const days = daysLeftOf(one, now);
    return `${isoFromSeconds(one.notAfter)}  ${one.certificateId}  ${one.personId}  (${days} days)`;
  });
  return letter(
    `VPN certificates: ${widest?.count ?? 0} end within ${widest?.days ?? 0} days`,
    'VPN certificates that end, and that nothing replaces yet:',
    [
      ...within.map(({ days, count }) => `within ${days} days: ${count}`),
      `ended in the last day: ${ended}`,
      `holders reminded today: ${reminded}`,
    ].join('\n'),
    ...(lines.length === 0 ? [] : [`The next to end, with their persons' ids:\n${lines.join('\n')}`]),
  );
}
