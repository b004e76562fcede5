import type { ItemChange } from '../support/simulated-dynamodb/table.ts';
import type { EndpointList, SimulatedEndpoint, Tunnel } from './cloud/endpoint.ts';
import type { Signed } from './cloud/kms.ts';
import type { Call } from './calls.ts';
import type { Invocation } from './invocation.ts';

/** A list that the portal brought to an endpoint. */
export interface Imported {
  readonly endpoint: SimulatedEndpoint;
  readonly list: EndpointList;
  readonly invocation: Invocation;
  /** What the endpoint had before. */
  readonly shownBefore: EndpointList | undefined;
}

/** The gate's answer. */
export interface GateAnswer {
  readonly commonName: string;
  readonly endpointId: string;
  readonly allowed: boolean;
  readonly invocation: Invocation;
}

/** What can be seen of the portal from outside, as it happens. */
export interface Watch {
  signed(signed: Signed): void;
  imported(imported: Imported): void;
  gateAnswered(answer: GateAnswer): void;
  /** A worker was answered with the connections of an endpoint. */
  listed(endpoint: SimulatedEndpoint, invocation: Invocation): void;
  terminated(endpoint: SimulatedEndpoint, tunnel: Tunnel, invocation: Invocation): void;
  changed(changes: readonly ItemChange[], invocation: Invocation): void;
  /** A sweep came to its end, and nothing of it failed. */
  swept(invocation: Invocation): void;
  ended(call: Call): void;
}
