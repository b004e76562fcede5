/** Where the endpoint finds its server certificate (ACM). */
export interface ServerCertificates {
  /**
   * @param existingArn re-imports under this ARN, which keeps its associations
   * @returns the ARN
   */
  import(
    material: { readonly certificatePem: string; readonly privateKeyPem: string; readonly chainPem: string },
    existingArn?: string,
  ): Promise<string>;
  /** The certificate that is there under an ARN now, in PEM, without its chain. */
  read(arn: string): Promise<string>;
  /** @returns the chain that was imported with a certificate, as PEM; undefined where it has none, or is not there */
  findChain(arn: string): Promise<string | undefined>;
}
