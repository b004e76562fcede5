import { readFileSync, writeFileSync } from 'node:fs';
import type { RevocationRow } from '../../../shared/domain/crl-facts.ts';
import { assembleCertList, buildTbsCertList } from '../../../shared/domain/x509/crl.ts';
import { assertCrlLints } from '../../../shared/domain/x509/crl-lints.ts';
import { verifyCrl } from '../../../shared/domain/x509/crl-verify.ts';
import { revocationRows } from '../list-material.ts';
import type { Answer } from '../workers.ts';
import { DAY, NOW } from '../../unit/x509/fixtures.ts';
import { answerQuestions, cpuMilliseconds } from './answering.ts';
import { fileCa } from './signing.ts';

/** Makes lists of rows that are in memory. Arguments: the folder of the CA, and how many rows. */

const [directory = '', count = ''] = process.argv.slice(2);
const ca = fileCa(directory);
const rows: readonly RevocationRow[] = revocationRows(Number(count));

const request = {
  issuer: ca.facts,
  crlNumber: 7,
  thisUpdate: NOW - 300,
  nextUpdate: NOW + 60 * DAY,
  revoked: rows,
};

function signedList(): Uint8Array {
  const tbs = buildTbsCertList(request);
  return assembleCertList(tbs, ca.sign(tbs));
}

/** As the publisher does it: rules before the signature, and another reader after it. */
function checkedList(): Uint8Array {
  const tbs = buildTbsCertList(request);
  assertCrlLints(tbs, ca.facts);
  const der = assembleCertList(tbs, ca.sign(tbs));
  verifyCrl(der, { issuer: ca.facts, now: NOW, mustContain: rows, numberAbove: 0 });
  return der;
}

const kilobytesOf = (line: string): number =>
  Number(new RegExp(`^${line}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);

/** How far the resident set grows above what it was, at its highest. Linux tells, and forgets earlier heights. */
function extraMemoryMegabytes(work: () => unknown): number {
  globalThis.gc?.();
  writeFileSync('/proc/self/clear_refs', '5');
  const before = kilobytesOf('VmRSS');
  work();
  return Math.max(0, kilobytesOf('VmHWM') - before) / 1024;
}

answerQuestions(async ({ kind, path }): Promise<Answer> => {
  switch (kind) {
    case 'sign':
      return { cpu: await cpuMilliseconds(signedList) };
    case 'check':
      return { cpu: await cpuMilliseconds(checkedList) };
    case 'memory':
      return { megabytes: extraMemoryMegabytes(signedList) };
    case 'write':
      writeFileSync(String(path), signedList());
      return {};
    default:
      throw new Error(`nobody knows how to ${String(kind)}`);
  }
});
