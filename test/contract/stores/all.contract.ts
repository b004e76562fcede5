import type { Stores } from '../../support/stores.ts';
import {
  certificateIssueContract,
  certificateRevocationContract,
  gateStoreContract,
} from './certificate-store.contract.ts';
import { auditStoreContract } from './audit-store.contract.ts';
import { certificateTakeoverContract } from './certificate-takeover.contract.ts';
import { endpointStoreContract } from './endpoint-store.contract.ts';
import { exportStoreContract } from './export-store.contract.ts';
import { gateProbeContract } from './gate-probe.contract.ts';
import { incidentContract } from './incident.contract.ts';
import { crlStoreContract, revocationStoreContract } from './list-stores.contract.ts';
import { noticeStoreContract, renewalContract } from './renewal.contract.ts';
import { lookupStoreContract } from './lookup-store.contract.ts';
import { numberContract } from './number.contract.ts';
import { denialContract, offboardingRecordContract } from './offboarding-store.contract.ts';
import { reconciliationStoreContract } from './reconciliation-store.contract.ts';
import { surgeDenialContract, surgeStoreContract } from './surge-store.contract.ts';
import { planContract } from './plan.contract.ts';
import { personStoreContract } from './person-store.contract.ts';
import { scimUserStoreContract } from './scim-user-store.contract.ts';
import { serverCertificateStoreContract } from './server-certificate-store.contract.ts';

/** Every contract, for one implementation. @param newStores gives stores over empty data */
export function storeContracts(newStores: () => Promise<Stores>): void {
  describe('people', () => personStoreContract(newStores));
  describe('certificates issued', () => certificateIssueContract(newStores));
  describe('certificates revoked', () => certificateRevocationContract(newStores));
  describe('certificates revoked again', () => certificateTakeoverContract(newStores));
  describe('certificates renewed', () => renewalContract(newStores));
  describe('what is written down', () => auditStoreContract(newStores));
  describe('notices', () => noticeStoreContract(newStores));
  describe('the gate', () => gateStoreContract(newStores));
  describe('what the gate is tried with', () => gateProbeContract(newStores));
  describe('revocation rows', () => revocationStoreContract(newStores));
  describe('lists', () => crlStoreContract(newStores));
  describe('endpoints', () => endpointStoreContract(newStores));
  describe('server certificates', () => serverCertificateStoreContract(newStores));
  describe('denials', () => denialContract(newStores));
  describe('plans', () => planContract(newStores));
  describe('offboarding records', () => offboardingRecordContract(newStores));
  describe('exports', () => exportStoreContract(newStores));
  describe('incidents', () => incidentContract(newStores));
  describe('comparisons with the directory', () => reconciliationStoreContract(newStores));
  describe('surges', () => surgeStoreContract(newStores));
  describe('denials of a surge', () => surgeDenialContract(newStores));
  describe('users of a directory', () => scimUserStoreContract(newStores));
  describe('answers of directories', () => lookupStoreContract(newStores));
  describe('numbers', () => numberContract(newStores));
}
