import { elementDer, objectIdentifierDer, sequenceDer, TAG, utf8StringDer } from './der-writer.ts';
import { COMMON_NAME, ORGANIZATION_NAME } from './object-identifiers.ts';

/** X.520's upper bounds for both attributes, in characters. */
const MAXIMUM_CHARACTERS = 64;

const COMMON_NAME_DER = objectIdentifierDer(COMMON_NAME);
const ORGANIZATION_NAME_DER = objectIdentifierDer(ORGANIZATION_NAME);

function attributeDer(typeDer: Uint8Array, text: string): Uint8Array {
  const characters = [...text].length;
  if (characters === 0 || characters > MAXIMUM_CHARACTERS || /\p{C}/u.test(text)) {
    throw new Error('a name has 1 to 64 characters, none of them a control character');
  }
  return elementDer(TAG.set, sequenceDer(typeDer, utf8StringDer(text)));
}

/**
 * A Name (RFC 5280 section 4.1.2.4) of organization and common name, most general first, which RFC 4514 writes as
 * `CN=…,O=…`.
 */
export const nameDer = (name: { readonly organization: string; readonly commonName: string }): Uint8Array =>
  sequenceDer(
    attributeDer(ORGANIZATION_NAME_DER, name.organization),
    attributeDer(COMMON_NAME_DER, name.commonName),
  );
