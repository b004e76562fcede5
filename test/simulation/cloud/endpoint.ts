import { readCrl } from '../../../shared/domain/x509/crl-reader.ts';
import { derFromPem } from '../../../shared/domain/x509/pem.ts';
import type { VpnConnection } from '../../../shared/ports/client-vpn.ts';
import type { Machine } from '../machine.ts';
import type { CaId } from '../scenery.ts';
import { simulatedCa } from './kms.ts';

/** A list as an endpoint has it. */
export interface EndpointList {
  readonly pem: string;
  /** The endpoint's CA signed it; a list of another revokes nobody, as in stock OpenVPN. */
  readonly isOurs: boolean;
  readonly crlNumber: number;
  /** Epoch seconds. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Everybody on it. */
  readonly serialNumbers: ReadonlySet<string>;
  /** Who is on it for good, and not as certificateHold. */
  readonly revoked: ReadonlySet<string>;
}

/** A certificate in somebody's hands: what her client shows. */
export interface HeldCertificate {
  readonly login: string;
  readonly commonName: string;
  readonly serialNumber: string;
  readonly caId: CaId;
}

export interface Tunnel {
  readonly connectionId: string;
  readonly certificate: HeldCertificate;
  status: VpnConnection['status'];
  readonly upAt: number;
  endedAt: number | undefined;
  /** Until then `list` shows it as it was. */
  readonly shownFrom: number;
}

export interface EndpointPlace {
  readonly endpointId: string;
  /** The CA that it trusts. */
  readonly caId: CaId;
}

/** Asks the gate; answers once, perhaps never. */
export type AskGate = (
  asked: { readonly commonName: string; readonly endpointId: string },
  answer: (allowed: boolean) => void,
) => void;

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
/** The tunnel comes up this long after the gate's answer at most, and is listed this long after that. */
const TUNNEL_MILLISECONDS = 700;
const LISTED_AFTER_MILLISECONDS = 700;
const SHOWN_AFTER_END_MILLISECONDS = HOUR;
const STALE_MILLISECONDS = 2 * 60 * SECOND;

/** One AWS Client VPN endpoint: its list, its gate, its tunnels; it believes every list that it is given. */
export class SimulatedEndpoint {
  readonly endpointId: string;
  readonly caId: CaId;
  readonly tunnels: Tunnel[] = [];
  /** Who is asked before a tunnel comes up: our gate, somebody's handler that lets all in, or nobody. */
  handlerArn: string | undefined;
  /** What export answers. */
  shown: { list: EndpointList; status: 'pending' | 'active' } | undefined;
  /** What clients are held against. */
  enforced: EndpointList | undefined;
  /** Numbers of lists of ours that it ever said were active. */
  readonly shownActive = new Set<number>();
  /** Every call fails. */
  isBroken = false;
  imports = 0;
  /** When somebody last imported a list by hand. */
  byHandAt = -Infinity;
  /** What it showed until then. */
  shownBeforeHand: EndpointList | undefined;
  /** When the gate was last off, while it is on. */
  gateOffUntil = -Infinity;
  readonly #machine: Machine;
  readonly gateArn: string;
  readonly #askGate: AskGate;
  #former: { shown: SimulatedEndpoint['shown']; handlerArn: string | undefined; until: number } | undefined;
  #count = 0;
  #lastTaken = 0;

  constructor(machine: Machine, place: EndpointPlace, gateArn: string, askGate: AskGate) {
    this.#machine = machine;
    this.endpointId = place.endpointId;
    this.caId = place.caId;
    this.gateArn = gateArn;
    this.handlerArn = gateArn;
    this.#askGate = askGate;
  }

  import(pem: string): EndpointList {
    const list = listFromDer(derFromPem('X509 CRL', pem), this.caId, pem);
    const { random, rates } = this.#machine;
    const oddity = random.chance(rates.oddImport)
      ? random.pick(['minutes', 'hours', 'lies', 'swallowed', 'old is shown'] as const)
      : 'prompt';
    this.imports += 1;
    const number = this.imports;
    if (oddity !== 'prompt') this.#machine.tell(this.endpointId, `takes the list oddly: ${oddity}`);
    if (oddity === 'swallowed') return list;
    this.#lastTaken = number;
    const takesMilliseconds = {
      prompt: random.between(0, 5 * SECOND),
      minutes: random.between(SECOND, 10 * 60 * SECOND),
      hours: random.between(HOUR / 2, 3.5 * HOUR),
      lies: random.between(60 * SECOND, 3.5 * HOUR),
      'old is shown': random.between(SECOND, HOUR / 2),
    }[oddity];
    this.#remember();
    if (oddity === 'lies') this.#shows(list);
    else if (oddity !== 'old is shown') this.shown = { list, status: 'pending' };
    this.#machine.later(takesMilliseconds, () => this.#enforce(list, number));
    return list;
  }

  export(): { crlPem: string; status: 'pending' | 'active' } | undefined {
    const shown = this.#stale()?.shown ?? this.shown;
    return shown && { crlPem: shown.list.pem, status: shown.status };
  }

  describe(): { endpointId: string; connectHandlerArn?: string } {
    const stale = this.#stale();
    const arn = stale === undefined ? this.handlerArn : stale.handlerArn;
    return { endpointId: this.endpointId, ...(arn === undefined ? {} : { connectHandlerArn: arn }) };
  }

  get isGateOn(): boolean {
    return this.handlerArn === this.gateArn;
  }

