import fc from 'fast-check';
import {
  certificateIdFrom,
  certificateIdOf,
  certificateIdsFromSerial,
  parseCertificateId,
  serialNumberOf,
} from '../../shared/domain/certificate-id.ts';
import { certificateIdOfCommonName, commonNameFor } from '../../shared/domain/common-name.ts';
import { datedIdFrom, monthOfDatedId } from '../../shared/domain/dated-id.ts';
import { aliasFrom, parsePersonId, personIdFrom } from '../../shared/domain/identity.ts';

const octets = (count: number) => fc.uint8Array({ minLength: count, maxLength: count });
const ids = octets(10).map(certificateIdFrom);

describe('a certificate id', () => {
  it('is a positive number of at most 10 octets, and comes back from every spelling', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const serialNumber = serialNumberOf(id);
        const value = BigInt(`0x${serialNumber}`);
        expect(value).toBeLessThan(1n << 79n);
        expect(certificateIdOf(serialNumber)).toBe(id);
        expect(parseCertificateId(id.toLowerCase())).toBe(id);
        expect(certificateIdsFromSerial(serialNumber)).toContain(id);
        expect(certificateIdsFromSerial(`0x${value.toString(16).toUpperCase()}`)).toContain(id);
        expect(certificateIdsFromSerial(serialNumber.replaceAll(/(..)(?!$)/g, '$1:'))).toContain(id);
        expect(certificateIdsFromSerial(value.toString(10))).toContain(id);
      }),
    );
  });

  it.each([
    '',
    'ABC',
    '7K3M9QZ2X4T1ABCI',
    'ZZZZZZZZZZZZZZZZ',
    '7K3M9QZ2X4T1ABCDE',
    '7K3M9QZ2 4T1ABCD',
    '../../etc/passwd',
  ])('is not %j', (text) => {
    expect(parseCertificateId(text)).toBeUndefined();
  });
});

describe('a common name', () => {
  it('leads to its certificate, fits X.520 and has only letters that VPN clients take', () => {
    fc.assert(
      fc.property(ids, fc.string({ unit: 'binary', maxLength: 300 }), (id, login) => {
        const name = commonNameFor(id, login);
        expect(name.length).toBeLessThanOrEqual(64);
        expect(name).toMatch(/^[0-9A-Z]{16}\.[A-Za-z0-9._@-]*$/);
        expect(certificateIdOfCommonName(name)).toBe(id);
      }),
    );
  });

  it.each(['', 'alice', '7K3M9QZ2X4T1ABCD', '7k3m9qz2x4t1abcd.alice', `7K3M9QZ2X4T1ABCD.${'a'.repeat(60)}`])(
    'of no certificate is %j',
    (name) => {
      expect(certificateIdOfCommonName(name)).toBeUndefined();
    },
  );
});

describe('a person id', () => {
  it('depends on the issuer, and on where issuer and subject part', () => {
    const id = personIdFrom('https://id.example', 'alice');
    expect(parsePersonId(id)).toBe(id);
    expect(personIdFrom('https://other.example', 'alice')).not.toBe(id);
    expect(personIdFrom('https://id.exampl', 'ealice')).not.toBe(id);
  });
});

describe('an alias', () => {
  it.each([
    [' Alice@Example.COM ', 'alice@example.com'],
    ['ＡＬＩＣＥ@example.com', 'alice@example.com'],
    ['STRASSE', 'strasse'],
  ])('%j has the one form %j', (text, value) => {
    expect(aliasFrom('email', text)).toEqual({ kind: 'email', value });
  });

  it.each(['', '   ', 'a\u0000b', 'a\u200bb', 'x'.repeat(255)])('is not %j', (text) => {
    expect(aliasFrom('email', text)).toBeUndefined();
  });
});

describe('a dated id', () => {
  it('sorts by time and tells its month', () => {
    const times = fc.integer({ min: 0, max: 4_102_444_800_000 });
    fc.assert(
      fc.property(times, times, octets(10), (a, b, random) => {
        const [first, second] = [datedIdFrom(a, random), datedIdFrom(b, random)];
        expect(first < second).toBe(a < b);
        expect(monthOfDatedId(first)).toBe(new Date(a).toISOString().slice(0, 7));
      }),
    );
  });

  it.each(['', 'x', '06eah81yg03dy19q360t4dygx', '06eah81yg03dy19q360t4dygxi', '../06eah81yg03dy19q360t4dy'])(
    'is not %j',
    (text) => {
      expect(monthOfDatedId(text)).toBeUndefined();
    },
  );
});
