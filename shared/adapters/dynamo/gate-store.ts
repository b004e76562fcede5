import type { GateStore } from '../../ports/gate-store.ts';
import { readJudgedCertificate } from './certificate-items.ts';
import { certificateKey } from './keys.ts';
import { findStoredPerson } from './person-store.ts';
import { getItem } from './table.ts';
import type { DynamoTable } from './table.ts';

/** What the gate reads of DynamoDB: two items, the person after the certificate, both as they are now. */
export const dynamoGateStore = (table: DynamoTable): GateStore => ({
  findForGate: async (certificateId) => {
    const item = await getItem(table, certificateKey(certificateId));
    if (item === undefined) return undefined;
    const certificate = readJudgedCertificate(item);
    const known = await findStoredPerson(table, certificate.personId);
    return { certificate, person: known?.person };
  },
});
