import { createPrivateKey, randomBytes, sign as signOctets } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import {
  certificateIdFrom,
  SERIAL_NUMBER_OCTETS,
  serialNumberOf,
} from '../../../shared/domain/certificate-id.ts';
import { commonNameFor } from '../../../shared/domain/common-name.ts';
import { personIdFrom } from '../../../shared/domain/identity.ts';
import { readCaFacts } from '../../../shared/domain/x509/ca-facts.ts';
import {
  assembleCertificate,
  buildTbsCertificate,
  leafValidity,
} from '../../../shared/domain/x509/certificate.ts';
import { assertCertificateLints } from '../../../shared/domain/x509/certificate-lints.ts';
import {
  certificationRequestDerFrom,
  parseCertificationRequest,
} from '../../../shared/domain/x509/certification-request.ts';
import { signVerified } from '../../../shared/use-cases/sign-verified.ts';
import { NOW } from '../../unit/x509/fixtures.ts';
import { answerQuestions, cpuMilliseconds } from './answering.ts';
import { fileCa } from './signing.ts';

/**
 * Issues certificates as the use case does between request and answer, without a store. Arguments: the folder of the
 * CA, and a JSON file of PEM requests.
 */

const [directory = '', requestFile = ''] = process.argv.slice(2);
const ca = fileCa(directory);
const requests = z.array(z.string()).parse(JSON.parse(readFileSync(requestFile, 'utf8')));
const signer = {
  publicKey: async () => ca.facts.subjectPublicKeyInfoDer,
  sign: async (_: string, tbs: Uint8Array) => ca.sign(tbs),
};
const person = { personId: personIdFrom('https://issuer.example', 'alice'), login: 'alice@example.com' };

/** From the text of a request to the DER of a certificate. */
async function issue(csr: string): Promise<Uint8Array> {
  const { subjectPublicKeyInfoDer } = parseCertificationRequest(certificationRequestDerFrom(csr));
  const certificateId = certificateIdFrom(randomBytes(SERIAL_NUMBER_OCTETS));
  // The use case reads them of what the store gave it.
  const issuer = readCaFacts(ca.certificateDer);
  const jitterFraction = randomBytes(4).readUInt32BE(0) / 2 ** 32;
  const tbs = buildTbsCertificate({
    serialNumber: serialNumberOf(certificateId),
    issuer,
    commonName: commonNameFor(certificateId, person.login),
    organization: 'Example Ltd',
    personId: person.personId,
    email: person.login,
    subjectPublicKeyInfoDer,
    ...leafValidity({ now: NOW, jitterFraction, caNotAfter: issuer.notAfter }),
  });
  assertCertificateLints(tbs, issuer);
  return assembleCertificate(tbs, await signVerified(signer, { ...issuer, keyId: 'key' }, tbs));
}

const key = createPrivateKey(readFileSync(join(directory, 'ca.key')));
const message = randomBytes(600);

answerQuestions(async ({ kind, count }) => {
  const times = Number(count);
  if (kind === 'raw') {
    return {
      cpu: await cpuMilliseconds(() => {
        for (let run = 0; run < times; run += 1) signOctets('sha256', message, key);
      }),
    };
  }
  return {
    cpu: await cpuMilliseconds(async () => {
      for (let run = 0; run < times; run += 1) await issue(requests[run % requests.length] ?? '');
    }),
  };
});
