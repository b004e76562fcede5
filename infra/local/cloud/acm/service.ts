import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { arn } from '../../names.ts';
import type { StateFile } from '../../state-file.ts';
import { AwsError, jsonAction } from '../protocol.ts';
import type { JsonService } from '../protocol.ts';
import { checkMaterial, checkReimport, factsFrom } from './material.ts';
import type { CertificateMaterial } from './material.ts';

const storedCertificate = z.object({
  arn: z.string(),
  certificatePem: z.string(),
  privateKeyPem: z.string(),
  chainPem: z.string(),
  importedAt: z.number(),
});
type StoredCertificate = z.infer<typeof storedCertificate>;

export const acmState = z.object({ certificates: z.array(storedCertificate) });

/** What other stand-ins ask of ACM without going through its API. */
export interface AcmControl {
  /** Certificate, key and chain, for an endpoint that has to present them. */
  find(arn: string): CertificateMaterial | undefined;
}

export interface AcmDependencies {
  readonly file: StateFile<z.infer<typeof acmState>>;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** A stand-in for ACM: imported certificates only. */
export function acmService({ file, now }: AcmDependencies): { service: JsonService; control: AcmControl } {
  const certificates = new Map<string, StoredCertificate>(
    file.load()?.certificates.map((stored) => [stored.arn, stored]),
  );
  const find = (certificateArn: string): StoredCertificate => {
    if (!certificateArn.startsWith(arn('acm', 'certificate/'))) {
      throw new AwsError('InvalidArnException', `Invalid certificate ARN: ${certificateArn}`);
    }
    const stored = certificates.get(certificateArn);
    if (stored !== undefined) return stored;
    throw new AwsError('ResourceNotFoundException', `Could not find certificate ${certificateArn}.`);
  };

  const importCertificate = (input: z.infer<typeof importInput>) => {
    const material = {
      certificatePem: input.Certificate,
      privateKeyPem: input.PrivateKey,
      chainPem: input.CertificateChain ?? '',
    };
    const before = input.CertificateArn === undefined ? undefined : find(input.CertificateArn);
    if (before !== undefined && input.Tags !== undefined) {
      throw new AwsError(
        'InvalidParameterException',
        'Tags cannot be given when a certificate is re-imported.',
      );
    }
    const facts = checkMaterial(material, now());
    if (before !== undefined) checkReimport(factsFrom(before.certificatePem), facts);
    const stored = {
      ...material,
      arn: before?.arn ?? arn('acm', `certificate/${randomUUID()}`),
      importedAt: now(),
    };
    certificates.set(stored.arn, stored);
    file.save({ certificates: [...certificates.values()] });
    return { CertificateArn: stored.arn };
  };

  const actions = new Map([
    ['ImportCertificate', jsonAction(importInput, importCertificate)],
    [
      'DescribeCertificate',
      jsonAction(arnInput, ({ CertificateArn }) => ({ Certificate: describe(find(CertificateArn), now()) })),
    ],
    ['GetCertificate', jsonAction(arnInput, ({ CertificateArn }) => textOf(find(CertificateArn)))],
  ]);

  return {
    service: {
      name: 'acm',
      targetPrefix: 'CertificateManager',
      contentType: 'application/x-amz-json-1.1',
      actions,
    },
    control: { find: (certificateArn) => certificates.get(certificateArn) },
  };
}

/** Blobs travel as base64; ACM's contain PEM. */
const blob = z.base64().transform((text) => Buffer.from(text, 'base64').toString('latin1'));

const importInput = z.object({
  CertificateArn: z.string().optional(),
  Certificate: blob,
  PrivateKey: blob,
  CertificateChain: blob.optional(),
  Tags: z.array(z.unknown()).optional(),
});

const arnInput = z.object({ CertificateArn: z.string().min(1) });

const textOf = ({ certificatePem, chainPem }: StoredCertificate): object => ({
  Certificate: certificatePem,
  ...(chainPem === '' ? {} : { CertificateChain: chainPem }),
});

function describe(stored: StoredCertificate, now: number): object {
  const { certificate, keyAlgorithm, domainNames, keyUsages, extendedKeyUsageOids } = factsFrom(
    stored.certificatePem,
  );
  const notAfter = Date.parse(certificate.validTo);
  return {
    CertificateArn: stored.arn,
    DomainName: domainNames[0],
    SubjectAlternativeNames: domainNames,
    Subject: certificate.subject.replaceAll('\n', ','),
    Issuer: certificate.issuer.replaceAll('\n', ','),
    Serial: certificate.serialNumber.toLowerCase().replace(/..(?=.)/g, '$&:'),
    NotBefore: Date.parse(certificate.validFrom) / 1000,
    NotAfter: notAfter / 1000,
    ImportedAt: stored.importedAt / 1000,
    Status: notAfter < now ? 'EXPIRED' : 'ISSUED',
    Type: 'IMPORTED',
    KeyAlgorithm: keyAlgorithm,
    KeyUsages: keyUsages.map((name) => ({ Name: name })),
    ExtendedKeyUsages: extendedKeyUsageOids.map((oid) => ({ OID: oid })),
    InUseBy: [],
    RenewalEligibility: 'INELIGIBLE',
  };
}
