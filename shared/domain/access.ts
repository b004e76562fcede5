import { certificateStateAt, type CertificateRecord } from './certificate-record.ts';
import { ENFORCE, isSignInOf, type GatePolicy, type NamedPerson } from './gate-policy.ts';
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
  | 'personUnderReview'
  | 'signInMissing'
  | 'signInDiffers';

export type Access =
  /** `observed`: what it is let in against, because the gate only observes there. */
  | { readonly allowed: true; readonly observed?: RefusalCause }
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
  signInMissing: 'The VPN did not learn who signed in. Download your profile again in the VPN portal.',
  signInDiffers:
    'You signed in as somebody else than the owner of this certificate. Sign in with your own account, and use your own profile.',
};

/** Why a person may not use or get a certificate, or undefined. The gravest denial speaks. */
export function personRefusal(person: Pick<Person, 'denials'>): RefusalCause | undefined {
  const kinds = new Set(person.denials.map(({ kind }) => kind));
  if (kinds.size === 0) return undefined;
  if (kinds.has('left')) return 'personLeft';
  return kinds.has('suspended') ? 'personSuspended' : 'personUnderReview';
}

/** What the decision needs of a person. */
export type JudgedPerson = Pick<Person, 'denials'> & NamedPerson;

export interface AskedAccess {
  /** Whole, as the endpoint reports it. */
  readonly commonName: string;
  readonly endpointId: string;
  readonly at: EpochSeconds;
  /** The user name that the endpoint reports, empty if it reports none; absent where nobody asks about it. */
  readonly signedInAs?: string;
}

/**
 * What may be innocent at an endpoint that had users before the portal: certificates that another tool made, and a
 * sign-in whose names were told to us wrongly. Who is known and denied is refused in every mode.
 */
const ONLY_OBSERVED: readonly RefusalCause[] = ['commonNameUnknown', 'signInMissing', 'signInDiffers'];

/**
 * The one decision about a connection; the gate, the sweep and the administrator's "why" all ask it.
 *
 * @param certificate the record that the common name's id leads to, if any
 * @param person the owner of that record, if any
 */
export function decideAccess(
  asked: AskedAccess,
  certificate: JudgedCertificate | undefined,
  person: JudgedPerson | undefined,
  policy: GatePolicy = ENFORCE,
): Access {
  const cause = refusalOf(asked, certificate, person, policy);
  if (cause === undefined) return { allowed: true };
  if (policy.mode === 'observe' && ONLY_OBSERVED.includes(cause)) return { allowed: true, observed: cause };
  return { allowed: false, cause, words: WORDS[cause] };
}

function refusalOf(
  asked: AskedAccess,
  certificate: JudgedCertificate | undefined,
  person: JudgedPerson | undefined,
  { signIn }: GatePolicy,
): RefusalCause | undefined {
  if (certificate === undefined) return 'commonNameUnknown';
  // The id is only a part of the name: a forged rest would show somebody else in lists of connections.
  if (certificate.commonName !== asked.commonName) return 'commonNameDiffers';
  if (person === undefined) return 'personUnknown';
  const denial = personRefusal(person);
  if (denial !== undefined) return denial;
  const state = certificateStateAt(certificate, asked.at);
  if (state === 'revoked' && certificate.revocation?.by === 'renewal') return 'certificateReplaced';
  if (state !== 'active') return STATE_REFUSALS[state];
  if (!certificate.endpointIds.includes(asked.endpointId)) return 'wrongEndpoint';
  // Last, since it is only observed in one mode, and must hide none of the others.
  if (signIn === undefined || asked.signedInAs === undefined) return undefined;
  if (asked.signedInAs === '') return 'signInMissing';
  return isSignInOf(person, asked.signedInAs, signIn) ? undefined : 'signInDiffers';
}

const STATE_REFUSALS = {
  reserved: 'certificateReserved',
  revoked: 'certificateRevoked',
  expired: 'certificateExpired',
} as const satisfies Record<string, RefusalCause>;
