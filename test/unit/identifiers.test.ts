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
import { lookOf } from '../../shared/domain/confusable.ts';
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
    ['Straße', 'strasse'],
    ['STRAẞE', 'strasse'],
    ['ΝΊΚΟΣ', 'νίκος'],
    ['νίκοσ', 'νίκος'],
    ['re\u0301ne\u0301e', 'rénée'],
    ['İpek', 'i\u0307pek'],
    // A dotless i is no i: who is called one is not who is called the other.
    ['Işıl', 'işıl'],
  ])('%j has the one form %j', (text, value) => {
    expect(aliasFrom('email', text)).toEqual({ kind: 'email', value });
  });

  it.each(['', '   ', 'a\u0000b', 'a\u200bb', 'a\u034fb', 'a\ufe0fb', '\u3164', 'x'.repeat(255)])(
    'is not %j',
    (text) => {
      expect(aliasFrom('email', text)).toBeUndefined();
    },
  );
});

describe('what an alias looks like', () => {
  const look = (text: string) => lookOf(aliasFrom('email', text) ?? { kind: 'email', value: '' }).value;

  it.each([
    ['\u0430lice@example.com', 'alice@example.com', 'a Cyrillic letter'],
    ['\u0441\u043e\u0440\u0435@example.com', 'cope@example.com', 'a whole name in Cyrillic'],
    ['\u0412\u041e\u0412@example.com', 'bob@example.com', 'Cyrillic capitals'],
    ['\u039d\u0399\u039a\u039f@example.com', 'viko@example.com', 'Greek capitals, by their small forms'],
    ['\u0585sc\u0561r@example.com', 'oscwr@example.com', 'Armenian letters'],
    ['ｐａｕｌ@example.com', 'paul@example.com', 'full-width letters'],
    ['\u0131\u015f\u0131l@example.com', 'i\u015fil@example.com', 'dotless i'],
    ['İPEK@EXAMPLE.COM', 'ipek@example.com', 'an i with its dot, in capitals'],
    ['o\u2019brien@example.com', "o'brien@example.com", 'an apostrophe of a word processor'],
    ['ann\u2013lee@example.com', 'ann-lee@example.com', 'a dash'],
    ['\u0430\u0440\u0440\u04cf\u0435@example.com', 'apple@example.com', 'a palochka, which is an l'],
    ['\u13aa\u13de\u13a5\u13df\u13ac@example.com', 'alice@example.com', 'Cherokee'],
    ['ada\u026f@example.com', 'adaw@example.com', 'a Latin letter on its head'],
    ['\u057faul@example.com', 'saul@example.com', 'an Armenian letter, by its capital'],
    ['o\u02bbbrien@example.com', "o'brien@example.com", 'an okina'],
    ['user\u0437\u0431@example.com', 'user36@example.com', 'digits in Cyrillic'],
  ])('%s looks like %s: %s', (text, value) => expect(look(text)).toBe(value));

  it.each([
    ['rnorris', 'morris'],
    ['alice1', 'alicel'],
    ['jos\u00e9', 'jose'],
    ['m\u00fcller', 'mueller'],
    ['\u0438\u0432\u0430\u043d', 'ivan'],
    ['\ua645am', 'sam'],
  ])('%s and %s are two names of two people', (one, other) => expect(look(one)).not.toBe(look(other)));

  it('is the name itself for all of ASCII, and has no other look than its own', () => {
    const unit = fc.constantFrom(
      ...'abiI1lSs@. -\u00df\u1e9e\u0131\u0130\u0307\u0301\u0430\u0415\u0456\u03bf\u03a3\u03c2\uff21\u2019\u01c5',
    );
    const letters = fc.string({ unit, maxLength: 8 });
    fc.assert(
      fc.property(letters, (text) => {
        const alias = aliasFrom('login', text);
        if (alias === undefined) return;
        if (/^[\x20-\x7e]*$/.test(text)) expect(lookOf(alias)).toEqual(alias);
        expect(aliasFrom('login', alias.value)).toEqual(alias);
        expect(lookOf(lookOf(alias))).toEqual(lookOf(alias));
      }),
    );
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
