import type { CertificateRecord } from '../domain/certificate-record.ts';
import type { SerialNumber } from '../domain/certificate-id.ts';
import type { OffboardingRecord } from '../domain/offboarding.ts';
import type { EpochSeconds } from '../domain/time.ts';

/** A part of a long list. */
export interface Page<Value, Place> {
  readonly records: readonly Value[];
  /** The names of records that are there and cannot be read: they end nothing, and somebody must look at them. */
  readonly unreadable: readonly string[];
  /** Where the list goes on; absent on the last page. */
  readonly next?: Place;
}

/** Behind which certificate a page goes on, in the order of their ends. */
export interface CertificatePlace {
  readonly notAfter: EpochSeconds;
  readonly serialNumber: SerialNumber;
}

/** Everything there is, page by page, for those who keep evidence. Every read sees every earlier write. */
export interface ExportStore {
  /** The issued certificates of a CA that end in a range, both ends included, those that end first coming first. */
  certificates(
    caId: string,
    range: { readonly from: EpochSeconds; readonly until: EpochSeconds; readonly after?: CertificatePlace },
    limit: number,
  ): Promise<Page<CertificateRecord, CertificatePlace>>;
  /**
   * The offboardings of a month, oldest first.
   *
   * @param month UTC, `YYYY-MM`
   * @param after the id behind which to go on
   */
  offboardings(
    month: string,
    after: string | undefined,
    limit: number,
  ): Promise<Page<OffboardingRecord, string>>;
}