  setHandler(arn: string | undefined): void {
    this.#remember();
    if (!this.isGateOn) this.gateOffUntil = this.#machine.now;
    this.handlerArn = arn;
  }

  list(): VpnConnection[] {
    const { now } = this.#machine;
    return this.tunnels
      .filter(
        ({ shownFrom, endedAt }) => shownFrom <= now && now - (endedAt ?? now) < SHOWN_AFTER_END_MILLISECONDS,
      )
      .map(({ connectionId, certificate, status, upAt }) => ({
        connectionId,
        commonName: certificate.commonName,
        status,
        establishedAt: upAt,
      }));
  }

  terminate(connectionId: string): boolean {
    const tunnel = this.tunnels.find((one) => one.connectionId === connectionId);
    if (tunnel === undefined || tunnel.endedAt !== undefined) return false;
    const { random, rates } = this.#machine;
    const slowness = random.chance(rates.slowTermination)
      ? random.pick(['late', 'fails'] as const)
      : 'prompt';
    if (slowness === 'fails') tunnel.status = 'failed-to-terminate';
    else if (slowness === 'prompt') this.#end(tunnel);
    else {
      tunnel.status = 'terminating';
      this.#machine.later(random.between(SECOND, 30 * SECOND), () => this.#end(tunnel));
    }
    return true;
  }

  /** A client tries to come up: TLS with CA and list first, then the gate, then the tunnel. */
  connect(certificate: HeldCertificate): void {
    if (certificate.caId !== this.caId) return;
    const { now } = this.#machine;
    const list = this.enforced;
    const isListed = list?.isOurs === true && list.serialNumbers.has(certificate.serialNumber);
    const isExpired = list !== undefined && list.nextUpdate * 1000 <= now;
    if (isListed || isExpired) {
      return this.#machine.tell(
        this.endpointId,
        `refuses ${certificate.login}: its list ${isListed ? 'has her' : 'has expired'}`,
      );
    }
    if (!this.isGateOn) return this.#comesUp(certificate);
    this.#askGate({ commonName: certificate.commonName, endpointId: this.endpointId }, (allowed) => {
      this.#machine.tell(
        'gate',
        `${allowed ? 'lets in' : 'refuses'} ${certificate.login} at ${this.endpointId}`,
      );
      if (allowed) this.#comesUp(certificate);
    });
  }

  up(): Tunnel[] {
    return this.tunnels.filter(({ endedAt }) => endedAt === undefined);
  }

  #comesUp(certificate: HeldCertificate): void {
    this.#machine.later(this.#machine.random.between(1, TUNNEL_MILLISECONDS), () => {
      const { now, random } = this.#machine;
      this.#count += 1;
      const tunnel: Tunnel = {
        connectionId: `cvpn-connection-${this.endpointId.slice(-1)}${this.#count}`,
        certificate,
        status: 'active',
        upAt: now,
        endedAt: undefined,
        shownFrom: now + random.between(0, LISTED_AFTER_MILLISECONDS),
      };
      this.tunnels.push(tunnel);
      this.#machine.tell(this.endpointId, `tunnel of ${certificate.login} is up`);
    });
  }

  #end(tunnel: Tunnel): void {
    if (tunnel.endedAt !== undefined) return;
    tunnel.status = 'terminated';
    tunnel.endedAt = this.#machine.now;
    this.#machine.tell(this.endpointId, `tunnel of ${tunnel.certificate.login} ends`);
    // A client that was thrown off comes back by itself.
    this.#machine.later(this.#machine.random.between(500, 5 * SECOND), () =>
      this.connect(tunnel.certificate),
    );
  }

  #enforce(list: EndpointList, number: number): void {
    // A newer import has taken its place.
    if (number < this.#lastTaken) return;
    this.#remember();
    this.enforced = list;
    this.#shows(list);
    this.#machine.tell(this.endpointId, `enforces list ${list.crlNumber}; every tunnel is reset`);
    for (const tunnel of this.up()) this.#end(tunnel);
  }
  #shows(list: EndpointList): void {
    this.shown = { list, status: 'active' };
    if (list.isOurs) this.shownActive.add(list.crlNumber);
  }

  #remember(): void {
    const until = this.#machine.now + STALE_MILLISECONDS;
    this.#former = { shown: this.shown, handlerArn: this.handlerArn, until };
  }

  #stale(): { shown: SimulatedEndpoint['shown']; handlerArn: string | undefined } | undefined {
    const { now, random, rates } = this.#machine;
    if (this.#former === undefined || now > this.#former.until) return undefined;
    return random.chance(rates.staleAnswer) ? this.#former : undefined;
  }
}

/** Reads a list as an endpoint does that trusts one CA. */
export function listFromDer(der: Uint8Array, caId: CaId, pem = ''): EndpointList {
  const crl = readCrl(der);
  const { crlNumber = 0, thisUpdate, nextUpdate = 0, entries } = crl;
  // Stock OpenVPN goes by issuer and key identifier, and lets everybody in where they are another's.
  const isOurs = crl.authorityKeyIdentifierHex === simulatedCa(caId).facts.subjectKeyIdentifierHex;
  const serialNumbers = new Set<string>(entries.keys());
  const revoked = new Set<string>();
  for (const { serialNumber, reason } of entries.values()) {
    if (reason !== 'certificateHold') revoked.add(serialNumber);
  }
  return { pem, isOurs, crlNumber, thisUpdate, nextUpdate, serialNumbers, revoked };
}
