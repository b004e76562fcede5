import { meView } from '../../shared/http/api/certificates.ts';
import { defineCommand } from '../command.ts';
import { isLoopback } from '../configuration.ts';
import { certify } from '../enrolment/certified.ts';
import { deviceNameOf, profileNameOf } from '../enrolment/device.ts';
import { endEnrolment, takeEnrolment } from '../enrolment/pending-enrolment.ts';
import { profilePath, saveProfile } from '../enrolment/profile-file.ts';
import type { Screen } from '../terminal/screen.ts';
import { momentOf, shellWord } from '../terminal/words.ts';

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
    const file = out ?? profileNameOf(deviceName);
    // Looked at first: a certificate whose profile has no place helps nobody.
    profilePath(world, file, force);
    const api = portal();
    const { personId } = await api.get('/v1/me', meView);
    const target = { portalUrl: configuration().portalUrl, personId, deviceName };
    const pending = await takeEnrolment(world, target);
    if (pending.isResumed) screen.note('Going on with an enrolment that was not finished.');
    const { profileText, ...issued } = await certify(world, api, '/v1/certificates', target, pending);
    const path = saveProfile(world, { name: file, text: profileText, isReplacing: force });
    endEnrolment(world, target);
    const { certificateId, notAfter } = issued;
    screen.done(`Certificate ${certificateId} for "${deviceName}", valid until ${momentOf(notAfter)}`);
    screen.done(`Profile with its key: ${path}`);
    printNextSteps(screen, path, target.portalUrl);
    const { isResumed } = pending;
    return { ...issued, deviceName, file: path, isResumed };
  },
});

function printNextSteps(screen: Screen, path: string, portalUrl: string): void {
  const connect = `openvpn --config ${shellWord(path)}`;
  // The VPN of the portal on this machine leads nowhere: a client that changes nothing is enough to see it.
  if (isLoopback(portalUrl)) {
    screen.command(`${connect} --dev null --ifconfig-noexec --route-noexec`, 'connect, without privilege');
  } else screen.command(`sudo ${connect}`, 'connect');
  screen.note('  Or import it: AWS VPN Client, File, Manage Profiles, Add Profile.');
  screen.note('  The file holds your key: do not mail it, and get another certificate for another device.');
}
