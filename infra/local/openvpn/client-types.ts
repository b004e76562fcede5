/**
 * - `connected`: the tunnel is up
 * - `refused`: the server was reached and did not let the client in; `text` is what the person is told: the
 *   gate's own words, or what little OpenVPN says when the certificate was refused
 * - `unreachable`: nobody answered
 * - `disconnected`: a live connection was ended
 * - `ended`: the client gave up or was stopped; nothing comes after it
 */
export type VpnClientEventKind = 'connected' | 'refused' | 'unreachable' | 'disconnected' | 'ended';

export interface VpnClientEvent {
  readonly kind: VpnClientEventKind;
  readonly text: string;
  /** Who refused: the connect handler, or the check of certificate and list. */
  readonly by?: 'gate' | 'certificate';
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A VPN client that somebody runs on a laptop: it comes back by itself until the gate refuses it. */
export interface VpnClient {
  readonly name: string;
  /** Every line that it logged. */
  readonly log: readonly string[];
  /** Everything that happened, oldest first. */
  readonly events: readonly VpnClientEvent[];
  readonly isConnected: boolean;
  /** The first `connected` of all. Like everything that is waited for, it rejects after 15 s, and at the end. */
  readonly connected: Promise<VpnClientEvent>;
  readonly refused: Promise<VpnClientEvent>;
  readonly ended: Promise<VpnClientEvent>;
  /**
   * The first event of one of the kinds at or after `since`, a position in `events`; without `since`, the first
   * that comes from now on.
   */
  next(
    kinds: VpnClientEventKind | readonly VpnClientEventKind[],
    options?: { readonly since?: number; readonly timeoutMs?: number },
  ): Promise<VpnClientEvent>;
  stop(): Promise<void>;
}

export interface VpnClientOptions {
  /** A whole profile: certificate and key are in it. */
  readonly profileText: string;
  /** What the person types where the profile asks; a SAML provider's browser page is left out. */
  readonly signIn?: { readonly username: string; readonly password: string };
  readonly name: string;
}
