import { DirectoryError } from '../../ports/directory.ts';

/** A page of a thousand people with everything that is known of them has some 4 MB. */
const LARGEST_BODY_OCTETS = 16 * 1024 * 1024;

/** @throws DirectoryError broken: it is too long, or no JSON to its end */
export async function readJson(response: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  const body: ReadableStream<Uint8Array> | null = response.body;
  const reader = body?.getReader();
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    octets += part.value.length;
    if (octets > LARGEST_BODY_OCTETS) {
      await reader?.cancel();
      throw new DirectoryError('broken', 'the directory answers with more than 16 MB');
    }
    chunks.push(part.value);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new DirectoryError('broken', 'the directory answers with what is no JSON, or not to its end');
  }
}
