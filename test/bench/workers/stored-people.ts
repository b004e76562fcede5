import { commonNameFor } from '../../../shared/domain/common-name.ts';
import { eachAtOnce } from '../../../shared/use-cases/each-at-once.ts';
import { issuedFrom, registered, reservationOf } from '../../support/store-fixtures.ts';
import type { Stores } from '../../support/stores.ts';

const AT_ONCE = 8;

/**
 * Puts people with one certificate each into the stores, as signing in and enrolling would.
 *
 * @returns the certificates' common names, by login
 */
export async function storePeople(
  stores: Pick<Stores, 'people' | 'certificates'>,
  logins: readonly string[],
  { caId, endpointId }: { readonly caId: string; readonly endpointId: string },
): Promise<Map<string, string>> {
  const commonNames = new Map<string, string>();
  await eachAtOnce(logins, AT_ONCE, async (login) => {
    const { personId, enrolments } = await registered(stores, login);
    const now = Math.floor(Date.now() / 1000);
    const times = { notBefore: now - 300, notAfter: now + 180 * 86_400, reservedAt: now };
    const draft = reservationOf(personId, { caId, endpointIds: [endpointId], ...times });
    const record = { ...draft, commonName: commonNameFor(draft.certificateId, login) };
    await stores.certificates.reserve(record, { enrolmentsSeen: enrolments });
    await stores.certificates.markIssued(record, issuedFrom(record));
    commonNames.set(login, record.commonName);
  });
  return commonNames;
}
