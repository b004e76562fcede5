/** `>CLIENT:` of OpenVPN's management interface (management-notes.txt, "The CLIENT notification"). */
export interface ClientNotification {
  readonly kind: 'CONNECT' | 'REAUTH' | 'ESTABLISHED' | 'DISCONNECT';
  readonly cid: string;
  /** Of CONNECT and REAUTH only. */
  readonly kid: string;
  readonly env: ReadonlyMap<string, string>;
}

export interface ByteCount {
  readonly cid: string;
  readonly ingressOctets: number;
  readonly egressOctets: number;
}

const HEAD = /^>CLIENT:(?:(CONNECT|REAUTH),(\d+),(\d+)|(ESTABLISHED|DISCONNECT),(\d+))$/;
const ENV = '>CLIENT:ENV,';
const BYTE_COUNT = /^>BYTECOUNT_CLI:(\d+),(\d+),(\d+)$/;

/**
 * Puts lines together: a head, its variables and `END`, which openvpn sends without anything between.
 *
 * @returns a function that takes each line and answers with the notification that it completes, if any
 */
export function clientNotificationReader(): (line: string) => ClientNotification | undefined {
  let head: Omit<ClientNotification, 'env'> | undefined;
  let env = new Map<string, string>();
  return (line) => {
    const found = HEAD.exec(line);
    if (found) {
      head = {
        kind: (found[1] ?? found[4]) as ClientNotification['kind'],
        cid: found[2] ?? found[5] ?? '',
        kid: found[3] ?? '',
      };
      env = new Map();
      return undefined;
    }
    if (!head || !line.startsWith(ENV)) return undefined;
    const variable = line.slice(ENV.length);
    if (variable === 'END') {
      const complete = { ...head, env };
      head = undefined;
      return complete;
    }
    const equals = variable.indexOf('=');
    if (equals > 0) env.set(variable.slice(0, equals), variable.slice(equals + 1));
    return undefined;
  };
}

/** Ingress is what came from the client. */
export function parseByteCount(line: string): ByteCount | undefined {
  const found = BYTE_COUNT.exec(line);
  if (!found) return undefined;
  return { cid: found[1] ?? '', ingressOctets: Number(found[2]), egressOctets: Number(found[3]) };
}
