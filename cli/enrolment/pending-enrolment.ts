import { createHash, generateKeyPair, randomUUID, sign } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { pemFrom } from '../../shared/domain/x509/pem.ts';
import { buildCertificationRequest } from '../../shared/domain/x509/request-builder.ts';
import { parseJson } from '../portal/problems.ts';
import { makePrivateDirectoryOf, readTextFile, removeFile, writePrivateFile } from '../private-file.ts';
import { stateDirectory, type World } from '../world.ts';

const pendingEnrolment = z.object({
  idempotencyKey: z.string(),
  /** The very body that was, or will be, sent: the same key with another one is refused. */
  body: z.string(),
  privateKeyPem: z.string(),
});
export type PendingEnrolment = z.infer<typeof pendingEnrolment>;

export interface EnrolmentTarget {
  readonly portalUrl: string;
  readonly personId: string;
  /** The device that it is for, or the certificate that it renews. */
  readonly deviceName?: string;
  readonly renews?: string;
}

/** An enrolment that this machine keeps until its profile is written, so that a lost answer costs nothing. */
function pathOf(world: World, { portalUrl, personId, deviceName, renews }: EnrolmentTarget): string {
  const name = createHash('sha256')
    .update(JSON.stringify([portalUrl, personId, deviceName ?? { renews }]))
    .digest('hex');
  return join(stateDirectory(world), 'enrolments', `${name.slice(0, 32)}.json`);
}

const load = (path: string): PendingEnrolment | undefined => {
  const text = readTextFile(path);
  return text === undefined ? undefined : pendingEnrolment.safeParse(parseJson(text)).data;
};

/**
 * The unfinished enrolment of this person and device, else a new one, which is on disk when this returns. A new one
 * has a new RSA-2048 key, which leaves this machine in no form.
 */
export async function takeEnrolment(
  world: World,
  target: EnrolmentTarget,
): Promise<PendingEnrolment & { readonly isResumed: boolean }> {
  const path = pathOf(world, target);
  const earlier = load(path);
  if (earlier !== undefined) return { ...earlier, isResumed: true };
  const { csrPem, privateKeyPem } = await makeKeyAndRequest();
  const pending: PendingEnrolment = {
    idempotencyKey: randomUUID(),
    body: JSON.stringify({ csr: csrPem, deviceName: target.deviceName }),
    privateKeyPem,
  };
  makePrivateDirectoryOf(path);
  // Where another process was faster, hers is the one: two keys would become two certificates.
  const isOurs = writePrivateFile(path, JSON.stringify(pending), { isReplacing: false });
  const other = isOurs ? undefined : load(path);
  if (other !== undefined) return { ...other, isResumed: true };
  if (!isOurs) writePrivateFile(path, JSON.stringify(pending), { isReplacing: true });
  return { ...pending, isResumed: false };
}

/** The profile is written, or never will be: nothing of the enrolment is kept, its key least of all. */
export const endEnrolment = (world: World, target: EnrolmentTarget): void =>
  removeFile(pathOf(world, target));

async function makeKeyAndRequest(): Promise<{ csrPem: string; privateKeyPem: string }> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const requestDer = await buildCertificationRequest({
    subjectPublicKeyInfoDer: publicKey.export({ type: 'spki', format: 'der' }),
    sign: (tbs) => sign('sha256', tbs, privateKey),
  });
  return {
    csrPem: pemFrom('CERTIFICATE REQUEST', requestDer),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
