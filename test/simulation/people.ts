import { octetsFromBase32 } from '../../shared/domain/base32.ts';
import { callerOf } from '../support/world.ts';
import type { Story } from './story.ts';

export const EMPLOYEES = ['alice', 'bob', 'carol'] as const;
/** She was given an address that was an employee's. */
export const NEWCOMER = 'mallory';
export const ADMINISTRATORS = ['adam', 'eve'] as const;

/** Who there is. */
export class People {
  readonly #ids = new Map<string, string>();

  constructor(story: Story) {
    for (const login of [...EMPLOYEES, ...ADMINISTRATORS, NEWCOMER]) {
      const { personId } = callerOf(login, 0);
      this.#ids.set(login, personId);
      story.name(personId, login);
    }
  }

  idOf(login: string): string {
    return this.#ids.get(login) ?? '';
  }

  /** `<certificate id>.<login>` */
  loginOfCommonName(commonName: string): string {
    return commonName.slice(commonName.indexOf('.') + 1);
  }

  serialNumberOfId(certificateId: string): string {
    return Buffer.from(octetsFromBase32(certificateId) ?? []).toString('hex');
  }
}
