import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
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
import { kept } from '../kept.ts';
import { elementDer, objectIdentifierDer, sequenceDer, TAG } from './der-writer.ts';
import { KnownExtension, VerbatimExtension } from './verbatim.ts';

const extension = (extnID: string, value: asn1js.BaseBlock, critical = false): pkijs.Extension =>
  new KnownExtension({ extnID, critical, extnValue: value.toBER() });

/** An extension that never changes, encoded once. */
const always = (constant: pkijs.Extension): VerbatimExtension =>
  new VerbatimExtension(new Uint8Array(constant.toSchema().toBER()));

/** The bits of KeyUsage, RFC 5280 section 4.2.1.3. */
const KEY_USAGE_BITS = { digitalSignature: 0, keyEncipherment: 2, keyCertSign: 5, cRLSign: 6 } as const;

/** Critical. A named bit list ends at its last set bit (X.690 section 11.2.2). */
function keyUsage(...usages: readonly (keyof typeof KEY_USAGE_BITS)[]): pkijs.Extension {
  const bits = usages.map((usage) => KEY_USAGE_BITS[usage]);
  let octet = 0;
  for (const bit of bits) octet |= 0x80 >> bit;
  const unusedBits = 7 - Math.max(...bits);
  return extension(KEY_USAGE, new asn1js.BitString({ valueHex: Uint8Array.of(octet), unusedBits }), true);
}

/** Critical: for TLS with either kind of key exchange. */
export const END_ENTITY_KEY_USAGE = always(keyUsage('digitalSignature', 'keyEncipherment'));
/** Critical: certificates and lists. */
export const CA_KEY_USAGE = always(keyUsage('keyCertSign', 'cRLSign'));

const basicConstraints = (constraints: pkijs.BasicConstraints): VerbatimExtension =>
  always(extension(BASIC_CONSTRAINTS, constraints.toSchema(), true));

/** Critical: not a CA. `cA` is FALSE by default, so that the sequence is empty. */
export const END_ENTITY_CONSTRAINTS = basicConstraints(new pkijs.BasicConstraints());
/** Critical: a CA that signs no other CA. */
export const CA_CONSTRAINTS = basicConstraints(
  new pkijs.BasicConstraints({ cA: true, pathLenConstraint: 0 }),
);

const extKeyUsage = (purpose: string): VerbatimExtension =>
  always(extension(EXT_KEY_USAGE, new pkijs.ExtKeyUsage({ keyPurposes: [purpose] }).toSchema()));

export const EXT_KEY_USAGE_CLIENT = extKeyUsage(CLIENT_AUTH);
export const EXT_KEY_USAGE_SERVER = extKeyUsage(SERVER_AUTH);

const KEY_IDENTIFIER_OCTETS = 20;
const ANY_SUBJECT_KEY_IDENTIFIER_DER = extension(
  SUBJECT_KEY_IDENTIFIER,
  new asn1js.OctetString({ valueHex: new Uint8Array(KEY_IDENTIFIER_OCTETS) }),
)
  .toSchema()
  .toBER();

/** @param keyIdentifier 20 octets, which are the last of its encoding: the rest is the same for every key */
export function subjectKeyIdentifier(keyIdentifier: Uint8Array): pkijs.Extension {
  if (keyIdentifier.length !== KEY_IDENTIFIER_OCTETS) throw new Error('a key identifier has 20 octets');
  const der = new Uint8Array(ANY_SUBJECT_KEY_IDENTIFIER_DER.slice(0));
  der.set(keyIdentifier, der.length - KEY_IDENTIFIER_OCTETS);
  return new VerbatimExtension(der);
}

/** By key identifier only. */
export const authorityKeyIdentifier = kept((keyIdentifierHex) => {
  const keyIdentifier = new asn1js.OctetString({ valueHex: Buffer.from(keyIdentifierHex, 'hex') });
  const value = new pkijs.AuthorityKeyIdentifier({ keyIdentifier }).toSchema();
  return always(extension(AUTHORITY_KEY_IDENTIFIER, value));
});

export const crlNumberExtension = (crlNumber: number): pkijs.Extension =>
  extension(CRL_NUMBER, new asn1js.Integer({ value: crlNumber }));

/** The choices of GeneralName that we write, RFC 5280 section 4.2.1.6; each is an IA5String with a tag of its own. */
const GENERAL_NAME_TAGS = { rfc822Name: 0x81, dNSName: 0x82, uniformResourceIdentifier: 0x86 } as const;
const SUBJECT_ALT_NAME_DER = objectIdentifierDer(SUBJECT_ALT_NAME);

export interface GeneralName {
  readonly kind: keyof typeof GENERAL_NAME_TAGS;
  /** ASCII. */
  readonly text: string;
}

/** The one extension that pkijs would have to make anew for every certificate, and in a tenth of the CA's signature. */
export function subjectAltName(generalNames: readonly GeneralName[]): pkijs.Extension {
  const names = generalNames.map(({ kind, text }) => {
    if (!/^[\x21-\x7e]+$/.test(text)) throw new Error(`a ${kind} is printable ASCII`);
    return elementDer(GENERAL_NAME_TAGS[kind], Buffer.from(text, 'latin1'));
  });
  const extnValue = elementDer(TAG.octetString, sequenceDer(...names));
  return new VerbatimExtension(sequenceDer(SUBJECT_ALT_NAME_DER, extnValue));
}
