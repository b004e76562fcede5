import { certificateDetailsView, meView } from '../../shared/http/api/certificates.ts';
import { defineCommand } from '../command.ts';
import { certify } from '../enrolment/certified.ts';
import { defaultProfileName } from '../enrolment/device.ts';
import { endEnrolment, takeEnrolment } from '../enrolment/pending-enrolment.ts';
import { readProfile } from '../enrolment/profile-certificate.ts';
import { apiPath } from '../portal/api.ts';
import { writePrivateFile } from '../private-file.ts';
import { momentOf, shellWord } from '../terminal/words.ts';

/** What the name of the old profile gets behind it. */
const BACKUP = '.old';

export const renew = defineCommand({
  name: 'renew',
  audience: 'employee',
  summary: 'replace the certificate in a profile by one for a new key, for the same device',
  notes: [
    'The key is made here and never leaves this machine.',
    `The old profile is kept beside the new one, as FILE${BACKUP}. It works until the new one has connected.`,
    'When something fails in between, give the same command again: it goes on with the same key.',
  ],
  arguments: {
    FILE: { words: 'the profile; the one that enrol writes for this machine when absent', optional: true },
  },
  options: {},
  examples: ['renew', 'renew ~/vpn.ovpn'],
  async run({ world, screen, portal, configuration }, { FILE: file }) {
    const {
      path,
      text,
      certificateId: oldId,
    } = readProfile(world, file ?? defaultProfileName(world.hostname));
    const api = portal();
    const { personId } = await api.get('/v1/me', meView);
    const old = await api.get(apiPath`/v1/certificates/${oldId}`, certificateDetailsView);
    const { portalUrl } = configuration();
    // Who died right after the last renewal's profile was written left its key behind.
    if (old.predecessorId !== undefined)
      endEnrolment(world, { portalUrl, personId, renews: old.predecessorId });
    const target = { portalUrl, personId, renews: oldId };
    const pending = await takeEnrolment(world, target);
    if (pending.isResumed) screen.note('Going on with a renewal that was not finished.');
    const renewal = apiPath`/v1/certificates/${oldId}/renewal`;
    const { profileText, ...fresh } = await certify(world, api, renewal, target, pending);
    const backup = `${path}${BACKUP}`;
    writePrivateFile(backup, text, { isReplacing: true });
    writePrivateFile(path, profileText, { isReplacing: true });
    endEnrolment(world, target);
    const { certificateId, deviceName, notAfter } = fresh;
    screen.done(`Certificate ${certificateId} for "${deviceName}", valid until ${momentOf(notAfter)}`);
    screen.done(`Profile with its key: ${path}`);
    screen.note(
      `  It replaces ${oldId}, which ends once the new one has connected, or on ${momentOf(old.notAfter)}.`,
    );
    screen.note('  AWS VPN Client keeps a copy of its own: import the file again (File, Manage Profiles).');
    screen.command(`rm ${shellWord(backup)}`, 'when the new one has connected: the old profile');
    return { ...fresh, replaces: oldId, file: path, backup, isResumed: pending.isResumed };
  },
});
