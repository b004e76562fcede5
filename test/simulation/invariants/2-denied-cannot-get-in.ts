import { isAcknowledged } from '../calls.ts';
import type { Invariant, Oracle } from '../oracle.ts';
import type { ItemChange } from '../../support/simulated-dynamodb/table.ts';
import { standingDenial } from './acknowledged-denials.ts';
import { lastChangeOf, refusalByTable } from './gate-rule.ts';

export const deniedCannotGetIn: Invariant = {
  number: 2,
  words: 'a denied person has no usable certificate and can get none',

  changed: (oracle, { change }) => gotCertificateWhileDenied(oracle, change),

  gateAnswered: (oracle, { allowed, commonName, endpointId, invocation }) => {
    if (!allowed) return undefined;
    const login = oracle.people.loginOfCommonName(commonName);
    if (standingDenial(oracle, login, invocation.startedAtStep, oracle.machine.step) !== undefined) {
      return `the gate let in ${login} after her denial was acknowledged`;
    }
    const refusal = refusalByTable(oracle, commonName, endpointId);
    const wasSoThroughout = lastChangeOf(oracle, commonName) < invocation.startedAtStep;
    return refusal !== undefined && wasSoThroughout
      ? `the gate let in ${commonName}, though ${refusal}`
      : undefined;
  },

  ended: (oracle, call) => {
    const { asked } = call;
    if (asked.what !== 'enrol' || !isAcknowledged(call)) return undefined;
    return standingDenial(oracle, asked.login, call.startedAtStep, call.endedAtStep) === undefined
      ? undefined
      : `${asked.login} got a certificate after her denial was acknowledged`;
  },
};

/** Reserving and recording are the two writes that bring somebody nearer to a certificate. */
function gotCertificateWhileDenied(
  oracle: Oracle,
  { pk, sk, before, after }: ItemChange,
): string | undefined {
  if (sk !== 'CERT' || !pk.startsWith('CERT#') || after === undefined) return undefined;
  const isReserved = before === undefined;
  const isIssued = before?.['issued'] === undefined && after['issued'] !== undefined;
  if (!isReserved && !isIssued) return undefined;
  const login = oracle.people.loginOfCommonName(String(after['commonName']));
  if (oracle.denialsOf(login).length === 0) return undefined;
  return `a certificate was ${isReserved ? 'reserved' : 'recorded as issued'} for ${login}, who is denied`;
}
