/** Octets from a cryptographic source. */
export type RandomOctets = (count: number) => Uint8Array;
