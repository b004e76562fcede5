/** What the portal takes as a device's name, of a host's name. */
export const deviceNameOf = (hostname: string): string =>
  hostname
    .split('.', 1)[0]
    ?.replaceAll(/[^A-Za-z0-9._-]/g, '')
    .replace(/^[._-]+/, '')
    .slice(0, 64) || 'this machine';

export const profileNameOf = (deviceName: string): string =>
  `vpn-${deviceName
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')}.ovpn`;

/** The file that enrol writes without being told a name. */
export const defaultProfileName = (hostname: string): string => profileNameOf(deviceNameOf(hostname));
