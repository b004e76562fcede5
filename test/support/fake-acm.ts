import type { ServerCertificates } from '../../shared/ports/server-certificates.ts';

type Material = Parameters<ServerCertificates['import']>[0];

/** ACM as far as the use cases meet it: certificates by ARN, and every import that there was. */
export class FakeAcm implements ServerCertificates {
  readonly held = new Map<string, Material>();
  readonly imports: Material[] = [];

  async import(material: Material, existingArn?: string): Promise<string> {
    const count = this.imports.push(material);
    const arn = existingArn ?? `arn:aws:acm:eu-west-1:111122223333:certificate/${count}`;
    this.held.set(arn, material);
    return arn;
  }

  async read(arn: string): Promise<string> {
    const material = this.held.get(arn);
    if (material === undefined) throw new Error('ResourceNotFoundException');
    return material.certificatePem;
  }

  async findChain(arn: string): Promise<string | undefined> {
    return this.held.get(arn)?.chainPem;
  }
}
