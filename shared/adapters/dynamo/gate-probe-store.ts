import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { ProbeFixture } from '../../domain/gate-probe.ts';
import type { GateProbeStore } from '../../ports/gate-probe.ts';
import { certificateEntry, issuedEntry } from './certificate-items.ts';
import {
  admittedProbeCertificateKey,
  admittedProbePersonKey,
  deniedProbeCertificateKey,
  deniedProbePersonKey,
  type Key,
} from './keys.ts';
import { denialEntry, newPersonEntry } from './person-items.ts';
import type { DynamoTable } from './table.ts';

/** The probe's four items. Its role names their keys, so that it can write no others. */
export const dynamoGateProbeStore = (table: DynamoTable): GateProbeStore => ({
  async putAdmitted(fixture) {
    await put(table, admittedProbePersonKey, personOf(fixture));
    await put(table, admittedProbeCertificateKey, certificateOf(fixture));
  },
  async putDenied(fixture) {
    await put(table, deniedProbePersonKey, personOf(fixture));
    await put(table, deniedProbeCertificateKey, certificateOf(fixture));
  },
});

const certificateOf = ({ certificate }: ProbeFixture): object => ({
  ...certificateEntry(certificate),
  issued: issuedEntry(certificate.issued),
});

const personOf = ({ person }: ProbeFixture): object => ({
  ...newPersonEntry({ ...person, at: person.createdAt }, person.aliases),
  denials: Object.fromEntries(person.denials.map((denial) => [denial.offboardingId, denialEntry(denial)])),
});

const put = async ({ client, tableName }: DynamoTable, key: Key, item: object): Promise<void> => {
  await client.send(new PutCommand({ TableName: tableName, Item: { ...item, ...key } }));
};
