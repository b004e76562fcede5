import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endpointRecord, type EndpointRecord } from './endpoint-record.ts';

const RECORD = 'endpoint.json';
const CRL = 'crl.pem';

export interface StoredEndpoint {
  readonly record: EndpointRecord;
  readonly crlPem?: string;
}

/** One directory per endpoint, so that a restart finds endpoints, ports and lists as they were. */
export interface EndpointFiles {
  /** What belongs to the endpoint's server lies here too. */
  directoryOf(endpointId: string): string;
  save(record: EndpointRecord): Promise<void>;
  saveCrl(endpointId: string, crlPem: string): Promise<void>;
  /** Oldest first. */
  load(): Promise<StoredEndpoint[]>;
  remove(endpointId: string): Promise<void>;
}

export function endpointFiles(directory: string): EndpointFiles {
  const directoryOf = (endpointId: string): string => join(directory, endpointId);
  return {
    directoryOf,
    save: (record) =>
      replaceFile(directoryOf(record.endpointId), RECORD, `${JSON.stringify(record, null, 2)}\n`),
    saveCrl: (endpointId, crlPem) => replaceFile(directoryOf(endpointId), CRL, crlPem),
    async load() {
      const names = await readdir(directory).catch(() => []);
      const stored: StoredEndpoint[] = [];
      for (const name of names.filter((entry) => entry.startsWith('cvpn-endpoint-'))) {
        // A directory without a record is an endpoint whose creation did not get to its end.
        const json = await readFile(join(directory, name, RECORD), 'utf8').catch(() => undefined);
        if (json === undefined) continue;
        const crlPem = await readFile(join(directory, name, CRL), 'utf8').catch(() => undefined);
        stored.push({
          record: endpointRecord.parse(JSON.parse(json)),
          ...(crlPem !== undefined && { crlPem }),
        });
      }
      return stored.sort((a, b) => a.record.sequence - b.record.sequence);
    },
    remove: (endpointId) => rm(directoryOf(endpointId), { recursive: true, force: true }),
  };
}

/** Whoever reads sees the old or the new, never a part. */
async function replaceFile(directory: string, name: string, content: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const next = join(directory, `${name}.next`);
  await writeFile(next, content, { mode: 0o600 });
  await rename(next, join(directory, name));
}
