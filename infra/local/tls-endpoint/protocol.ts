/** What the stand-in says to its client after the handshake: one line each, in OpenVPN's words. */
export const CERTIFICATE_LINE = 'CERTIFICATE_OK\n';
/** The client's answer to it, where it signs in. */
export const SIGN_IN = 'SIGN_IN ';
export const OK_LINE = 'OK\n';
export const RESTART_LINE = 'RESTART\n';
export const HALT_LINE = 'HALT\n';

const AUTH_FAILED = 'AUTH_FAILED,';

/** @param text for the person; it becomes one line */
export const authFailedLine = (text: string): string =>
  `${AUTH_FAILED}${text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')}\n`;

export const refusalOf = (line: string): string | undefined =>
  line.startsWith(AUTH_FAILED) ? line.slice(AUTH_FAILED.length) : undefined;
