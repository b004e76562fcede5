/**
 * Slots of pkijs structures for what is DER already: a name that must be repeated to the octet, a key, and what never
 * changes. pkijs makes four objects and five buffers of each element, so that encoding a whole certificate anew
 * would cost as much as signing it.
 */
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { kept } from '../kept.ts';

/**
 * One element or several, as the octets that they are. asn1js has RawData for it, but that does not hand its octets
 * to the writer, so that inside a SEQUENCE they are lost.
 */
export class VerbatimDer extends asn1js.Sequence {
  private readonly octets: ArrayBuffer;

  /** @param der a whole buffer is taken as it is, not copied, and must not change any more */
  constructor(der: Uint8Array) {
    super();
    const { buffer } = der;
    const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === der.byteLength;
    this.octets = isWhole ? buffer : new Uint8Array(der).buffer;
  }

  override toBER(_sizeOnly?: boolean, writer?: asn1js.ViewWriter): ArrayBuffer {
    if (writer === undefined) return this.octets;
    writer.write(this.octets);
    return EMPTY;
  }
}

const EMPTY = new ArrayBuffer(0);

/** An element that is encoded here and now. */
export const encoded = (element: asn1js.BaseBlock): VerbatimDer =>
  new VerbatimDer(new Uint8Array(element.toBER()));

/** There are few object identifiers, and they take longest: pkijs works each out again for every structure. */
const objectIdentifier = kept((dotted) => encoded(new asn1js.ObjectIdentifier({ value: dotted })));

/** An extension as pkijs writes it, but for its identifier, which is encoded once. */
export class KnownExtension extends pkijs.Extension {
  override toSchema(): asn1js.Sequence {
    const critical = this.critical ? [new asn1js.Boolean({ value: true })] : [];
    return new asn1js.Sequence({ value: [objectIdentifier(this.extnID), ...critical, this.extnValue] });
  }
}

/** An attribute, likewise. */
export class KnownAttribute extends pkijs.AttributeTypeAndValue {
  override toSchema(): asn1js.Sequence {
    return new asn1js.Sequence({ value: [objectIdentifier(this.type), this.value] });
  }
}

export class VerbatimAlgorithmIdentifier extends pkijs.AlgorithmIdentifier {
  private readonly der: VerbatimDer;

  constructor(algorithm: pkijs.AlgorithmIdentifier) {
    super(algorithm);
    this.der = encoded(algorithm.toSchema());
  }

  override toSchema(): asn1js.Sequence {
    return this.der;
  }
}

export class VerbatimName extends pkijs.RelativeDistinguishedNames {
  private readonly der: VerbatimDer;

  constructor(nameDer: Uint8Array) {
    super();
    this.der = new VerbatimDer(nameDer);
  }

  override toSchema(): asn1js.Sequence {
    return this.der;
  }
}

export class VerbatimExtension extends pkijs.Extension {
  private readonly der: VerbatimDer;

  constructor(der: Uint8Array) {
    super();
    this.der = new VerbatimDer(der);
  }

  override toSchema(): asn1js.Sequence {
    return this.der;
  }
}
