import type { Endpoint } from '../../domain/endpoint.ts';
import { nextPublication } from '../../domain/next-publication.ts';
import { decidePublication } from '../../domain/publication.ts';
import type { PublicationPlan } from '../../domain/publication-plan.ts';
import { secondsFrom } from '../../domain/time.ts';
import { assembleCertList, buildTbsCertList, crlValidity } from '../../domain/x509/crl.ts';
import { pemFrom } from '../../domain/x509/pem.ts';
import type { CertificateStore } from '../../ports/certificate-store.ts';
import type { CrlStore } from '../../ports/crl-store.ts';
import type { ReadingDeps } from './deps.ts';
import { ownListOf, readHeldList } from './endpoint-reading.ts';
import { readForecast } from './forecast.ts';
import { crlLifeSecondsFor, entriesFor, highestNumberOf } from './sign-list.ts';
import { readSituation, type Reading } from './situation.ts';

export interface PlanPublicationDeps extends ReadingDeps {
  readonly crls: Pick<CrlStore, 'lastNumber'>;
  readonly certificates: Pick<CertificateStore, 'listByPerson' | 'countByEnd'>;
}

/** A signature of RSA-2048 (RFC 8017), of which only the size counts here. */
const NO_SIGNATURE = new Uint8Array(256);

/**
 * Decides by the publisher's own rule and puts the list together, without giving a number, claiming a row, signing or
 * importing.
 *
 * A person who was denied within the last minute may have no row yet; the publisher makes it first.
 */
export async function planPublication(
  deps: PlanPublicationDeps,
  endpoint: Endpoint,
): Promise<PublicationPlan> {
  const { endpointId } = endpoint;
  const held = await readHeldList(deps, endpointId);
  const reading = await readSituation(deps, endpoint, held);
  const { situation } = reading;
  const next = nextPublication(situation, deps.policy);
  return {
    endpointId,
    ...decidePublication(situation, deps.policy),
    ...(next === undefined ? {} : { next }),
    isGateOn: situation.isGateOn,
    pendingRevocations: (await deps.revocations.listPending(endpointId)).length,
    list: await draftList(deps, reading),
    quota: await readForecast(deps, endpoint.caId),
  };
}

async function draftList(deps: PlanPublicationDeps, reading: Reading): Promise<PublicationPlan['list']> {
  const { endpoint, issuer, held } = reading;
  const { entries, leftOff } = await entriesFor(deps, reading);
  const lastNumber = Math.max(await deps.crls.lastNumber(endpoint.caId), highestNumberOf(reading));
  const crlNumber = lastNumber + 1;
  const now = secondsFrom(deps.clock.now());
  const lifeSeconds = crlLifeSecondsFor(deps, endpoint);
  const { thisUpdate, nextUpdate } = crlValidity({ now, lifeSeconds, caNotAfter: issuer.notAfter });
  const tbs = buildTbsCertList({ issuer, crlNumber, thisUpdate, nextUpdate, revoked: entries });
  const there = ownListOf(held, issuer)?.entries;
  const kept = entries.filter(({ serialNumber }) => there?.has(serialNumber) === true).length;
  return {
    crlNumber,
    nextUpdate,
    entries: entries.length,
    holds: entries.filter(({ reason }) => reason === 'certificateHold').length,
    added: entries.length - kept,
    removed: (there?.size ?? 0) - kept,
    leftOff: leftOff.length,
    sizeOctets: pemFrom('X509 CRL', assembleCertList(tbs, NO_SIGNATURE)).length,
  };
}
