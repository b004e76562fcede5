import { mkdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a CRL file so that OpenVPN notices.
 *
 * OpenVPN reads the file again only if its size, or its mtime in whole seconds, differs: a list of the same size
 * in the same second would be ignored, and the certificate it revokes would get in. So the mtime always moves on,
 * ahead of the clock if it must. The rename keeps it from ever reading half a file.
 */
export async function replaceCrlFile(path: string, crlPem: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const previous = await stat(path).catch(() => undefined);
  const nowSeconds = Math.ceil(Date.now() / 1000);
  const seconds = previous ? Math.max(nowSeconds, Math.floor(previous.mtimeMs / 1000) + 1) : nowSeconds;
  const next = `${path}.next`;
  await writeFile(next, crlPem);
  await utimes(next, seconds, seconds);
  await rename(next, path);
}
