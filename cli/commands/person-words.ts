import type * as z from 'zod';
import type { personView } from '../../shared/http/api/administration.ts';
import type { Screen } from '../terminal/screen.ts';
import { dayOf, momentOf } from '../terminal/words.ts';

export type PersonView = z.infer<typeof personView>;

export const personName = ({ login, email }: PersonView): string =>
  email === undefined ? login : `${login} <${email}>`;

/** Who somebody is, and every word against them. */
export function printPerson(screen: Screen, person: PersonView): void {
  screen.title(personName(person));
  screen.fields([
    ['person', person.personId],
    ...person.aliases.map(({ kind, value }) => [kind, value] as const),
    ['known since', dayOf(person.createdAt)],
    [
      'access',
      person.isDenied
        ? { text: `refused (${person.refusal ?? 'denied'})`, style: 'red' }
        : { text: 'allowed', style: 'green' },
    ],
  ]);
  for (const { source, kind, eventTime, offboardingId } of person.denials) {
    screen.line(`  ${source} said "${kind}", ${momentOf(eventTime)}: offboarding ${offboardingId}`);
  }
}
