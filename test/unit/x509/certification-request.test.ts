import { createPublicKey } from 'node:crypto';
import * as fc from 'fast-check';
import { CertificationRequest as Pkcs10 } from 'pkijs';
import { DomainError } from '../../../shared/domain/errors.ts';
import {
  certificationRequestDerFrom,
  MAXIMUM_REQUEST_OCTETS,
  OPENSSL_REQUEST_LINE,
  parseCertificationRequest,
} from '../../../shared/domain/x509/certification-request.ts';
import {
  bitStringDer,
  contextDer,
  elementDer,
  objectIdentifierDer,
  sequenceDer,
  smallIntegerDer,
} from '../../../shared/domain/x509/der-writer.ts';
import { assembleSigned } from '../../../shared/domain/x509/signed.ts';
import { testKey, vector, type TestKey } from './fixtures.ts';

const textOf = (name: string): string => vector(name).toString('utf8');
const derOf = (name: string): Uint8Array => certificationRequestDerFrom(textOf(name));

/** The refusal of what is done, which must be one. */
function refusalOf(action: () => unknown): DomainError {
  try {
    action();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const GOOD = 'openssl-3.0/rsa2048-sha256.csr.pem';
const good = derOf(GOOD);
const goodKey = parseCertificationRequest(good);

describe('a certification request as text', () => {
  it.each([
    ['PEM', textOf(GOOD)],
    ['PEM with CRLF', textOf(GOOD).replaceAll('\n', '\r\n')],
    ['PEM without a last line end', textOf(GOOD).trimEnd()],
    [
      'PEM behind the text that openssl req -text writes',
      `Certificate Request:\n    Data: 1\n${textOf(GOOD)}`,
    ],
    ['base64 of DER', Buffer.from(good).toString('base64')],
    ['base64 of DER in lines', Buffer.from(good).toString('base64').replaceAll(/.{64}/g, '$&\n')],
  ])('is taken as %s', (_, text) => {
    expect(Buffer.from(certificationRequestDerFrom(text)).equals(good)).toBe(true);
  });

  it('is taken under the old label', () => {
    const text = textOf('openssl-3.0/rsa2048-newhdr.csr.pem');
    expect(text).toContain('BEGIN NEW CERTIFICATE REQUEST');
    expect(parseCertificationRequest(certificationRequestDerFrom(text)).publicKeySha256Hex).toHaveLength(64);
  });

  it.each([
    ['empty', ''],
    ['prose', 'please give me a certificate'],
    ['JSON', '{"csr":"x"}'],
    ['cut off', textOf(GOOD).slice(0, -40)],
    [
      'cut off in its base64',
      textOf(GOOD)
        .replace(/=*\n-----END/, '\n-----END')
        .replace(/A/, ''),
    ],
    ['two blocks', textOf(GOOD) + textOf(GOOD)],
    ['another block', textOf(GOOD).replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE')],
    ['a damaged letter', textOf(GOOD).replace('\nMII', '\nMI!')],
    ['too large', ' '.repeat(MAXIMUM_REQUEST_OCTETS) + textOf(GOOD)],
  ])('is refused when it is %s, with the line that works', (_, text) => {
    const refusal = refusalOf(() => certificationRequestDerFrom(text));
    expect(refusal.code).toBe('badCsr');
    expect(refusal.message).toContain(OPENSSL_REQUEST_LINE);
  });

  it('is refused when a private key is with it, which its owner is told', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n';
    expect(refusalOf(() => certificationRequestDerFrom(key + textOf(GOOD))).message).toContain('private key');
  });
});

describe('a certification request', () => {
  it('gives its public key and nothing else', () => {
    expect(Object.keys(goodKey).sort()).toEqual(['publicKeySha256Hex', 'subjectPublicKeyInfoDer']);
    expect(
      Object.keys(parseCertificationRequest(derOf('openssl-3.0/rsa2048-greedy.csr.pem'))).sort(),
    ).toEqual(['publicKeySha256Hex', 'subjectPublicKeyInfoDer']);
  });

  it('gives a key that Node reads, in the encoding that Node writes', () => {
    const key = createPublicKey({
      key: Buffer.from(goodKey.subjectPublicKeyInfoDer),
      format: 'der',
      type: 'spki',
    });
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048);
    const written = key.export({ format: 'der', type: 'spki' });
    expect(written.equals(goodKey.subjectPublicKeyInfoDer)).toBe(true);
  });

  it.each([
    ['openssl-3.0/rsa1024.csr.pem', 'badPublicKey', '1024 bits'],
    ['openssl-3.0/rsa3072.csr.pem', 'badPublicKey', '3072 bits'],
    ['openssl-3.0/rsa4096.csr.pem', 'badPublicKey', '4096 bits'],
    ['openssl-3.0/ec-p256.csr.pem', 'badPublicKey', 'an EC key'],
    ['openssl-3.0/ed25519.csr.pem', 'badPublicKey', 'an Ed25519 key'],
    ['openssl-3.0/rsa-pss-key.csr.pem', 'badPublicKey', 'RSASSA-PSS'],
    ['openssl-3.0/rsa2048-exponent-3.csr.pem', 'badPublicKey', '65537'],
    ['openssl-3.0/rsa2048-sha1.csr.pem', 'badSignatureAlgorithm', 'SHA-1'],
    ['openssl-3.0/rsa2048-md5.csr.pem', 'badSignatureAlgorithm', 'MD5'],
    ['openssl-3.0/rsa2048-sha384.csr.pem', 'badSignatureAlgorithm', 'SHA-384'],
    ['openssl-3.0/rsa2048-sha512.csr.pem', 'badSignatureAlgorithm', 'SHA-512'],
    ['openssl-3.0/rsa2048-pss-signature.csr.pem', 'badSignatureAlgorithm', 'RSASSA-PSS'],
    ['weak-keys/roca.csr.pem', 'badPublicKey', 'CVE-2017-15361'],
    ['weak-keys/close-primes.csr.pem', 'badPublicKey', 'too close'],
    ['weak-keys/factor-751.csr.pem', 'badPublicKey', '751'],
    ['weak-keys/exponent-1.csr.pem', 'badPublicKey', '65537'],
    ['weak-keys/exponent-even.csr.pem', 'badPublicKey', 'even'],
    ['weak-keys/exponent-too-large.csr.pem', 'badPublicKey', '4294967296'],
  ])('%s is refused as %s, saying "%s" and the line that works', (name, code, words) => {
    const refusal = refusalOf(() => parseCertificationRequest(derOf(name)));
    expect(refusal.code).toBe(code);
    expect(refusal.message).toContain(words);
    expect(refusal.message).toContain(
      'openssl req -new -newkey rsa:2048 -nodes -sha256 -keyout vpn.key -out vpn.csr -subj /CN=vpn',
    );
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['one octet', Uint8Array.of(0x30)],
    ['an indefinite length', Uint8Array.of(0x30, 0x80, 0, 0)],
    ['an empty sequence', Uint8Array.of(0x30, 0)],
    ['one trailing octet', Buffer.concat([good, Uint8Array.of(0)])],
    ['a second request behind it', Buffer.concat([good, good])],
    ['more than 16 KiB', Buffer.concat([good, Buffer.alloc(MAXIMUM_REQUEST_OCTETS)])],
    ['another signature', Buffer.concat([good.subarray(0, -1), Uint8Array.of((good.at(-1) ?? 0) ^ 1)])],
    [
      'parameters instead of a key',
      sequenceDer(
        sequenceDer(objectIdentifierDer('1.2.3')),
        sequenceDer(objectIdentifierDer('1.2.3')),
        bitStringDer(good),
      ),
    ],
  ])('of %s is refused as badCsr', (_, der) => {
    expect(refusalOf(() => parseCertificationRequest(der)).code).toBe('badCsr');
  });

  it('is refused above 16 KiB before it is looked at', () => {
    const der = sequenceDer(new Uint8Array(MAXIMUM_REQUEST_OCTETS));
    expect(refusalOf(() => parseCertificationRequest(der)).message).toContain('larger than 16 KiB');
  });

  it('is refused at every length short of its own', () => {
    for (let length = 0; length < good.length; length += 1) {
      expect(refusalOf(() => parseCertificationRequest(good.subarray(0, length))).code).toBe('badCsr');
    }
  });

  it('with any bit flipped is refused, in the signed part and outside it', () => {
    fc.assert(
      fc.property(fc.nat({ max: good.length * 8 - 1 }), (bit) => {
        const flipped = Uint8Array.from(good);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(['badCsr', 'badPublicKey', 'badSignatureAlgorithm']).toContain(outcomeOf(flipped));
      }),
      { numRuns: 400 },
    );
  });

  it('with other parameters of its signature algorithm than NULL is refused', () => {
    const at = Buffer.from(good).lastIndexOf(Buffer.from('0500', 'hex'), good.length - 256);
    const der = Uint8Array.from(good);
    der[at] = 0x04;
    expect(refusalOf(() => parseCertificationRequest(der)).message).toContain('parameters that are not NULL');
  });

  it('with octets replaced, cut out or repeated never makes anything but a refusal', () => {
    const change = fc.tuple(fc.nat(good.length), fc.nat(40), fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let der = Buffer.from(good);
        for (const [at, removed, added] of changes) {
          der = Buffer.concat([der.subarray(0, at), added, der.subarray(at + removed)]);
        }
        const outcome = outcomeOf(der);
        if (typeof outcome !== 'string') expect(der.equals(good)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it.each([[GOOD], ['openssl-3.0/rsa2048-newhdr.csr.pem'], ['openssl-3.0/rsa2048-greedy.csr.pem']])(
    '%s is read alike by pkijs',
    (name) => expectAgreement(derOf(name)),
  );

  it('that is accepted is read alike by pkijs, whatever subject and attributes it has', () => {
    const octets = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(
        fc.constantFrom(testKey('first'), testKey('second')),
        fc.array(fc.string({ minLength: 1, maxLength: 40 }), { maxLength: 4 }),
        fc.option(fc.array(octets, { maxLength: 3 }), { nil: undefined }),
        (key, names, attributes) => expectAgreement(requestOf(key, names, attributes)),
      ),
      { numRuns: 100 },
    );
  });

  it.each([
    ['a trailing octet', Buffer.concat([good, Uint8Array.of(0)])],
    ['a length of more octets than needed', withPaddedLength(good)],
  ])('with %s is refused, though pkijs reads it: the reader is our own for this too', (_, der) => {
    expect(Pkcs10.fromBER(new Uint8Array(der)).version).toBe(0);
    expect(refusalOf(() => parseCertificationRequest(der)).code).toBe('badCsr');
  });
});

/** Holds what we take from a request against what pkijs reads in it. */
function expectAgreement(der: Uint8Array): void {
  const theirs = Pkcs10.fromBER(new Uint8Array(der)).subjectPublicKeyInfo.toSchema().toBER();
  const ours = parseCertificationRequest(der).subjectPublicKeyInfoDer;
  expect(Buffer.from(ours).toString('hex')).toBe(Buffer.from(theirs).toString('hex'));
}

/** @param attributes octets of challenge passwords; undefined leaves the set out, as some clients do */
function requestOf(key: TestKey, names: readonly string[], attributes?: readonly Uint8Array[]): Uint8Array {
  const subject = names.map((name) =>
    elementDer(0x31, sequenceDer(objectIdentifierDer('2.5.4.3'), elementDer(0x0c, Buffer.from(name)))),
  );
  const challenges = attributes?.map((octets) =>
    sequenceDer(objectIdentifierDer('1.2.840.113549.1.9.7'), elementDer(0x31, elementDer(0x04, octets))),
  );
  const info = sequenceDer(
    smallIntegerDer(0),
    sequenceDer(...subject),
    key.subjectPublicKeyInfoDer,
    ...(challenges === undefined ? [] : [contextDer(0, ...challenges)]),
  );
  return assembleSigned(info, key.sign(info));
}

/** The outer length with a zero before it. */
function withPaddedLength(der: Uint8Array): Uint8Array {
  expect(der[1]).toBe(0x82);
  return Buffer.concat([Uint8Array.of(0x30, 0x83, 0), der.subarray(2)]);
}

/** The key, or the code of the refusal; anything else that is thrown fails the test. */
function outcomeOf(der: Uint8Array): unknown {
  try {
    return parseCertificationRequest(der);
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}
