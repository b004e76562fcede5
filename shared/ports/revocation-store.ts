import type { SerialNumber } from '../domain/certificate-id.ts';
import type { RevocationRow } from '../domain/crl-facts.ts';
import type { EpochMilliseconds, EpochSeconds } from '../domain/time.ts';

/** A revocation that an endpoint does not hold yet. */
export interface PendingRevocation {
  readonly serialNumber: SerialNumber;
  readonly since: EpochMilliseconds;
}

/** The rows of which lists are made. Every read sees every earlier write. */
export interface RevocationStore {
  /** Every row of a CA whose certificate ends at or after the time given, by `notAfter`, then serial number. */
  list(caId: string, notAfterFrom: EpochSeconds): Promise<RevocationRow[]>;
  /**
   * Takes rows up into a list that is about to be signed: from then on their revocation is final.
   *
   * @param rows rows without a number; others are left alone
   * @returns those that are still there; a row that was taken back meanwhile is missing
   */
  claim(caId: string, rows: readonly RevocationRow[], crlNumber: number): Promise<RevocationRow[]>;
  /**
   * Adds rows of certificates that the portal did not issue, and notes them as pending at endpoints. A row that is
   * there stays as it is.
   */
  adopt(
    caId: string,
    rows: readonly Omit<RevocationRow, 'crlNumber'>[],
    endpointIds: readonly string[],
    since: EpochMilliseconds,
  ): Promise<void>;
  /** Oldest first. */
  listPending(endpointId: string, limit?: number): Promise<PendingRevocation[]>;
  clearPending(endpointId: string, pending: readonly PendingRevocation[]): Promise<void>;
}
