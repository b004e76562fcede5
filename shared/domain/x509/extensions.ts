import {
  contextPrimitiveDer,
  elementDer,
  objectIdentifierDer,
  octetStringDer,
  sequenceDer,
  smallIntegerDer,
  TAG,
  TRUE_DER,
} from './der-writer.ts';
import {
  AUTHORITY_KEY_IDENTIFIER,
  BASIC_CONSTRAINTS,
  CLIENT_AUTH,
  CRL_NUMBER,
  EXT_KEY_USAGE,
  KEY_USAGE,
  SERVER_AUTH,
  SUBJECT_ALT_NAME,
  SUBJECT_KEY_IDENTIFIER,
} from './object-identifiers.ts';

/** Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue OCTET STRING }, RFC 5280 section 4.1. */
function extensionDer(oid: string, valueDer: Uint8Array, isCritical = false): Uint8Array {
  const extnValue = octetStringDer(valueDer);
  return isCritical
    ? sequenceDer(objectIdentifierDer(oid), TRUE_DER, extnValue)
    : sequenceDer(objectIdentifierDer(oid), extnValue);
}

/** The bits of KeyUsage, RFC 5280 section 4.2.1.3. */
const KEY_USAGE_BITS = { digitalSignature: 0, keyEncipherment: 2, keyCertSign: 5, cRLSign: 6 } as const;

/** Critical. A named bit list ends at its last set bit (X.690 section 11.2.2). */
function keyUsageDer(...usages: readonly (keyof typeof KEY_USAGE_BITS)[]): Uint8Array {
  let octet = 0;
  for (const usage of usages) octet |= 0x80 >> KEY_USAGE_BITS[usage];
  let unusedBits = 0;
  while (unusedBits < 7 && (octet & (1 << unusedBits)) === 0) unusedBits += 1;
  return extensionDer(KEY_USAGE, elementDer(TAG.bitString, Uint8Array.of(unusedBits, octet)), true);
}

/** Critical: for TLS with either kind of key exchange. */
export const END_ENTITY_KEY_USAGE_DER = keyUsageDer('digitalSignature', 'keyEncipherment');
/** Critical: certificates and lists. */
export const CA_KEY_USAGE_DER = keyUsageDer('keyCertSign', 'cRLSign');

/** Critical: not a CA. `cA` is FALSE by default, so that the sequence is empty. */
export const END_ENTITY_CONSTRAINTS_DER = extensionDer(BASIC_CONSTRAINTS, sequenceDer(), true);
/** Critical: a CA that signs no other CA. */
export const CA_CONSTRAINTS_DER = extensionDer(
  BASIC_CONSTRAINTS,
  sequenceDer(TRUE_DER, smallIntegerDer(0)),
  true,
);

const extKeyUsageDer = (purpose: string): Uint8Array =>
  extensionDer(EXT_KEY_USAGE, sequenceDer(objectIdentifierDer(purpose)));

export const CLIENT_AUTH_DER = extKeyUsageDer(CLIENT_AUTH);
export const SERVER_AUTH_DER = extKeyUsageDer(SERVER_AUTH);

export const subjectKeyIdentifierDer = (keyIdentifier: Uint8Array): Uint8Array =>
  extensionDer(SUBJECT_KEY_IDENTIFIER, octetStringDer(keyIdentifier));

/** By key identifier only. */
export const authorityKeyIdentifierDer = (keyIdentifierHex: string): Uint8Array =>
  extensionDer(
    AUTHORITY_KEY_IDENTIFIER,
    sequenceDer(contextPrimitiveDer(0, Buffer.from(keyIdentifierHex, 'hex'))),
  );

export const crlNumberDer = (crlNumber: number): Uint8Array =>
  extensionDer(CRL_NUMBER, smallIntegerDer(crlNumber));

/** The choices of GeneralName that we write, RFC 5280 section 4.2.1.6; each is an IA5String. */
const GENERAL_NAME_TAGS = { rfc822Name: 1, dNSName: 2, uniformResourceIdentifier: 6 } as const;

export interface GeneralName {
  readonly kind: keyof typeof GENERAL_NAME_TAGS;
  /** ASCII. */
  readonly text: string;
}

export const subjectAltNameDer = (names: readonly GeneralName[]): Uint8Array =>
  extensionDer(
    SUBJECT_ALT_NAME,
    sequenceDer(
      ...names.map(({ kind, text }) => {
        if (!/^[\x21-\x7e]+$/.test(text)) throw new Error(`a ${kind} is printable ASCII`);
        return contextPrimitiveDer(GENERAL_NAME_TAGS[kind], Buffer.from(text, 'latin1'));
      }),
    ),
  );
