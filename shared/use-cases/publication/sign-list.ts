import { createHash } from 'node:crypto';
import {
  listEntries,
  type ListEntries,
  type RevocationRow,
  type RevokedCertificate,
  type SignedCrl,
} from '../../domain/crl-facts.ts';
import type { Endpoint } from '../../domain/endpoint.ts';
import { secondsFrom } from '../../domain/time.ts';
import { assembleCertList, buildTbsCertList, crlValidity } from '../../domain/x509/crl.ts';
import { assertCrlLints } from '../../domain/x509/crl-lints.ts';
import { verifyCrl } from '../../domain/x509/crl-verify.ts';
import type { PublicationOptions, PublishDeps, ReadingDeps } from './deps.ts';
import { noteEndpointIncident } from './endpoint-incidents.ts';
import { ownNumberOf } from './endpoint-reading.ts';
import { saysNothingNew } from './same-entries.ts';
import type { Reading } from './situation.ts';

const sha256Hex = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

/**
 * How long the next list lives: for as long as whoever switches the gate off says, or whoever did and has not switched it
 * on again; else as ever.
 */
export const crlLifeSecondsFor = (
  { policy }: Pick<ReadingDeps, 'policy'>,
  { gateOrder }: Endpoint,
  { gateGoesOff }: PublicationOptions = {},
): number =>
  gateGoesOff?.crlLifeSeconds ??
  (gateOrder?.isOn === false ? gateOrder.crlLifeSeconds : undefined) ??
  policy.crlLifeSeconds;

/** The highest number that the endpoint may ever have seen. */
export const highestNumberOf = ({
  endpoint,
  issuer,
  held,
}: Pick<Reading, 'endpoint' | 'issuer' | 'held'>): number =>
  Math.max(ownNumberOf(held, issuer), endpoint.crl?.crlNumber ?? 0);

/** What the next list would say now; nothing is claimed. */
export const entriesFor = async (deps: ReadingDeps, { endpoint, holds }: Reading): Promise<ListEntries> =>
  listEntries(await rowsFor(deps, endpoint), holds?.certificates ?? [], deps.policy.mostEntries);

/** The rows of the next list: whatever had not ended when the list that the endpoint holds was made. */
function rowsFor(
  { revocations, clock }: Pick<ReadingDeps, 'revocations' | 'clock'>,
  { caId, crl }: Endpoint,
): Promise<RevocationRow[]> {
  const now = secondsFrom(clock.now());
  return revocations.list(caId, Math.min(crl?.thisUpdate ?? now, now));
}

/**
 * Builds and signs the next list of the endpoint's CA, and has it verified by code that did not build it.
 *
 * The set comes from the table: every row whose certificate had not ended when the list that the endpoint holds was
 * made, so that an expired entry is on one more list (RFC 5280 section 3.3); and who is held, where there is no gate.
 *
 * @param options.isForEntries it is made only because of who would be on it
 * @returns the list, and the revocations that are beyond the endpoint's quota; undefined where what was pending was
 *   taken back since somebody decided, so that the list would say nothing new and reset everybody for it
 * @throws Error naming every fault of a list that must not be imported
 */
export async function signList(
  deps: PublishDeps,
  reading: Reading,
  options: PublicationOptions & { readonly isForEntries?: boolean } = {},
): Promise<{ crl: SignedCrl; leftOff: readonly RevokedCertificate[] } | undefined> {
  const { endpoint, issuer, keyId, held, holds } = reading;
  const { caId, endpointId } = endpoint;
  const now = secondsFrom(deps.clock.now());
  const lifeSeconds = crlLifeSecondsFor(deps, endpoint, options);
  const { thisUpdate, nextUpdate } = crlValidity({ now, lifeSeconds, caNotAfter: issuer.notAfter });
  const highest = highestNumberOf({ endpoint, issuer, held });
  const crlNumber = await deps.crls.nextNumber(caId, highest);
  const { entries: revoked, leftOff } = await claimEntries(deps, endpoint, holds, crlNumber);
  if (options.isForEntries === true && saysNothingNew(reading, revoked)) return undefined;
  await noteEndpointIncident(deps, endpointId, 'crlQuota', leftOff.length > 0);
  const tbsCertListDer = buildTbsCertList({ issuer, crlNumber, thisUpdate, nextUpdate, revoked });
  assertCrlLints(tbsCertListDer, issuer);
  const entries = revoked.length;
  deps.audit.crlIntended({ caId, crlNumber, entries, tbsSha256Hex: sha256Hex(tbsCertListDer) });
  const signature = await deps.signer.sign(keyId, tbsCertListDer);
  const der = assembleCertList(tbsCertListDer, signature);
  verifyCrl(der, { issuer, now, mustContain: revoked, numberAbove: highest });
  deps.audit.crlSigned({ caId, crlNumber, entries, sha256Hex: sha256Hex(der) });
  const crl = { crlNumber, thisUpdate, nextUpdate, entries, der, sha256Hex: sha256Hex(der) };
  return { crl, leftOff };
}

/**
 * Puts the list together. Only what has a place on it is claimed for it, and so is final: who rests on the gate alone
 * comes back whole with a reinstatement.
 */
async function claimEntries(
  deps: PublishDeps,
  endpoint: Endpoint,
  holds: Reading['holds'],
  crlNumber: number,
): Promise<ListEntries> {
  const { mostEntries } = deps.policy;
  const held = holds?.certificates ?? [];
  const rows = await rowsFor(deps, endpoint);
  const beyond = listEntries(rows, held, mostEntries).leftOff;
  const serialNumbers = new Set(beyond.map(({ serialNumber }) => serialNumber));
  const placed = beyond.length === 0 ? rows : rows.filter((row) => !serialNumbers.has(row.serialNumber));
  const claimed = await deps.revocations.claim(endpoint.caId, placed, crlNumber);
  const { entries } = listEntries(claimed, held, mostEntries);
  if (beyond.length === 0) return { entries, leftOff: [] };
  const listed = new Set(entries.map(({ serialNumber }) => serialNumber));
  return { entries, leftOff: beyond.filter(({ serialNumber }) => !listed.has(serialNumber)) };
}
