import type { Invariant } from '../oracle.ts';
import { lacksIssue } from './gate-rule.ts';

export const signedIsKnown: Invariant = {
  number: 1,
  words:
    'no certificate is signed that the store does not already know, and the gate refuses what is only reserved',

  signed: ({ portal }, { kind, tbs }) => {
    if (kind === 'list') return undefined;
    for (const item of portal.table.scan('CERT#')) {
      const known = item['tbsCertificateDer'];
      if (known instanceof Uint8Array && Buffer.compare(known, tbs) === 0) return undefined;
    }
    return 'a certificate was signed whose octets are not in the table';
  },

  gateAnswered: (oracle, { allowed, commonName }) =>
    allowed && lacksIssue(oracle, commonName)
      ? `the gate let in ${commonName}, which was never recorded as issued`
      : undefined,
};
