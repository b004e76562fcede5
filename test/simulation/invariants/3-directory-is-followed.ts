import type { Attributes } from '../../support/simulated-dynamodb/expressions.ts';
import { isAcknowledged, type Asked, type Call } from '../calls.ts';
import type { Invariant, Oracle } from '../oracle.ts';

type Provisioned = Call & { readonly asked: Asked & { readonly what: 'scim' } };

const isProvisioned = (call: Call): call is Provisioned => call.asked.what === 'scim';

export const directoryIsFollowed: Invariant = {
  number: 3,
  words: 'who is not active in the directory that provisions people is denied, and who is again is not',

  ended: (oracle, call) =>
    isProvisioned(call) && isAcknowledged(call) && call.asked.wants === 'inactive'
      ? notDenied(oracle, call)
      : undefined,

  atRest: (oracle) => {
    const last = new Map<string, Provisioned>();
    for (const call of oracle.portal.calls) {
      if (!isProvisioned(call) || !isAcknowledged(call)) continue;
      const known = last.get(call.asked.login);
      if (known === undefined || known.asked.order <= call.asked.order) last.set(call.asked.login, call);
    }
    for (const call of last.values()) {
      const words = call.asked.wants === 'inactive' ? notDenied(oracle, call) : stillDenied(oracle, call);
      if (words !== undefined) return words;
    }
    return undefined;
  },
};

function notDenied(oracle: Oracle, { asked: { login } }: Provisioned): string | undefined {
  return isOpenQuestion(oracle, login) || isDenied(oracle, login)
    ? undefined
    : `${login} is not active in the directory, and the directory does not deny her`;
}

function stillDenied(oracle: Oracle, { asked: { login, wants } }: Provisioned): string | undefined {
  return wants === 'active' && !isOpenQuestion(oracle, login) && isDenied(oracle, login)
    ? `${login} is active in the directory, and the directory denies her`
    : undefined;
}

const isDenied = (oracle: Oracle, login: string): boolean =>
  oracle.denialsOf(login).some(({ source }) => source === 'scim');

/** Nobody knows whom the directory means, somebody decided otherwise, nobody may deny her, or the table has forgotten. */
function isOpenQuestion({ portal, people, restored }: Oracle, login: string): boolean {
  const alias = `${login}@example.com`;
  const isHers = portal.table.find(`ALIAS#email#${alias}`, 'ALIAS')?.['personId'] === people.idOf(login);
  const isReviewed = [...portal.table.scan('INCIDENT#')].some(
    (incident) => (incident['alias'] as Attributes | undefined)?.['value'] === alias,
  );
  const isDecided = portal.calls.some(
    ({ asked }) =>
      asked.what === 'settle' ||
      ('login' in asked &&
        asked.login === login &&
        (asked.what === 'decide' || (asked.what === 'event' && asked.event.source === 'administrator'))),
  );
  const isUntouchable = portal.scenery.breakGlass.includes(login);
  return !isHers || isReviewed || isDecided || isUntouchable || restored !== undefined;
}
