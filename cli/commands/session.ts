import type * as z from 'zod';
import { meView } from '../../shared/http/api/certificates.ts';
import { defineCommand } from '../command.ts';
import { usageFailure } from '../failure.ts';
import { portalApi } from '../portal/api.ts';
import { signInWithDeviceCode } from '../sign-in/device-flow.ts';
import { forgetToken, keepToken } from '../sign-in/token-store.ts';
import { momentOf } from '../terminal/words.ts';
import { PROGRAM } from '../world.ts';
import { printCertificates } from './certificate-words.ts';

export const login = defineCommand({
  name: 'login',
  audience: 'everybody',
  summary: 'sign in at the identity provider, with any browser on any machine',
  notes: ['The token is kept in your configuration directory, for you alone, until it ends.'],
  arguments: {},
  options: {},
  examples: ['login'],
  async run({ world, screen, configuration }) {
    const { issuer, clientId, portalUrl, scopes } = configuration();
    if (issuer === undefined || clientId === undefined) {
      throw usageFailure(
        'No identity provider is named',
        'set VPN_PORTAL_ISSUER and VPN_PORTAL_CLIENT_ID, or VPN_PORTAL_TOKEN to a token',
      );
    }
    const token = await signInWithDeviceCode(world, {
      issuer,
      clientId,
      scopes,
      show(uri, userCode) {
        screen.line('Open this page and compare the code:');
        screen.command(uri);
        screen.title(`  ${userCode}`);
        screen.note('Waiting. Ctrl-C stops.');
      },
    });
    keepToken(world, portalUrl, token);
    const { login: name, personId } = await portalApi(world, portalUrl, token.accessToken).get(
      '/v1/me',
      meView,
    );
    const until = token.expiresAt === undefined ? undefined : new Date(token.expiresAt).toISOString();
    screen.done(`Signed in as ${name}${until === undefined ? '' : ` until ${momentOf(until)}`}`);
    return { login: name, personId, ...(until === undefined ? {} : { expiresAt: until }) };
  },
});

export const logout = defineCommand({
  name: 'logout',
  audience: 'everybody',
  summary: 'forget the token of this portal',
  arguments: {},
  options: {},
  examples: ['logout'],
  async run({ world, screen, configuration }) {
    const { portalUrl, token } = configuration();
    const wasSignedIn = forgetToken(world, portalUrl);
    screen.done(wasSignedIn ? 'The token is forgotten' : 'You were not signed in');
    if (token !== undefined) screen.warn('VPN_PORTAL_TOKEN is still set, and is used');
    return { wasSignedIn };
  },
});

export const whoami = defineCommand({
  name: 'whoami',
  audience: 'employee',
  summary: 'show who you are to the portal, whether you may enrol, and what you have',
  arguments: {},
  options: {},
  examples: ['whoami'],
  async run({ screen, portal }) {
    const me = await portal().get('/v1/me', meView);
    const { quota, refusal } = me;
    screen.title(me.email === undefined ? me.login : `${me.login} <${me.email}>`);
    screen.fields([
      ['person', me.personId],
      [
        'may enrol',
        me.mayEnrol
          ? { text: 'yes', style: 'green' }
          : { text: `no: ${refusal?.detail ?? 'not now'} (${refusal?.code ?? ''})`, style: 'red' },
      ],
      ['devices', `${quota.live} of ${quota.deviceQuota}`],
      ['again from', quota.retryAt === undefined ? undefined : momentOf(quota.retryAt)],
      ['endpoints', me.endpoints.map(({ endpointId }) => endpointId).join(', ') || 'none'],
    ]);
    if (me.certificates.length > 0) printCertificates(screen, me.certificates);
    if (hasToMove(me)) {
      screen.note(
        'A certificate of yours is for an endpoint that new ones are not for: the company is moving.',
      );
      screen.command(`${PROGRAM} renew`, 'move: a new certificate and profile; the old one works until then');
    }
    return me;
  },
});

/** In a rollover: whoever holds a certificate that can be used, of a CA that issues no more, and none of the one that does. */
function hasToMove({ endpoints, certificates }: z.infer<typeof meView>): boolean {
  const issuing = endpoints.find(({ isForNewCertificates }) => isForNewCertificates)?.caId;
  const active = certificates.filter(({ state }) => state === 'active');
  return issuing !== undefined && active.length > 0 && active.every(({ caId }) => caId !== issuing);
}
