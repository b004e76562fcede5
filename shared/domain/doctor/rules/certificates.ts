import { SECONDS_PER_DAY, secondsFrom } from '../../time.ts';
import { certificateFactsFrom } from '../certificate-facts.ts';
import { awsCure, deployCure } from '../cures.ts';
import type { CertificateFacts, EndpointFacts } from '../facts.ts';
import { broken, info, warning, well, type Finding } from '../finding.ts';
import { whenWords } from '../words.ts';
import type { EndpointRule } from './rule.ts';

/** As long as the alarm of the template. */
const SERVER_CERTIFICATE_WARNING_DAYS = 60;
const CA_WARNING_DAYS = 365;
/** Client VPN takes no others (administrator guide, mutual authentication); the portal makes the longer. */
const CLIENT_VPN_KEYS = ['RSA-2048', 'RSA-1024'];

/** What the endpoint shows to clients: there, in time, with a name and a key that Client VPN takes. */
export const serverCertificateServes: EndpointRule = ({ settings, serverCertificate }, { now, place }) => {
  if (settings?.value === undefined || serverCertificate === undefined) return [];
  const { serverCertificateArn } = settings.value;
  if (serverCertificate.value === undefined) {
    return [
      broken(
        { code: 'serverCertificateMissing', impact: 'connect' },
        {
          seen: `ACM has no ${serverCertificateArn}`,
          why: 'The endpoint names it as its own; without it nobody connects.',
          cure: awsCure(place, 'see which certificates there are', 'acm list-certificates'),
        },
      ),
    ];
  }
  const { certificate } = serverCertificate.value;
  return [
    ...lifeFindings(certificate, secondsFrom(now), deployCure(place, 'make a new one under the same ARN')),
    ...nameFindings(certificate),
    ...keyFindings('server certificate', 'serverCertificateKey', certificate),
  ];
};

function lifeFindings(certificate: CertificateFacts, now: number, cure: Finding['cure']): Finding[] {
  const { notBefore, notAfter } = certificate;
  const withCure = cure === undefined ? {} : { cure };
  if (notAfter <= now || notBefore > now) {
    return [
      broken(
        { code: 'serverCertificateEnded', impact: 'connect' },
        {
          seen:
            notAfter <= now
              ? `the server certificate ended ${whenWords(notAfter, now)}`
              : `the server certificate begins ${whenWords(notBefore, now)}`,
          why: 'Clients refuse the endpoint: nobody can connect.',
          ...withCure,
        },
      ),
    ];
  }
  const words = `the server certificate ends ${whenWords(notAfter, now)}`;
  if (notAfter - now < SERVER_CERTIFICATE_WARNING_DAYS * SECONDS_PER_DAY) {
    return [
      warning(
        { code: 'serverCertificateEnds', impact: 'connect' },
        {
          seen: words,
          why: 'From then on clients refuse the endpoint. ACM takes a day to pass on a new one.',
          ...withCure,
        },
      ),
    ];
  }
  return [well({ code: 'serverCertificateInTime', impact: 'connect' }, words)];
}

function nameFindings({ commonName, dnsNames }: CertificateFacts): Finding[] {
  const names = [...new Set([...dnsNames, commonName].filter((name) => name.includes('.')))];
  if (names.length > 0) {
    return [well({ code: 'serverCertificateName', impact: 'connect' }, `it is for ${names.join(', ')}`)];
  }
  return [
    broken(
      { code: 'serverCertificateNoName', impact: 'connect' },
      {
        seen: `the server certificate has no domain name, only "${commonName}"`,
        why: 'Client VPN takes none without a domain, so no endpoint can be made or changed with it.',
        cure: { words: 'import one whose subjectAltName has a domain name under the same ARN' },
      },
    ),
  ];
}

function keyFindings(what: string, code: string, { key }: CertificateFacts): Finding[] {
  if (key === 'RSA-2048') return [well({ code, impact: 'connect' }, `the ${what} has an ${key} key`)];
  const isTaken = CLIENT_VPN_KEYS.includes(key);
  const trouble = {
    seen: `the ${what} has an ${key} key`,
    why: isTaken ? 'So short a key can be broken.' : 'Client VPN takes RSA keys of 1024 and 2048 bits only.',
    cure: { words: 'replace it by one with an RSA key of 2048 bits' },
  };
  const subject = { code: `${code}Unfit`, impact: 'connect' } as const;
  return [isTaken ? warning(subject, trouble) : broken(subject, trouble)];
}

