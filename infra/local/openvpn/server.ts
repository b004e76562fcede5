import { join } from 'node:path';
import type { StartVpnServer, VpnServerEvents, VpnServerSettings } from '../cloud/ec2/vpn-server.ts';
import { replaceCrlFile } from './crl-file.ts';
import { serverConfiguration } from './server-configuration.ts';
import { OpenVpnServerProcess } from './server-process.ts';

/**
 * An endpoint's server on OpenVPN itself: TCP on 127.0.0.1, so that a refusal reaches the client at once.
 * While no list was ever imported, revocation is not checked; the first list starts the process anew.
 */
export const startOpenVpnServer: StartVpnServer = async (settings, events) => {
  const crlPath = join(settings.directory, 'openvpn.crl.pem');
  if (settings.crlPem !== undefined) await replaceCrlFile(crlPath, settings.crlPem);
  let checksCrl = settings.crlPem !== undefined;
  let starts = 0;
  const start = (): Promise<OpenVpnServerProcess> => {
    starts += 1;
    return startProcess(String(starts), settings, checksCrl ? crlPath : undefined, events);
  };
  let server = await start();
  return {
    kill: (clientKey, mayComeBack) => server.kill(clientKey, mayComeBack),
    async useCrl(crlPem) {
      await replaceCrlFile(crlPath, crlPem);
      if (checksCrl) return server.reset();
      checksCrl = true;
      await server.stop();
      server = await start();
    },
    stop: () => server.stop(),
  };
};

const startProcess = (
  keyPrefix: string,
  settings: VpnServerSettings,
  crlPath: string | undefined,
  events: VpnServerEvents,
): Promise<OpenVpnServerProcess> =>
  OpenVpnServerProcess.start(
    keyPrefix,
    (management) => serverConfiguration(settings, crlPath, management),
    events,
  );
