import type { SerialNumber } from '../domain/certificate-id.ts';
import type { ServerCertificateRecord } from '../domain/server-certificate.ts';
import type { EpochSeconds } from '../domain/time.ts';

/** What is known of the server certificates of CAs. Every read sees every earlier write. */
export interface ServerCertificateStore {
  find(caId: string, serialNumber: SerialNumber): Promise<ServerCertificateRecord | undefined>;

  /**
   * Makes a server certificate known before it is signed.
   *
   * @param renewal only where the CA has a server certificate and none was reserved as a renewal after `notSince`:
   *   of two at once one renews, and whoever fails does not try again at once
   * @returns false where that is not so
   */
  reserve(record: ServerCertificateRecord, renewal?: { readonly notSince: EpochSeconds }): Promise<boolean>;

  /** Records the signed certificate once. @throws Error for one that was never reserved */
  markSigned(caId: string, serialNumber: SerialNumber, certificateDer: Uint8Array): Promise<void>;

  /** Notes when it was first seen where endpoints find it. @throws Error for one that was never reserved */
  markImported(caId: string, serialNumber: SerialNumber, at: EpochSeconds): Promise<void>;
}
