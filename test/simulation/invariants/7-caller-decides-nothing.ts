import { X509Certificate } from 'node:crypto';
import { simulatedCa } from '../cloud/kms.ts';
import type { Invariant, Oracle } from '../oracle.ts';
import type { CaId } from '../scenery.ts';
import type { Signed } from '../cloud/kms.ts';

const DAY = 86_400_000;
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

export const callerDecidesNothing: Invariant = {
  number: 7,
  words: 'nothing that a caller sends decides subject, extensions, lifetime or issuer',

  signed: (oracle, signed) => (signed.kind === 'list' ? undefined : faultOf(oracle, signed)),
};

/** Read by Node, not by the code that built it. */
function faultOf(oracle: Oracle, { invocation, caId, tbs, x509 }: Signed): string | undefined {
  const call = oracle.portal.calls.find((one) => one.invocation === invocation);
  if (call?.asked.what !== 'enrol' || x509 === undefined)
    return 'a certificate was signed that nobody asked for';
  const { login, publicKeyDer } = call.asked;
  const lifetime = Date.parse(x509.validTo) - Date.parse(x509.validFrom);
  const names = x509.subjectAltName ?? '';
  const checks: readonly (readonly [boolean, string])[] = [
    [new RegExp(`^O=Example Ltd\nCN=[0-9A-Z]{16}\\.${login}$`).test(x509.subject), 'its subject'],
    [names.includes(oracle.people.idOf(login)) && names.includes(`${login}@example.com`), 'its names'],
    [x509.issuer === issuer(caId), 'its issuer'],
    [!x509.ca && x509.keyUsage.join() === CLIENT_AUTH, 'its use'],
    [lifetime >= 161 * DAY && lifetime <= 199 * DAY, 'its lifetime'],
    [publicKeyDer === undefined || Buffer.from(tbs).includes(Buffer.from(publicKeyDer)), 'its key'],
  ];
  const wrong = checks.find(([isRight]) => !isRight);
  return (
    wrong && `a certificate for ${login} is wrong in ${wrong[1]}: ${x509.subject.replaceAll('\n', ', ')}`
  );
}

const issuers = new Map<CaId, string>();

function issuer(caId: CaId): string {
  const known = issuers.get(caId) ?? new X509Certificate(simulatedCa(caId).certificateDer).subject;
  issuers.set(caId, known);
  return known;
}
