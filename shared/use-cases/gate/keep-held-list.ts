import type { CaFacts } from '../../domain/x509/ca-facts.ts';
import { assembleCertList, buildTbsCertList } from '../../domain/x509/crl.ts';
import { assertCrlLints } from '../../domain/x509/crl-lints.ts';
import { readCrl, type ReadCrl } from '../../domain/x509/crl-reader.ts';
import { verifyCrl } from '../../domain/x509/crl-verify.ts';
import { pemFrom } from '../../domain/x509/pem.ts';
import { isSignatureOf } from '../../domain/x509/signed.ts';
import { SECONDS_PER_DAY, secondsFrom } from '../../domain/time.ts';
import type { VpnCrl } from '../../ports/client-vpn.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Signer } from '../../ports/signer.ts';
import { readHeldList } from '../publication/endpoint-reading.ts';
import { GateSwitchRefused } from './switch-gate.ts';

export interface KeepHeldListDeps {
  readonly vpnCrl: VpnCrl;
  readonly signer: Signer;
  readonly clock: Clock;
}

export interface HeldListFacts {
  readonly crlNumber: number;
  readonly entries: number;
  /** Epoch seconds. */
  readonly nextUpdate: number;
  readonly isSignedAgain: boolean;
}

/** A list that ends sooner is signed again: without a store nobody else will. */
const NEAR_END_SECONDS = 30 * SECONDS_PER_DAY;
/**
 * The store counts numbers and cannot be asked; it may have given some that no endpoint shows. A leap stays above them,
 * and the store goes on above whatever an endpoint holds.
 */
const NUMBER_LEAP = 1_000;
const PAUSES_MILLISECONDS = [200, 1_000, ...Array.from({ length: 60 }, () => 5_000)];

/**
 * Looks after an endpoint's list with EC2 and KMS alone, where the store cannot be read: the list that is there stays,
 * and is signed again for longer, with everybody who is on it, if it ends soon. Whoever was denied since it was made
 * is not on it.
 *
 * @param order.keyIds the keys of the CAs that it may be of; which one it is of, its signature says
 * @throws GateSwitchRefused where there is no list of any of these keys
 */
export async function keepHeldList(
  deps: KeepHeldListDeps,
  order: { readonly endpointId: string; readonly keyIds: readonly string[]; readonly crlLifeSeconds: number },
): Promise<HeldListFacts> {
  const { endpointId, keyIds, crlLifeSeconds } = order;
  const held = await readHeldList(deps, endpointId);
  if (held?.der === undefined || held.status !== 'active') {
    throw new GateSwitchRefused('listNotActive', `${endpointId} holds no list that is active`);
  }
  const list = readCrl(held.der);
  const { nextUpdate = 0, crlNumber = 0 } = list;
  const key = await keyThatSigned(deps.signer, list, keyIds);
  if (key === undefined) {
    const tried = keyIds.join(', ');
    throw new GateSwitchRefused('listOfAnotherKey', `the list at ${endpointId} is not signed by ${tried}`);
  }
  const now = secondsFrom(deps.clock.now());
  if (nextUpdate > now + NEAR_END_SECONDS) {
    return { crlNumber, entries: list.entries.size, nextUpdate, isSignedAgain: false };
  }
  const der = await signAgain(deps, list, { ...key, crlLifeSeconds, now });
  await deps.vpnCrl.import(endpointId, pemFrom('X509 CRL', der));
  await untilHeld(deps, endpointId, der);
  const facts = { crlNumber: crlNumber + NUMBER_LEAP, entries: list.entries.size };
  return { ...facts, nextUpdate: now + crlLifeSeconds, isSignedAgain: true };
}

interface SigningKey {
  readonly keyId: string;
  readonly subjectPublicKeyInfoDer: Uint8Array;
}

/** @throws what was thrown where a key could not be read, and no other is the one */
async function keyThatSigned(
  signer: Signer,
  { tbsCertListDer, signature }: ReadCrl,
  keyIds: readonly string[],
): Promise<SigningKey | undefined> {
  const failures: unknown[] = [];
  for (const keyId of keyIds) {
    try {
      const subjectPublicKeyInfoDer = await signer.publicKey(keyId);
      if (isSignatureOf(subjectPublicKeyInfoDer, tbsCertListDer, signature))
        return { keyId, subjectPublicKeyInfoDer };
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return undefined;
}

async function signAgain(
  { signer }: KeepHeldListDeps,
  { issuerNameDer, authorityKeyIdentifierHex = '', crlNumber = 0, entries }: ReadCrl,
  order: SigningKey & { readonly crlLifeSeconds: number; readonly now: number },
): Promise<Uint8Array> {
  const { keyId, subjectPublicKeyInfoDer, crlLifeSeconds, now } = order;
  // What the CA's certificate would say; its end is not known here.
  const issuer: CaFacts = {
    subjectNameDer: issuerNameDer,
    subjectKeyIdentifierHex: authorityKeyIdentifierHex,
    subjectPublicKeyInfoDer,
    notBefore: 0,
    notAfter: now + crlLifeSeconds,
  };
  const revoked = [...entries.values()];
  const tbsCertListDer = buildTbsCertList({
    issuer,
    crlNumber: crlNumber + NUMBER_LEAP,
    thisUpdate: now,
    nextUpdate: now + crlLifeSeconds,
    revoked,
  });
  assertCrlLints(tbsCertListDer, issuer);
  const der = assembleCertList(tbsCertListDer, await signer.sign(keyId, tbsCertListDer));
  verifyCrl(der, { issuer, now, mustContain: revoked, numberAbove: crlNumber });
  return der;
}

async function untilHeld(
  { vpnCrl, clock }: KeepHeldListDeps,
  endpointId: string,
  der: Uint8Array,
): Promise<void> {
  for (const pause of PAUSES_MILLISECONDS) {
    await clock.sleep(pause);
    const held = await readHeldList({ vpnCrl }, endpointId);
    if (held?.status === 'active' && held.der !== undefined && Buffer.compare(held.der, der) === 0) return;
  }
  throw new GateSwitchRefused('listNotActive', `${endpointId} does not show the new list yet`);
}
