import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCaFacts, type CaFacts } from '../../../shared/domain/x509/ca-facts.ts';
import { derFromPem } from '../../../shared/domain/x509/pem.ts';

/** A CA whose key is a file, as OpenSSL's and cfssl's are. */
export interface FileCa {
  readonly certificateDer: Uint8Array;
  readonly facts: CaFacts;
  readonly sign: (tbs: Uint8Array) => Uint8Array;
}

/** @param directory holds `ca.crt` and `ca.key`, both PEM */
export function fileCa(directory: string): FileCa {
  const key = createPrivateKey(readFileSync(join(directory, 'ca.key')));
  const certificateDer = derFromPem('CERTIFICATE', readFileSync(join(directory, 'ca.crt'), 'utf8'));
  return {
    certificateDer,
    facts: readCaFacts(certificateDer),
    sign: (tbs) => sign('sha256', tbs, key),
  };
}
