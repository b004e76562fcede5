import { ClientEvents } from './client-events.ts';
import type { VpnClient, VpnClientOptions } from './client-types.ts';
import { inlineFile } from './lexical.ts';
import { listenForManagement } from './management.ts';
import { startOpenVpn } from './process.ts';

/**
 * Last word over the profile. No device, no address and no route: the client needs no privilege and changes nothing
 * on this machine. It comes back after a second, as AWS's own does after a few.
 */
const OVERRIDES = ['--dev', 'null', '--ifconfig-noexec', '--route-noexec', '--connect-retry', '1', '1'];

/**
 * Runs the real `openvpn` client with a profile, which goes through its standard input and never into a file. The
 * client ends when it is stopped, when the gate refuses it, and when this process goes away.
 */
export async function connectOpenVpnClient({
  profileText,
  name,
  signIn,
}: VpnClientOptions): Promise<VpnClient> {
  const events = new ClientEvents(name);
  const read = logReader(events);
  const management = await listenForManagement(() => undefined);
  const child = startOpenVpn(
    `${withSignIn(profileText, signIn).trimEnd()}\n`,
    (line) => {
      events.log.push(line);
      read(line);
    },
    [...OVERRIDES, ...management.configuration.flatMap((directive) => `--${directive}`.split(' '))],
  );
  void child.exited.then(async () => {
    await management.close();
    if (events.isConnected) events.add('disconnected', events.log.at(-1) ?? '');
    events.add('ended', events.log.at(-1) ?? '');
  });
  return events.client(async () => {
    await child.stop();
    await events.next('ended', { since: 0 });
  });
}

/** Puts user name and password where the profile asks for them; stock OpenVPN does not know AWS's own word for SAML. */
function withSignIn(profileText: string, signIn: VpnClientOptions['signIn']): string {
  if (signIn === undefined) return profileText;
  const block = inlineFile('auth-user-pass', `${signIn.username}\n${signIn.password}`);
  return profileText.replace(/^auth-(?:user-pass|federate)$/m, () => block);
}

/** Reads what OpenVPN 2.6 logs at verbosity 3. */
function logReader(events: ClientEvents): (line: string) => void {
  let wasVerified = false;
  let isAuthenticated = false;
  let cause = '';
  return (line) => {
    const denied = /AUTH_FAILED(?:,(.*))?$/.exec(line);
    if (denied) events.add('refused', denied[1] ?? 'AUTH_FAILED', 'gate');
    else if (line.startsWith('Initialization Sequence Completed')) events.add('connected', line);
    else if (/^TCP: connect to .* failed: /.test(line)) events.add('unreachable', line);
    else if (line.startsWith('VERIFY ERROR')) events.add('refused', line, 'certificate');
    else if (line.startsWith('VERIFY OK: depth=0')) wasVerified = true;
    else if (line.includes('Peer Connection Initiated')) isAuthenticated = true;
    else if (/^Connection reset/.test(line)) cause = line;
    else if (/^SIGUSR1\[.*process restarting/.test(line)) {
      if (events.isConnected) events.add('disconnected', cause || line);
      // The server does not say why it refuses a certificate: having shown its own, it hangs up. Once it has
      // accepted the client's, a reset has another cause.
      else if (wasVerified && !isAuthenticated) events.add('refused', cause || line, 'certificate');
      else if (isAuthenticated) events.add('unreachable', cause || line);
      wasVerified = false;
      isAuthenticated = false;
      cause = '';
    }
  };
}
