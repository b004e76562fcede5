import type * as z from 'zod';
import { certificateIdOfCommonName } from '../../shared/domain/common-name.ts';
import { parseCertificateId } from '../../shared/domain/certificate-id.ts';
import { explanationView, foundCertificateView } from '../../shared/http/api/administration.ts';
import { defineCommand } from '../command.ts';
import { apiPath, type PortalApi } from '../portal/api.ts';
import type { Screen } from '../terminal/screen.ts';
import { findPerson, parseWho, WHO_WORDS, type PersonDetails } from '../who.ts';
import { printCertificate, printCertificates, type CertificateView } from './certificate-words.ts';
import { printPlanned } from './planned.ts';
import { personName, printPerson } from './person-words.ts';

export const person = defineCommand({
  name: 'person',
  audience: 'administrator',
  summary: 'show a person: names, access, and certificates',
  arguments: { WHO: { words: WHO_WORDS } },
  options: {},
  examples: ['person alice@example.com', 'person login:alice'],
  async run({ screen, portal }, { WHO: who }) {
    const details = await findPerson(portal(), parseWho(who));
    printPerson(screen, details);
    if (details.planned.length > 0) printPlanned(screen, details.planned);
    if (details.certificates.length > 0) printCertificates(screen, details.certificates);
    return details;
  },
});

export const certificate = defineCommand({
  name: 'certificate',
  audience: 'administrator',
  summary: 'show a certificate by whatever you have of it, and its owner',
  arguments: { WHAT: { words: 'an id, serial number, common name or SHA-256 fingerprint' } },
  options: {},
  examples: ['certificate 7K3M9QZ2X4T1ABCD', 'certificate 39:c7:4a:bb:e2:e9:34:0a:b0:8d'],
  async run({ screen, portal }, { WHAT: what }) {
    const found = await portal().get(apiPath`/v1/admin/certificates/${what}`, foundCertificateView);
    printCertificate(screen, found.certificate);
    if (found.person !== undefined) printPerson(screen, found.person);
    return found;
  },
});

/** Serial numbers and fingerprints, with colons or without. */
const HEX_OR_DECIMAL = /^(0x)?[0-9a-f:]{16,}$/i;

export const find = defineCommand({
  name: 'find',
  audience: 'administrator',
  summary: 'show whose it is, by whatever you have: a person, or a certificate and its owner',
  arguments: { WHAT: { words: `${WHO_WORDS}; or an id, serial number, common name or fingerprint` } },
  options: {},
  examples: ['find alice@example.com', 'find 7K3M9QZ2X4T1ABCD.alice'],
  run(context, { WHAT: what }) {
    const isOfCertificate =
      certificateIdOfCommonName(what) !== undefined ||
      parseCertificateId(what) !== undefined ||
      HEX_OR_DECIMAL.test(what);
    return isOfCertificate ? certificate.run(context, { WHAT: what }) : person.run(context, { WHO: what });
  },
});

export const why = defineCommand({
  name: 'why',
  audience: 'administrator',
  summary: 'say what the gate would answer a certificate or a person now, and why',
  arguments: { WHAT: { words: `a common name, a certificate id, or a person: ${WHO_WORDS}` } },
  options: {
    endpoint: { value: 'ID', words: 'at this endpoint; each certificate’s own when absent' },
    'signed-in-as': { value: 'NAME', words: 'as if somebody had signed in there by this name' },
  },
  examples: ['why alice@example.com', 'why 7K3M9QZ2X4T1ABCD.alice'],
  async run({ screen, portal }, { WHAT: what, endpoint, 'signed-in-as': signedInAs }) {
    const api = portal();
    if (certificateIdOfCommonName(what) !== undefined) {
      const explanation = await explain(api, { commonName: what, endpointId: endpoint, signedInAs });
      if (explanation.person !== undefined) printPerson(screen, explanation.person);
      printExplanation(screen, what, explanation);
      return { explanations: [explanation] };
    }
    const certificates = await certificatesOf(api, what, screen);
    const explanations: Explanation[] = [];
    for (const { commonName, endpointIds } of certificates.list) {
      for (const endpointId of endpoint === undefined ? endpointIds : [endpoint]) {
        const explanation = await explain(api, { commonName, endpointId, signedInAs });
        printExplanation(screen, commonName, explanation);
        explanations.push(explanation);
      }
    }
    if (explanations.length === 0) screen.line('There is no certificate that the gate could be asked about.');
    return { ...(certificates.person && { person: certificates.person }), explanations };
  },
});

type Explanation = z.infer<typeof explanationView>;

const explain = (
  api: PortalApi,
  {
    commonName,
    endpointId,
    signedInAs,
  }: { commonName: string; endpointId: string | undefined; signedInAs: string | undefined },
): Promise<Explanation> =>
  api.get('/v1/admin/explanation', explanationView, {
    commonName,
    ...(endpointId === undefined ? {} : { endpointId }),
    ...(signedInAs === undefined ? {} : { signedInAs }),
  });

/** The certificate of an id, or those of a person that have not expired. */
async function certificatesOf(
  api: PortalApi,
  what: string,
  screen: Screen,
): Promise<{ list: readonly CertificateView[]; person?: z.infer<typeof foundCertificateView>['person'] }> {
  if (parseCertificateId(what) !== undefined) {
    const found = await api.get(apiPath`/v1/admin/certificates/${what}`, foundCertificateView);
    if (found.person !== undefined) printPerson(screen, found.person);
    return { list: [found.certificate], ...(found.person && { person: found.person }) };
  }
  const details: PersonDetails = await findPerson(api, parseWho(what));
  printPerson(screen, details);
  return { list: details.certificates.filter(({ state }) => state !== 'expired'), person: details };
}

function printExplanation(screen: Screen, commonName: string, explanation: Explanation): void {
  const {
    allowed,
    cause = '',
    words = '',
    endpointId,
    certificate: found,
    observed,
    signInNames,
  } = explanation;
  const device = found === undefined ? '' : ` ("${found.deviceName}")`;
  if (allowed) {
    screen.done(`${commonName}${device} would be let in at ${endpointId}`);
    if (observed !== undefined) screen.note(`  though: ${observed}. The gate only observes there`);
  } else {
    screen.failed(`${commonName}${device} would be refused at ${endpointId}: ${cause}`);
    screen.note(`  ${found === undefined ? 'They' : ownerOf(explanation)} would read: ${words}`);
  }
  if (signInNames !== undefined) {
    screen.note(
      `  They sign in there as well, as ${signInNames.join(' or ') || 'nobody: they have no such name'}`,
    );
  }
}

const ownerOf = ({ person: owner }: Explanation): string =>
  owner === undefined ? 'They' : personName(owner);
