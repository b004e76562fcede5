/** Makes RSA-2048 key pairs in memory, for whoever cannot make one herself. */
export interface KeyPairs {
  generate(): Promise<{
    readonly subjectPublicKeyInfoDer: Uint8Array;
    /** PKCS #8 PEM, unencrypted. It leaves in one answer and is kept nowhere. */
    readonly privateKeyPem: string;
  }>;
}
