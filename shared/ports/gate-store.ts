import type { CertificateId } from '../domain/certificate-id.ts';
import type { JudgedCertificate, JudgedPerson } from '../domain/access.ts';

/** What the gate must know of a certificate and its owner, and no more: it is read at every login. */
export interface GateStore {
  /** Two strongly consistent reads: the certificate, then its person. Undefined where no certificate has that id. */
  findForGate(certificateId: CertificateId): Promise<
    | {
        readonly certificate: JudgedCertificate;
        readonly person: JudgedPerson | undefined;
      }
    | undefined
  >;
}
