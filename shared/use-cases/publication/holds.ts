import type { SerialNumber } from '../../domain/certificate-id.ts';
import type { HeldCertificate } from '../../domain/crl-facts.ts';
import { secondsFrom, type EpochMilliseconds } from '../../domain/time.ts';
import { readCrl } from '../../domain/x509/crl-reader.ts';
import type { PersonId } from '../../domain/identity.ts';
import type { ReadingDeps } from './deps.ts';
import type { HeldList } from './endpoint-reading.ts';

/** People are read in groups of this size. */
const PEOPLE_AT_ONCE = 10;

export interface Holds {
  /** What a list without a gate must have: of everybody who is held each certificate that could be used. */
  readonly certificates: readonly HeldCertificate[];
  /** All their serial numbers, of expired and revoked certificates too: a list that has one of them is not wrong. */
  readonly serialNumbers: ReadonlySet<SerialNumber>;
}

/**
 * The certificates of one CA that belong to people who are held. Reserved ones too: one may have been signed by somebody
 * who died before saying so.
 */
export async function readHolds(
  { offboardings, certificates, clock }: Pick<ReadingDeps, 'offboardings' | 'certificates' | 'clock'>,
  caId: string,
): Promise<Holds> {
  const heldSince = new Map<PersonId, EpochMilliseconds>();
  for (const { personId, since } of await offboardings.listHolds()) {
    heldSince.set(personId, Math.min(since, heldSince.get(personId) ?? since));
  }
  const now = secondsFrom(clock.now());
  const people = [...heldSince];
  const held: HeldCertificate[] = [];
  const serialNumbers = new Set<SerialNumber>();
  for (let start = 0; start < people.length; start += PEOPLE_AT_ONCE) {
    const group = people.slice(start, start + PEOPLE_AT_ONCE);
    const found = await Promise.all(
      group.map(async ([personId, since]) => ({ since, all: await certificates.listByPerson(personId) })),
    );
    for (const { since, all } of found) {
      for (const { serialNumber, notAfter, revocation } of all.filter((one) => one.caId === caId)) {
        serialNumbers.add(serialNumber);
        if (revocation !== undefined || notAfter < now) continue;
        const revocationDate = secondsFrom(since);
        held.push({ serialNumber, notAfter, revocationDate, reason: 'certificateHold' });
      }
    }
  }
  return { certificates: held, serialNumbers };
}

/**
 * Whether a list of ours has somebody as held who need not be there, or lacks one who must; one that is full may, and
 * whoever publishes then looks whether another would say anything else.
 *
 * @param holds undefined where the gate keeps them out: then nobody need be
 */
export function doHoldsDiffer(list: HeldList | undefined, holds: Holds | undefined): boolean {
  if (list?.der === undefined) return false;
  const { entries } = readCrl(list.der);
  if (holds?.certificates.some(({ serialNumber }) => !entries.has(serialNumber)) === true) return true;
  for (const { serialNumber, reason } of entries.values()) {
    if (reason === 'certificateHold' && holds?.serialNumbers.has(serialNumber) !== true) return true;
  }
  return false;
}
