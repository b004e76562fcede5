import * as z from 'zod';
import { OWNER_REASONS } from '../../shared/domain/revocation-reason.ts';
import { certificateDetailsView, certificateView } from '../../shared/http/api/certificates.ts';
import { defineCommand } from '../command.ts';
import { apiPath } from '../portal/api.ts';
import { saveProfile } from '../enrolment/profile-file.ts';
import { PROGRAM } from '../world.ts';
import { printCertificates } from './certificate-words.ts';

export const certificates = defineCommand({
  name: 'certificates',
  audience: 'employee',
  summary: 'list your certificates, oldest first',
  arguments: {},
  options: {},
  examples: ['certificates'],
  async run({ screen, portal }) {
    const list = await portal().get('/v1/certificates', z.object({ certificates: z.array(certificateView) }));
    if (list.certificates.length > 0) printCertificates(screen, list.certificates);
    else {
      screen.line('You have no certificate yet.');
      screen.command(`${PROGRAM} enrol`, 'get one');
    }
    return list;
  },
});

export const profile = defineCommand({
  name: 'profile',
  audience: 'employee',
  summary: 'show the OpenVPN profile of a certificate, with a marked place for its key',
  notes: ['The key is not known to the portal: it is in the profile that enrol wrote.'],
  arguments: { ID: { words: 'the certificate, as `certificates` shows it' } },
  options: {
    endpoint: { value: 'ID', words: 'for this one of its endpoints; the first when absent' },
    out: { value: 'FILE', words: 'write it to a file that only you can read' },
    force: { words: 'replace a file of that name' },
  },
  examples: ['profile 7K3M9QZ2X4T1ABCD --out vpn.ovpn'],
  async run({ world, screen, portal }, { ID: certificateId, endpoint, out, force }) {
    const query = endpoint === undefined ? {} : { endpointId: endpoint };
    const text = await portal().getText(apiPath`/v1/certificates/${certificateId}/profile`, query);
    if (out === undefined) {
      screen.text(text);
      return { certificateId, profile: text };
    }
    const file = saveProfile(world, { name: out, text, isReplacing: force });
    screen.done(`Written to ${file}`);
    return { certificateId, file };
  },
});

export const revoke = defineCommand({
  name: 'revoke',
  audience: 'employee',
  summary: 'revoke a certificate for good and end its connections',
  notes: [`Your own reasons: ${OWNER_REASONS.join(', ')}.`],
  arguments: { ID: { words: 'the certificate, as `certificates` shows it' } },
  options: {
    reason: { value: 'REASON', words: 'unspecified when absent; keyCompromise when it was lost or stolen' },
    yes: { words: 'do not ask' },
    'of-anybody': { words: 'somebody else’s certificate, as an administrator' },
  },
  examples: ['revoke 7K3M9QZ2X4T1ABCD', 'revoke 7K3M9QZ2X4T1ABCD --reason keyCompromise --yes'],
  async run({ screen, portal, confirm }, given) {
    const { ID: certificateId, reason = 'unspecified' } = given;
    const api = portal();
    const isAnybodys = given['of-anybody'];
    if (!given.yes) {
      const path = isAnybodys
        ? apiPath`/v1/admin/certificates/${certificateId}`
        : apiPath`/v1/certificates/${certificateId}`;
      const { deviceName, commonName } = isAnybodys
        ? (await api.get(path, z.object({ certificate: certificateView }))).certificate
        : await api.get(path, certificateDetailsView);
      await confirm(`Revoke ${commonName} ("${deviceName}") for good?`, 'refuse');
    }
    const revoked = await api.post(
      isAnybodys
        ? apiPath`/v1/admin/certificates/${certificateId}/revocation`
        : apiPath`/v1/certificates/${certificateId}/revocation`,
      { reason },
      certificateView,
    );
    screen.done(`${revoked.certificateId} ("${revoked.deviceName}") is revoked`);
    screen.note('It is refused from now on, and its connections end within seconds.');
    return revoked;
  },
});
