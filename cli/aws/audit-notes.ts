import type { Audit } from '../../shared/ports/audit.ts';
import type { Screen } from '../terminal/screen.ts';
import { counted } from '../terminal/words.ts';

/** What an operator sees of it; AWS keeps the rest (CloudTrail has each signature and import, with whose it was). */
const SHOWN: Partial<{ readonly [Event in keyof Audit]: (facts: Parameters<Audit[Event]>[0]) => string }> = {
  crlIntended: ({ crlNumber, entries }) =>
    `Signing list ${crlNumber} with ${counted(entries, 'certificate')}`,
  crlSigned: ({ crlNumber }) => `List ${crlNumber} is signed and verified; importing it`,
  certificateRevoked: ({ certificateId }) => `${certificateId} is revoked`,
};

const isShown = (name: string | symbol): name is keyof typeof SHOWN => Object.hasOwn(SHOWN, name);

/** The audit trail of a command that is no function: what goes on, for whoever watches. */
export const auditNotes = (screen: Pick<Screen, 'note'>): Audit =>
  new Proxy({} as Audit, {
    get: (_target, name) => (facts: never) => {
      if (isShown(name)) screen.note(SHOWN[name]?.(facts) ?? '');
    },
  });
