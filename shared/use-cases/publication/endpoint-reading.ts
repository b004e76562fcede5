import { createHash } from 'node:crypto';
import type { Endpoint } from '../../domain/endpoint.ts';
import { readCrl } from '../../domain/x509/crl-reader.ts';
import { derFromPem } from '../../domain/x509/pem.ts';
import type { PublishDeps } from './deps.ts';

/** The list that an endpoint says it holds. */
export interface HeldList {
  readonly status: 'pending' | 'active';
  readonly sha256Hex: string;
  /** 0 where the list cannot be read: then it is not ours, and its number counts for nothing. */
  readonly crlNumber: number;
}

/** @returns undefined where no list was ever imported */
export async function readHeldList(
  { vpnCrl }: Pick<PublishDeps, 'vpnCrl'>,
  endpointId: string,
): Promise<HeldList | undefined> {
  const exported = await vpnCrl.export(endpointId);
  if (exported === undefined) return undefined;
  const { crlPem, status } = exported;
  try {
    const der = derFromPem('X509 CRL', crlPem);
    return { status, sha256Hex: sha256Hex(der), crlNumber: readCrl(der).crlNumber ?? 0 };
  } catch {
    return { status, sha256Hex: sha256Hex(Buffer.from(crlPem)), crlNumber: 0 };
  }
}

/** Whether the endpoint asks our connect handler. */
export async function isGateOn(
  { vpnEndpoints }: Pick<PublishDeps, 'vpnEndpoints'>,
  endpoint: Pick<Endpoint, 'endpointId' | 'gateArn'>,
): Promise<boolean> {
  const settings = await vpnEndpoints.describe(endpoint.endpointId);
  return settings?.connectHandlerArn === endpoint.gateArn;
}

const sha256Hex = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');
