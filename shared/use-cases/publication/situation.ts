import type { Endpoint } from '../../domain/endpoint.ts';
import type { PublicationSituation } from '../../domain/publication.ts';
import { secondsFrom, SECONDS_PER_DAY } from '../../domain/time.ts';
import { readCaFacts, type CaFacts } from '../../domain/x509/ca-facts.ts';
import type { PublicationOptions, ReadingDeps } from './deps.ts';
import { isGateOn, ownNumberOf, type HeldList } from './endpoint-reading.ts';
import { doHoldsDiffer, readHolds, type Holds } from './holds.ts';

/** An endpoint and its CA, what it holds, and all that the decision is made of. */
export interface Reading {
  readonly endpoint: Endpoint;
  readonly issuer: CaFacts;
  /** The id of the CA's key at the signer. */
  readonly keyId: string;
  readonly held: HeldList | undefined;
  readonly situation: PublicationSituation;
  /** Who is held and must be on the list, where no gate keeps them out. */
  readonly holds: Holds | undefined;
}

/** @throws Error when its CA is not set up */
export async function readSituation(
  deps: ReadingDeps,
  endpoint: Endpoint,
  held: HeldList | undefined,
  { gateGoesOff }: PublicationOptions = {},
): Promise<Reading> {
  const { endpointId, caId, crl, importAttempt } = endpoint;
  const authority = await deps.endpoints.findAuthority(caId);
  if (authority === undefined) throw new Error(`the CA ${caId} is not set up`);
  const issuer = readCaFacts(authority.certificateDer);
  const [oldest] = await deps.revocations.listPending(endpointId, 1);
  const isUnseen = importAttempt !== undefined && importAttempt.crlNumber > (crl?.crlNumber ?? 0);
  const isOn = (await isGateOn(deps, endpoint)) && gateGoesOff === undefined;
  const holds = isOn ? undefined : await readHolds(deps, caId);
  const exported = exportedOf(endpoint, held, issuer);
  const now = deps.clock.now();
  return {
    endpoint,
    issuer,
    keyId: authority.keyId,
    held,
    holds,
    situation: {
      now,
      confirmed: crl,
      exported,
      exportedStatus: held?.status,
      attempt: isUnseen ? importAttempt : undefined,
      isAttemptHeld: isUnseen && held?.sha256Hex === importAttempt.sha256Hex,
      oldestPendingSince: oldest?.since,
      doHoldsDiffer: exported === 'same' && doHoldsDiffer(held, holds),
      isGateOn: isOn,
      gateGoesOff: gateGoesOff && {
        nextUpdateFrom: Math.min(
          secondsFrom(now) + gateGoesOff.crlLifeSeconds - SECONDS_PER_DAY,
          issuer.notAfter,
        ),
      },
      request: endpoint.publicationRequest,
      lastUnplannedImportAt: endpoint.lastUnplannedImportAt,
    },
  };
}

/** What the endpoint says that it holds, against what we recorded and sent. */
function exportedOf(
  { crl, importAttempt }: Endpoint,
  held: HeldList | undefined,
  issuer: CaFacts,
): PublicationSituation['exported'] {
  if (held === undefined) return 'none';
  if (held.sha256Hex === crl?.sha256Hex) return 'same';
  const highest = Math.max(crl?.crlNumber ?? 0, importAttempt?.crlNumber ?? 0);
  const number = ownNumberOf(held, issuer);
  return number > 0 && number < highest ? 'older' : 'other';
}
