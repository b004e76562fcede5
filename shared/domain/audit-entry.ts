import { createHash } from 'node:crypto';
import { canonicalJson, type JsonValue } from './canonical-json.ts';
import type { PersonId } from './identity.ts';
import { isoFromMilliseconds, type EpochMilliseconds } from './time.ts';

export const AUDIT_ACTIONS = [
  'certificateIssued',
  'certificateRenewed',
  'certificateRevoked',
  /** A revocation that followed from an offboarding is the owner's or an administrator's word from now on. */
  'revocationTakenOver',
  'revocationUndone',
  /** A revocation follows from another offboarding from now on. */
  'revocationPassedOn',
  'denied',
  'lifted',
  'surgeConfirmed',
  'surgeReleased',
  /** Nothing is left to do of an offboarding: the times of its steps. */
  'offboardingClosed',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export type AuditFacts = Readonly<Record<string, JsonValue>>;

/** What happened, before it has its place in the chain. */
export interface AuditDraft {
  readonly at: EpochMilliseconds;
  /** A person's id, a source, or `portal`. */
  readonly actor: string;
  readonly action: AuditAction;
  /** Enough to do it again (docs/evidence.md). Names nobody but by id. */
  readonly facts: AuditFacts;
}

/** One link of a person's chain. */
export interface AuditEntry extends AuditDraft {
  readonly personId: PersonId;
  /** From 1, without a gap. */
  readonly sequence: number;
  /** Of the entry before; 64 zeros in the first. */
  readonly previousSha256Hex: string;
  /** SHA-256 of the canonical JSON of everything above, hex. */
  readonly sha256Hex: string;
}

/** Where a person's chain ends. */
export type AuditHead = Pick<AuditEntry, 'sequence' | 'sha256Hex'>;

/** The end of a chain that has no entry yet. */
export const EMPTY_CHAIN: AuditHead = { sequence: 0, sha256Hex: '0'.repeat(64) };

/** What is hashed: the entry as the API shows it, its own hash left out. */
export const auditEntryText = (entry: Omit<AuditEntry, 'sha256Hex'>): string =>
  canonicalJson({
    personId: entry.personId,
    sequence: entry.sequence,
    at: isoFromMilliseconds(entry.at),
    actor: entry.actor,
    action: entry.action,
    facts: entry.facts,
    previousSha256Hex: entry.previousSha256Hex,
  });

const hashOf = (entry: Omit<AuditEntry, 'sha256Hex'>): string =>
  createHash('sha256').update(auditEntryText(entry)).digest('hex');

/** Gives a draft its place behind the end of a person's chain. */
export function chained(personId: PersonId, head: AuditHead, draft: AuditDraft): AuditEntry {
  const { at, actor, action, facts } = draft;
  const entry = {
    personId,
    sequence: head.sequence + 1,
    at,
    actor,
    action,
    facts,
    previousSha256Hex: head.sha256Hex,
  };
  return { ...entry, sha256Hex: hashOf(entry) };
}

/** What is wrong with a chain, at the first place where it is. */
export interface ChainFault {
  readonly sequence: number;
  readonly fault: 'changed' | 'missing' | 'reordered' | 'surplus';
  readonly words: string;
}

/**
 * Looks at a whole chain, in the order in which it was stored.
 *
 * @param head where the person's own item says that it ends: without it nobody would miss the last entries
 * @returns every fault, in the order of the chain; none where it is as it was written
 */
export function chainFaults(
  personId: PersonId,
  entries: readonly AuditEntry[],
  head: AuditHead = EMPTY_CHAIN,
): ChainFault[] {
  const faults: ChainFault[] = [];
  const seen = new Set<number>();
  let before = EMPTY_CHAIN;
  for (const entry of entries) {
    const { sequence } = entry;
    if (sequence <= before.sequence) {
      faults.push(fault(sequence, 'reordered', `entry ${sequence} stands behind entry ${before.sequence}`));
    } else if (sequence > before.sequence + 1) {
      faults.push(fault(before.sequence + 1, 'missing', `${missingWords(before.sequence, sequence)}`));
    } else if (entry.previousSha256Hex !== before.sha256Hex) {
      faults.push(fault(sequence, 'changed', `entry ${sequence} does not follow from the one before it`));
    }
    if (entry.personId !== personId || hashOf(entry) !== entry.sha256Hex) {
      faults.push(fault(sequence, 'changed', `entry ${sequence} is not what was written: its hash differs`));
    }
    seen.add(sequence);
    if (sequence > before.sequence) before = entry;
  }
  if (before.sequence < head.sequence) {
    faults.push(fault(before.sequence + 1, 'missing', missingWords(before.sequence, head.sequence + 1)));
  } else if (before.sequence > head.sequence) {
    const words = `entries after ${head.sequence} were never recorded on the person`;
    faults.push(fault(head.sequence + 1, 'surplus', words));
  } else if (before.sha256Hex !== head.sha256Hex) {
    faults.push(
      fault(head.sequence, 'changed', 'the last entry is not the one that the person’s record names'),
    );
  }
  return faults;
}

/**
 * What the journal has of a chain and the table does not: whoever could write to all of the table may have cut off its
 * end, or written it anew.
 *
 * @param journalled by its number, the hash of each entry, or all of them where several were written
 */
export function journalFaults(
  entries: readonly AuditEntry[],
  journalled: ReadonlyMap<number, ReadonlySet<string>>,
): ChainFault[] {
  const stored = new Map(entries.map(({ sequence, sha256Hex }) => [sequence, sha256Hex]));
  return [...journalled]
    .sort(([one], [other]) => one - other)
    .flatMap(([sequence, hashes]) => {
      const found = stored.get(sequence);
      if (found === undefined)
        return [fault(sequence, 'missing', `entry ${sequence} is in the journal, and is missing here`)];
      return [...hashes].every((sha256Hex) => sha256Hex === found)
        ? []
        : [fault(sequence, 'changed', `entry ${sequence} is not the one that the journal has`)];
    });
}

const fault = (sequence: number, kind: ChainFault['fault'], words: string): ChainFault => ({
  sequence,
  fault: kind,
  words,
});

const missingWords = (before: number, next: number): string =>
  next === before + 2 ? `entry ${before + 1} is missing` : `entries ${before + 1} to ${next - 1} are missing`;
