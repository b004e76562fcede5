import type { RevokedCertificate } from '../../domain/crl-facts.ts';
import type { PublicationDecision, PublicationReason } from '../../domain/publication.ts';
import type { ReadCrl } from '../../domain/x509/crl-reader.ts';
import { ownListOf } from './endpoint-reading.ts';
import { doHoldsDiffer } from './holds.ts';
import type { Reading } from './situation.ts';

/** A list is made for who is on it, and not for its age or because of what somebody else imported. */
const FOR_ITS_ENTRIES: readonly PublicationReason[] = ['requested', 'due', 'gateOff'];

/** Whether a list is to be made only because of who would be on it, so that it need not be where nobody is. */
export const isForItsEntries = ({ situation }: Reading, { publish, reason }: PublicationDecision): boolean =>
  publish &&
  FOR_ITS_ENTRIES.includes(reason) &&
  situation.exported === 'same' &&
  situation.gateGoesOff === undefined;

/** Whether the endpoint's list says all that one of these entries would, and holds nobody who need not be held. */
export function saysNothingNew(
  { held, holds, issuer }: Reading,
  entries: readonly RevokedCertificate[],
): boolean {
  const there = ownListOf(held, issuer);
  return there !== undefined && entries.every((entry) => isOn(there, entry)) && !doHoldsDiffer(held, holds);
}

/** For good as for good, and held as held. */
export function isOn({ entries }: ReadCrl, { serialNumber, reason }: RevokedCertificate): boolean {
  const known = entries.get(serialNumber);
  return known !== undefined && (known.reason === 'certificateHold') === (reason === 'certificateHold');
}
