import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { COMMON_NAME, ORGANIZATION_NAME } from './object-identifiers.ts';
import { kept } from '../kept.ts';
import { encoded, KnownAttribute } from './verbatim.ts';

/** X.520's upper bounds for both attributes, in characters. */
const MAXIMUM_CHARACTERS = 64;

function attribute(type: string, text: string): pkijs.AttributeTypeAndValue {
  const characters = [...text].length;
  if (characters === 0 || characters > MAXIMUM_CHARACTERS || /\p{C}/u.test(text)) {
    throw new Error('a name has 1 to 64 characters, none of them a control character');
  }
  return new KnownAttribute({ type, value: new asn1js.Utf8String({ value: text }) });
}

const relativeDistinguishedName = (only: pkijs.AttributeTypeAndValue): asn1js.Set =>
  new asn1js.Set({ value: [only.toSchema()] });

const organizationName = kept((text) =>
  encoded(relativeDistinguishedName(attribute(ORGANIZATION_NAME, text))),
);

/**
 * A Name (RFC 5280 section 4.1.2.4) of organization and common name, most general first, which RFC 4514 writes as
 * `CN=…,O=…`. pkijs alone would write one RelativeDistinguishedName with both attributes in it, which is another name.
 */
export class DistinguishedName extends pkijs.RelativeDistinguishedNames {
  private readonly relativeNames: asn1js.BaseBlock[];

  constructor({ organization, commonName }: { readonly organization: string; readonly commonName: string }) {
    super();
    this.relativeNames = [
      organizationName(organization),
      relativeDistinguishedName(attribute(COMMON_NAME, commonName)),
    ];
  }

  override toSchema(): asn1js.Sequence {
    return new asn1js.Sequence({ value: this.relativeNames });
  }
}
