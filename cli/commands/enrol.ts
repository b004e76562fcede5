import { createPrivateKey, X509Certificate } from 'node:crypto';
import { withPrivateKey } from '../../shared/domain/profile.ts';
import { issuedCertificateView, meView } from '../../shared/http/api/certificates.ts';
import { defineCommand } from '../command.ts';
import { isLoopback } from '../configuration.ts';
import { endEnrolment, takeEnrolment } from '../enrolment/pending-enrolment.ts';
import { profilePath, saveProfile } from '../enrolment/profile-file.ts';
import { Failure, localFailure } from '../failure.ts';
import type { Screen } from '../terminal/screen.ts';
import { momentOf, shellWord } from '../terminal/words.ts';

const issued = issuedCertificateView.pick({
  certificateId: true,
  serialNumber: true,
  commonName: true,
  notAfter: true,
  certificate: true,
  profile: true,
});

/** With these the same key can never get its certificate, so that it need not be kept. */
const HOPELESS = [
  'badCsr',
  'badPublicKey',
  'badSignatureAlgorithm',
  'certificateNotActive',
  'idempotencyKeyReused',
  'keyAlreadyDelivered',
  'malformedRequest',
  'publicKeyInUse',
];

export const enrol = defineCommand({
  name: 'enrol',
  audience: 'employee',
  summary: 'get a certificate for this machine, and a complete profile with its key',
  notes: [
    'The key is made here and never leaves this machine.',
    'When something fails in between, give the same command again: it goes on with the same key.',
  ],
  arguments: {},
  options: {
    device: { value: 'NAME', words: 'what you call the device; this machine’s name when absent' },
    out: { value: 'FILE', words: 'where the profile goes; vpn-<device>.ovpn when absent' },
    force: { words: 'replace a file of that name' },
  },
  examples: ['enrol', 'enrol --device "work laptop" --out ~/vpn.ovpn'],
  async run({ world, screen, portal, configuration }, { device, out, force }) {
    const deviceName = (device ?? deviceNameOf(world.hostname)).normalize('NFC').trim();
    const file = out ?? fileNameOf(deviceName);
    // Looked at first: a certificate whose profile has no place helps nobody.
    profilePath(world, file, force);
    const api = portal();
    const { personId } = await api.get('/v1/me', meView);
    const target = { portalUrl: configuration().portalUrl, personId, deviceName };
    const pending = await takeEnrolment(world, target);
    if (pending.isResumed) screen.note('Going on with an enrolment that was not finished.');
    const { idempotencyKey, body, privateKeyPem } = pending;
    const answer = await api
      .post('/v1/certificates', body, issued, { idempotencyKey })
      .catch((error: unknown) => {
        if (isOver(error, pending.isResumed)) endEnrolment(world, target);
        throw error;
      });
    assertOurs(answer.certificate, privateKeyPem);
    const path = saveProfile(world, {
      name: file,
      text: withPrivateKey(answer.profile, privateKeyPem),
      isReplacing: force,
    });
    endEnrolment(world, target);
    const { certificateId, serialNumber, commonName, notAfter } = answer;
    screen.done(`Certificate ${certificateId} for "${deviceName}", valid until ${momentOf(notAfter)}`);
    screen.done(`Profile with its key: ${path}`);
    printNextSteps(screen, path, target.portalUrl);
    const { isResumed } = pending;
    return { certificateId, serialNumber, commonName, deviceName, notAfter, file: path, isResumed };
  },
});

/** A refusal in the first attempt means that nothing was begun; later, something may have been. */
function isOver(error: unknown, isResumed: boolean): boolean {
  if (!(error instanceof Failure)) return false;
  const { status = 0, code } = error.facts;
  return HOPELESS.includes(code) || (!isResumed && status >= 400 && status < 500);
}

/** The certificate must be for the key that goes into the profile. @throws Failure */
function assertOurs(certificatePem: string, privateKeyPem: string): void {
  if (new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem))) return;
  throw localFailure('unexpectedAnswer', 'The portal answered with a certificate for another key');
}

/** What the portal takes as a device's name, of a host's name. */
const deviceNameOf = (hostname: string): string =>
  hostname
    .split('.', 1)[0]
    ?.replaceAll(/[^A-Za-z0-9._-]/g, '')
    .replace(/^[._-]+/, '')
    .slice(0, 64) || 'this machine';

const fileNameOf = (deviceName: string): string =>
  `vpn-${deviceName
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')}.ovpn`;

function printNextSteps(screen: Screen, path: string, portalUrl: string): void {
  const connect = `openvpn --config ${shellWord(path)}`;
  // The VPN of the portal on this machine leads nowhere: a client that changes nothing is enough to see it.
  if (isLoopback(portalUrl)) {
    screen.command(`${connect} --dev null --ifconfig-noexec --route-noexec`, 'connect, without privilege');
  } else screen.command(`sudo ${connect}`, 'connect');
  screen.note('  Or import it: AWS VPN Client, File, Manage Profiles, Add Profile.');
  screen.note('  The file holds your key: do not mail it, and get another certificate for another device.');
}
