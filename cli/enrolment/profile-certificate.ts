import { X509Certificate } from 'node:crypto';
import { certificateIdOfCommonName } from '../../shared/domain/common-name.ts';
import { localFailure, usageFailure } from '../failure.ts';
import { readTextFile } from '../private-file.ts';
import { filePath, type World } from '../world.ts';

export interface ProfileOnDisk {
  readonly path: string;
  readonly text: string;
  /** Of the certificate in it. */
  readonly certificateId: string;
}

/**
 * Reads a profile that enrol or renew wrote, and which certificate it holds.
 *
 * @throws Failure where there is none, or none of the portal's
 */
export function readProfile(world: World, name: string): ProfileOnDisk {
  const path = filePath(world, name);
  const text = readTextFile(path);
  if (text === undefined) throw usageFailure(`There is no file ${path}`, 'name the profile that enrol wrote');
  const certificateId = certificateIdIn(text);
  if (certificateId !== undefined) return { path, text, certificateId };
  throw localFailure(
    'noProfile',
    `${path} is no profile of the portal: it holds no certificate with an id`,
    'name the profile that enrol wrote',
  );
}

/** The certificate's common name begins with its id. */
function certificateIdIn(profile: string): string | undefined {
  const pem = /<cert>\s*(-----BEGIN CERTIFICATE-----[^<]*)<\/cert>/.exec(profile)?.[1];
  if (pem === undefined) return undefined;
  try {
    const commonName = /^CN=(.*)$/m.exec(new X509Certificate(pem).subject)?.[1];
    return commonName === undefined ? undefined : certificateIdOfCommonName(commonName);
  } catch {
    return undefined;
  }
}
