/** Signs with a CA's private key. The key never leaves the implementation. */
export interface Signer {
  /** DER SubjectPublicKeyInfo of the CA key. */
  publicKey(keyId: string): Promise<Uint8Array>;
  /**
   * @param tbs the whole DER to-be-signed structure, of any length
   * @returns PKCS #1 v1.5 signature with SHA-256, 256 octets
   */
  sign(keyId: string, tbs: Uint8Array): Promise<Uint8Array>;
}
