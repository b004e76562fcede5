import { certificateStateAt, type CertificateRecord } from './certificate-record.ts';
import type { Person } from './person.ts';
import type { EpochSeconds } from './time.ts';

/** What a decision needs of a certificate; its octets are not among it. */
export type JudgedCertificate = Pick<
  CertificateRecord,
  | 'certificateId'
  | 'personId'
  | 'commonName'
  | 'endpointIds'
  | 'notAfter'
  | 'revocation'
  | 'lastUsedAt'
  | 'predecessorId'
> & { readonly isIssued: boolean };

export type RefusalCause =
  | 'commonNameUnknown'
  | 'commonNameDiffers'
  | 'certificateReserved'
  | 'certificateRevoked'
  | 'certificateReplaced'
  | 'certificateExpired'
  | 'wrongEndpoint'
  | 'personUnknown'
  | 'personLeft'
  | 'personSuspended'
  | 'personUnderReview';

export type Access =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly cause: RefusalCause; readonly words: string };

/**
 * What the refused person reads in her VPN client, at most 255 characters (AWS's limit). It names no other
 * person and no system of ours.
 */
const WORDS: Readonly<Record<RefusalCause, string>> = {
  commonNameUnknown: 'This certificate is not known. Get a new one in the VPN portal.',
  commonNameDiffers: 'This certificate is not known. Get a new one in the VPN portal.',
  certificateReserved: 'This certificate was never completed. Get a new one in the VPN portal.',
  certificateRevoked: 'This certificate has been revoked. Get a new one in the VPN portal.',
  certificateReplaced: 'This certificate was renewed, and the new one is in use. Use the newer profile.',
  certificateExpired: 'This certificate has expired. Get a new one in the VPN portal.',
  wrongEndpoint: 'This certificate is for another VPN endpoint. Download its profile in the VPN portal.',
  personUnknown: 'This certificate is not known. Get a new one in the VPN portal.',
  personLeft: 'Your VPN access has ended. If this is wrong, ask your administrator.',
  personSuspended: 'Your VPN access is suspended. If this is wrong, ask your administrator.',
  personUnderReview: 'Your VPN access is held for review. Ask your administrator.',
};

const refuse = (cause: RefusalCause): Access => ({ allowed: false, cause, words: WORDS[cause] });

/** Why a person may not use or get a certificate, or undefined. The gravest denial speaks. */
export function personRefusal(person: Pick<Person, 'denials'>): RefusalCause | undefined {
  const kinds = new Set(person.denials.map(({ kind }) => kind));
  if (kinds.size === 0) return undefined;
  if (kinds.has('left')) return 'personLeft';
  return kinds.has('suspended') ? 'personSuspended' : 'personUnderReview';
}

/**
 * The one decision about a connection; the gate, the sweep and the administrator's "why" all ask it.
 *
 * @param asked the whole common name and the endpoint, as the endpoint reports them
 * @param certificate the record that the common name's id leads to, if any
 * @param person the owner of that record, if any
 */
export function decideAccess(
  asked: { readonly commonName: string; readonly endpointId: string; readonly at: EpochSeconds },
  certificate: JudgedCertificate | undefined,
  person: Pick<Person, 'denials'> | undefined,
): Access {
  if (certificate === undefined) return refuse('commonNameUnknown');
  // The id is only a part of the name: a forged rest would show somebody else in lists of connections.
  if (certificate.commonName !== asked.commonName) return refuse('commonNameDiffers');
  if (person === undefined) return refuse('personUnknown');
  const cause = personRefusal(person);
  if (cause !== undefined) return refuse(cause);
  switch (certificateStateAt(certificate, asked.at)) {
    case 'reserved':
      return refuse('certificateReserved');
    case 'revoked':
      return refuse(certificate.revocation?.by === 'renewal' ? 'certificateReplaced' : 'certificateRevoked');
    case 'expired':
      return refuse('certificateExpired');
    case 'active':
      return certificate.endpointIds.includes(asked.endpointId) ? { allowed: true } : refuse('wrongEndpoint');
  }
}