/** The endpoint lets in those, and only those, whom the portal's CA has signed. */
export const clientsAreJudgedByOurCa: EndpointRule = (endpoint, { now, place }) => {
  const authority = endpoint.authority?.value;
  const root = endpoint.clientRoot?.value;
  const settings = endpoint.settings?.value;
  if (settings === undefined || endpoint.clientRoot === undefined) return [];
  const arn = settings.authentication.find(
    ({ clientRootCertificateArn }) => clientRootCertificateArn,
  )?.clientRootCertificateArn;
  if (arn === undefined) return [];
  if (root === undefined) {
    return [
      broken(
        { code: 'clientCaMissing', impact: 'connect' },
        {
          seen: `ACM has no ${arn}`,
          why: 'It tells the endpoint which CA to trust; without it no certificate passes.',
          cure: awsCure(place, 'see which certificates there are', 'acm list-certificates'),
        },
      ),
    ];
  }
  if (authority === undefined) {
    return [
      info(
        { code: 'clientCaNotCompared', impact: 'connect' },
        `clients are judged by ${rootOf(root).commonName}`,
      ),
    ];
  }
  return [
    ...comparedRoot(endpoint, arn),
    ...ownCaFindings(certificateFactsFrom(authority.certificateDer), secondsFrom(now)),
  ];
};

const rootOf = ({
  certificate,
  chain,
}: {
  certificate: CertificateFacts;
  chain: readonly CertificateFacts[];
}) => chain.at(-1) ?? certificate;

function comparedRoot({ authority, clientRoot, registration }: EndpointFacts, arn: string): Finding[] {
  if (authority?.value === undefined || clientRoot?.value === undefined) return [];
  const ours = certificateFactsFrom(authority.value.certificateDer);
  const { certificate, chain } = clientRoot.value;
  const trusted = chain.length === 0 ? [certificate] : chain;
  if (!trusted.some(({ sha256Hex }) => sha256Hex === ours.sha256Hex)) {
    return [
      broken(
        { code: 'clientCaDiffers', impact: 'connect' },
        {
          seen: `the endpoint trusts ${rootOf(clientRoot.value).commonName} (SHA-256 ${rootOf(clientRoot.value).sha256Hex.slice(0, 16)}…), the portal signs as ${ours.commonName} (${ours.sha256Hex.slice(0, 16)}…)`,
          why: "No certificate of the portal is let in, and the portal's list says nothing about those that are.",
          cure: { words: `import the portal's CA as the chain of ${arn} (docs/deploy.md)` },
        },
      ),
    ];
  }
  const others = trusted.filter(({ sha256Hex }) => sha256Hex !== ours.sha256Hex);
  const expected = registration?.value?.serverCertificateArn;
  return [
    well({ code: 'clientCaOurs', impact: 'connect' }, `the endpoint trusts our CA, ${ours.commonName}`),
    ...(others.length === 0
      ? []
      : [
          warning(
            { code: 'clientCaOthers', impact: 'keepOut' },
            {
              seen: `the endpoint trusts ${others.map(({ commonName }) => commonName).join(', ')} too`,
              why: 'What another CA signs is on no list of ours. The gate refuses it, the list does not.',
              cure: { words: `import under ${arn} a chain of our CA alone` },
            },
          ),
        ]),
    ...(expected === undefined || expected === arn
      ? []
      : [
          info(
            { code: 'clientCaOtherArn', impact: 'connect' },
            `it learns of our CA from ${arn}, not from ${expected}`,
          ),
        ]),
  ];
}

function ownCaFindings(ours: CertificateFacts, now: number): Finding[] {
  const words = `the CA ends ${whenWords(ours.notAfter, now)}`;
  const why = 'It signs nothing that outlives it; then no certificate of it lets anybody in.';
  const subject = { impact: 'keepRunning' } as const;
  const life =
    ours.notAfter <= now
      ? broken({ code: 'caEnded', impact: 'connect' }, { seen: words, why, cure: rollover })
      : ours.notAfter - now < CA_WARNING_DAYS * SECONDS_PER_DAY
        ? warning({ code: 'caEnds', ...subject }, { seen: words, why, cure: rollover })
        : well({ code: 'caInTime', ...subject }, words);
  return [life, ...keyFindings('CA', 'caCertificateKey', ours)];
}

const rollover = { words: 'begin the rollover to a new CA beside it (docs/deploy.md)' };
