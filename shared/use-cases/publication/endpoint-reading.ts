import { createHash } from 'node:crypto';
import { asksGate, type Endpoint } from '../../domain/endpoint.ts';
import type { CaFacts } from '../../domain/x509/ca-facts.ts';
import { readCrl, type ReadCrl } from '../../domain/x509/crl-reader.ts';
import { derFromPem } from '../../domain/x509/pem.ts';
import { isSignatureOf } from '../../domain/x509/signed.ts';
import type { ReadingDeps } from './deps.ts';

/** The list that an endpoint says it holds. */
export interface HeldList {
  readonly status: 'pending' | 'active';
  readonly sha256Hex: string;
  readonly der: Uint8Array | undefined;
}

/** @returns undefined where no list was ever imported */
export async function readHeldList(
  { vpnCrl }: Pick<ReadingDeps, 'vpnCrl'>,
  endpointId: string,
): Promise<HeldList | undefined> {
  const exported = await vpnCrl.export(endpointId);
  if (exported === undefined) return undefined;
  const { crlPem, status } = exported;
  const der = derIn(crlPem);
  return { status, der, sha256Hex: sha256Hex(der ?? Buffer.from(crlPem)) };
}

function derIn(crlPem: string): Uint8Array | undefined {
  try {
    return derFromPem('X509 CRL', crlPem);
  } catch {
    return undefined;
  }
}

/** The list that the endpoint holds, if our CA has signed it. */
export function ownListOf(held: HeldList | undefined, issuer: CaFacts): ReadCrl | undefined {
  if (held?.der === undefined) return undefined;
  try {
    const list = readCrl(held.der);
    return isSignatureOf(issuer.subjectPublicKeyInfoDer, list.tbsCertListDer, list.signature)
      ? list
      : undefined;
  } catch {
    return undefined;
  }
}

/** Its number, or 0: another's number means nothing, and a huge one would use up the sequence. */
export const ownNumberOf = (held: HeldList | undefined, issuer: CaFacts): number =>
  ownListOf(held, issuer)?.crlNumber ?? 0;

/** Whether the endpoint asks our connect handler. */
export async function isGateOn(
  { vpnEndpoints }: Pick<ReadingDeps, 'vpnEndpoints'>,
  endpoint: Pick<Endpoint, 'endpointId' | 'gateArn'>,
): Promise<boolean> {
  const settings = await vpnEndpoints.describe(endpoint.endpointId);
  return settings !== undefined && asksGate(settings, endpoint.gateArn);
}

const sha256Hex = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');
