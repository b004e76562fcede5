import type { RevokedCertificate } from '../../shared/domain/crl-facts.ts';
import type { SerialNumber } from '../../shared/domain/certificate-id.ts';
import type { RevocationReason } from '../../shared/domain/revocation-reason.ts';

const REASON_WORDS: Readonly<Record<string, RevocationReason>> = {
  'Key Compromise': 'keyCompromise',
  'Affiliation Changed': 'affiliationChanged',
  Superseded: 'superseded',
  'Cessation Of Operation': 'cessationOfOperation',
  'Certificate Hold': 'certificateHold',
  'Privilege Withdrawn': 'privilegeWithdrawn',
};

/** The entries that `openssl crl -text` prints. */
export function entriesIn(text: string): RevokedCertificate[] {
  return text
    .split('    Serial Number: ')
    .slice(1)
    .map((entry) => ({
      serialNumber: (/^[0-9A-F]+/.exec(entry)?.[0] ?? '').toLowerCase().padStart(20, '0') as SerialNumber,
      revocationDate: Date.parse(/Revocation Date: (.*)/.exec(entry)?.[1] ?? '') / 1000,
      reason: REASON_WORDS[/Reason Code: \n\s+(.*)/.exec(entry)?.[1] ?? ''] ?? 'unspecified',
    }));
}
