import type { CertificationAuthority } from '../domain/endpoint.ts';
import {
  decideServerRenewal,
  readServerCertificate,
  type ServerCertificateFacts,
  type ServerRenewalPolicy,
} from '../domain/server-certificate.ts';
import { SECONDS_PER_DAY, SECONDS_PER_HOUR, secondsFrom } from '../domain/time.ts';
import { readCaFacts } from '../domain/x509/ca-facts.ts';
import { derFromPem } from '../domain/x509/pem.ts';
import type { EndpointStore } from '../ports/endpoint-store.ts';
import {
  issueServerCertificate,
  type IssueServerCertificateDeps,
} from './set-up/issue-server-certificate.ts';

export interface RenewServerCertificatesDeps extends IssueServerCertificateDeps {
  readonly endpoints: Pick<EndpointStore, 'list' | 'findAuthority' | 'findServerCertificate'>;
  readonly renewal: ServerRenewalPolicy;
}

/**
 * Between two attempts at one certificate, whatever became of the first: each import resets every user's connection.
 * Less than a day, so that the next night's quiet hours are not missed.
 */
const SPACING_SECONDS = 20 * SECONDS_PER_HOUR;

/**
 * Looks at the CA of every endpoint: says how long it and its server certificate last, and renews the latter under its
 * ARN when it is due.
 *
 * @returns what kept one from being looked at; the others were
 */
export async function renewServerCertificates(
  deps: RenewServerCertificatesDeps,
): Promise<{ readonly failures: readonly unknown[] }> {
  const caIds = new Set((await deps.endpoints.list()).map(({ caId }) => caId));
  const failures: unknown[] = [];
  for (const caId of caIds) await renewFor(deps, caId).catch((error: unknown) => failures.push(error));
  return { failures };
}

async function renewFor(deps: RenewServerCertificatesDeps, caId: string): Promise<void> {
  const authority = await deps.endpoints.findAuthority(caId);
  if (authority === undefined) throw new Error(`the CA ${caId} is not set up`);
  deps.audit.authorityLifeSeen({ caId, daysLeft: daysUntil(deps, authority.notAfter) });
  const arn = await deps.endpoints.findServerCertificate(caId);
  // An endpoint that was brought along has a certificate that is not ours to renew.
  if (arn === undefined) return;
  const held = await readHeld(deps, authority, arn);
  deps.audit.serverCertificateLifeSeen({ caId, daysLeft: daysUntil(deps, held.notAfter) });
  const situation = { now: deps.clock.now(), notAfter: held.notAfter, caNotAfter: authority.notAfter };
  const { renew, reason } = decideServerRenewal(situation, deps.renewal);
  if (!renew) return;
  const notSince = secondsFrom(situation.now) - SPACING_SECONDS;
  const renewed = await issueServerCertificate(deps, authority, held, { arn, notSince });
  if (renewed === undefined) return;
  await noteImported(deps, caId, arn, renewed.serialNumber);
  deps.audit.serverCertificateRenewed({ caId, arn, serialNumber: renewed.serialNumber, reason });
}

const daysUntil = ({ clock }: RenewServerCertificatesDeps, end: number): number =>
  Math.floor((end - secondsFrom(clock.now())) / SECONDS_PER_DAY);

/**
 * What ACM holds, recorded as imported where whoever imported it died before.
 *
 * @throws Error for a certificate that is not ours or that the store does not know. It is left as it is: somebody put
 *   it there, and only a person can say why
 */
async function readHeld(
  deps: RenewServerCertificatesDeps,
  { caId, certificateDer }: CertificationAuthority,
  arn: string,
): Promise<ServerCertificateFacts> {
  const der = derFromPem('CERTIFICATE', await deps.serverCertificates.read(arn));
  const held = readServerCertificate(der, readCaFacts(certificateDer));
  if (held === undefined) throw new Error(`${arn} holds a certificate that the CA ${caId} did not sign`);
  const record = await deps.serverCertificateStore.find(caId, held.serialNumber);
  if (record?.certificateDer === undefined) {
    throw new Error(`${arn} holds a certificate that nobody recorded: serial number ${held.serialNumber}`);
  }
  if (record.importedAt === undefined) await noteImported(deps, caId, arn, held.serialNumber);
  return held;
}

async function noteImported(
  deps: RenewServerCertificatesDeps,
  caId: string,
  arn: string,
  serialNumber: ServerCertificateFacts['serialNumber'],
): Promise<void> {
  await deps.serverCertificateStore.markImported(caId, serialNumber, secondsFrom(deps.clock.now()));
  deps.audit.serverCertificateImported({ caId, serialNumber, arn });
}
