import * as fc from 'fast-check';
import { DerError, DerReader } from '../../../shared/domain/x509/der-reader.ts';
import {
  elementDer,
  integerDer,
  objectIdentifierDer,
  sequenceDer,
  smallIntegerDer,
} from '../../../shared/domain/x509/der-writer.ts';
import { timeDer } from './fixtures.ts';

const hexFrom = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');
const readerOf = (hex: string): DerReader => new DerReader(Buffer.from(hex, 'hex'));

describe('what is written in DER', () => {
  it.each([
    ['00', '020100'],
    ['', '020100'],
    ['7f', '02017f'],
    ['80', '02020080'],
    ['0000', '020100'],
    ['00ff', '020200ff'],
    ['0102', '02020102'],
  ])('an integer of the octets "%s" is %s', (magnitude, der) => {
    expect(hexFrom(integerDer(Buffer.from(magnitude, 'hex')))).toBe(der);
  });

  it.each([
    [127, '7f'],
    [128, '8180'],
    [255, '81ff'],
    [256, '820100'],
    [65_536, '83010000'],
  ])('content of %d octets has the length %s', (octets, length) => {
    const der = elementDer(0x04, new Uint8Array(octets));
    expect(hexFrom(der.subarray(1, 1 + length.length / 2))).toBe(length);
    expect(der).toHaveLength(1 + length.length / 2 + octets);
  });

  it.each([
    ['1.2.840.113549.1.1.11', '06092a864886f70d01010b'],
    ['2.5.29.15', '0603551d0f'],
    ['2.16.840.1.101.3.4.2.1', '0609608648016503040201'],
  ])('the identifier %s is %s, and is read as itself', (dotted, der) => {
    expect(hexFrom(objectIdentifierDer(dotted))).toBe(der);
    expect(readerOf(der).objectIdentifier(der.length / 2)).toBe(dotted);
  });

  it('numbers come back as they were', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const der = smallIntegerDer(value);
        expect(new DerReader(der).smallInteger(der.length)).toBe(value);
      }),
    );
    expect(() => smallIntegerDer(-1)).toThrow();
    expect(() => smallIntegerDer(0.5)).toThrow();
  });
});

describe('X.509 times', () => {
  it.each([
    ['2026-09-18T12:00:00Z', '170d3236303931383132303030305a'],
    ['2049-12-31T23:59:59Z', '170d3439313233313233353935395a'],
    ['2050-01-01T00:00:00Z', '180f32303530303130313030303030305a'],
    ['2096-02-29T01:02:03Z', '180f32303936303232393031303230335a'],
    ['9999-12-31T23:59:59Z', '180f39393939313233313233353935395a'],
  ])('%s is %s', (iso, der) => {
    expect(hexFrom(timeDer(Date.parse(iso) / 1000))).toBe(der);
  });

  it('come back as they were, and as Date writes them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (at) => {
        const der = timeDer(at);
        expect(new DerReader(der).time(der.length)).toBe(at);
        const digits = new Date(at * 1000).toISOString().replaceAll(/[-:T]|\.000/g, '');
        expect(Buffer.from(der.subarray(2)).toString()).toBe(at < 2_524_608_000 ? digits.slice(2) : digits);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([[-1], [1.5], [253_402_300_800], [Number.NaN]])('%d is none', (at) => {
    expect(() => timeDer(at)).toThrow();
  });

  it.each([
    ['a fraction', '18', '20500101000000.5Z'],
    ['no Z', '17', '2609181200001'],
    ['an offset', '17', '260918120000+0100'],
    ['no seconds', '17', '2609181200Z'],
    ['29 February of another year', '17', '270229000000Z'],
    ['a thirteenth month', '17', '261301000000Z'],
    ['an hour 24', '17', '260918240000Z'],
    ['a letter', '17', '2609181200x0Z'],
    ['GeneralizedTime before 2050', '18', '20490101000000Z'],
    ['no time', '0c', '260918120000Z'],
  ])('with %s are not read', (_, tag, text) => {
    const der = readerOf(
      `${tag}${text.length.toString(16).padStart(2, '0')}${Buffer.from(text).toString('hex')}`,
    );
    expect(() => der.time(der.octets.length)).toThrow(DerError);
  });
});

describe('the strict reader', () => {
  it.each([
    ['an indefinite length', '30800000'],
    ['a length of more octets than needed', '308101ff'],
    ['a padded length', '30820001ff'],
    ['a length of five octets', '30850000000001ff'],
    ['a length beyond its end', '300502'],
    ['a tag of several octets', '3f8101ff'],
    ['no length', '30'],
    ['nothing', ''],
  ])('refuses %s', (_, hex) => {
    const reader = readerOf(hex);
    expect(() => reader.openAny(reader.octets.length)).toThrow(DerError);
  });

  it.each([
    ['padded with zeros', '02020001'],
    ['padded with ones', '0202ffff'],
    ['empty', '0200'],
    ['negative', '0201ff'],
    ['too large for a number', '020820000000000000'],
  ])('refuses an integer that is %s', (_, hex) => {
    const reader = readerOf(hex);
    expect(() => reader.smallInteger(reader.octets.length)).toThrow(DerError);
  });

  it.each([
    ['boolean that is FALSE', '010100', (reader: DerReader) => reader.optionalTrue(3)],
    ['boolean of another octet', '010101', (reader: DerReader) => reader.optionalTrue(3)],
    ['bit string with unused bits', '03020180', (reader: DerReader) => reader.bitString(4)],
    ['bit string of nothing', '0300', (reader: DerReader) => reader.bitString(2)],
    ['truncated identifier', '0602558f', (reader: DerReader) => reader.objectIdentifier(4)],
    ['padded identifier', '0603558001', (reader: DerReader) => reader.objectIdentifier(5)],
    ['empty identifier', '0600', (reader: DerReader) => reader.objectIdentifier(2)],
  ])('refuses a %s', (_, hex, read) => {
    expect(() => read(readerOf(hex))).toThrow(DerError);
  });

  it('refuses what is left over in a parent, and what leaves it', () => {
    const reader = new DerReader(sequenceDer(smallIntegerDer(1), smallIntegerDer(2)));
    const end = reader.openSequence(reader.octets.length);
    reader.smallInteger(end);
    expect(() => reader.close(end)).toThrow(DerError);
    expect(() => reader.openAny(end - 1)).toThrow(DerError);
  });
});
