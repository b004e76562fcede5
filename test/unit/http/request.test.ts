import * as z from 'zod';
import { DomainError } from '../../../shared/domain/errors.ts';
import { bodyText, idempotencyKey, isKnownToCaller, parseJson } from '../../../shared/http/request.ts';

function refusalOf(action: () => unknown): DomainError {
  try {
    action();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a body', () => {
  it.each([
    ['as text', { body: 'ä', isBase64Encoded: false }, 'ä'],
    ['as base64', { body: 'w6Q=', isBase64Encoded: true }, 'ä'],
    ['that is absent', { isBase64Encoded: false }, ''],
  ])('is read %s', (_, event, text) => {
    expect(bodyText(event)).toBe(text);
  });

  it.each([
    ['64 KiB', 'a'.repeat(65_536), undefined],
    ['one octet more', 'a'.repeat(65_537), 'bodyTooLarge'],
    ['fewer letters of more octets', 'ä'.repeat(32_769), 'bodyTooLarge'],
  ])('of %s is measured in octets', (_, body, code) => {
    const read = (): string => bodyText({ body, isBase64Encoded: false });
    if (code === undefined) expect(read()).toBe(body);
    else expect(refusalOf(read).code).toBe(code);
  });
});

describe('faults', () => {
  const shape = z.union([
    z.strictObject({ a: z.string(), b: z.object({ c: z.array(z.int()) }) }),
    z.strictObject({ other: z.string() }),
  ]);
  it.each([
    ['a field deep down', { a: 'x', b: { c: [1, 'two'] } }, ['/b/c/1']],
    ['names with ~ and /', { a: 'x', b: { c: [] }, 'x~y/z': 1 }, ['/x~0y~1z']],
    ['the nearer shape', { other: 1 }, ['/other']],
    ['the whole', 'text', ['']],
  ])('point to %s (RFC 6901)', (_, value, pointers) => {
    const { faults } = refusalOf(() => parseJson(shape, JSON.stringify(value)));
    expect(faults.map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('are twenty at most, with short names', () => {
    const value = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`${n}`.padEnd(500, 'x'), 1]));
    const { faults } = refusalOf(() => parseJson(z.strictObject({}), JSON.stringify(value)));
    expect(faults).toHaveLength(20);
    expect(Math.max(...faults.map(({ pointer }) => pointer.length))).toBe(65);
  });
});

describe('an Idempotency-Key', () => {
  it.each([
    ['plain', 'a-key.of:some_length', 'a-key.of:some_length'],
    ['quoted as a structured field', '"a-key-of-some-length"', 'a-key-of-some-length'],
    ['absent', undefined, undefined],
  ])('is taken %s', (_, value, key) => {
    const headers = value === undefined ? {} : { 'idempotency-key': value };
    expect(idempotencyKey({ headers })).toBe(key);
  });
});

describe('If-None-Match', () => {
  it.each([
    ['absent', undefined, false],
    ['empty', '', false],
    ['anything', ' * ', true],
    ['the tag', '"abc"', true],
    ['the tag, weak', 'W/"abc"', true],
    ['one of several', '"x, y", W/"abc" ,"z"', true],
    ['another form of it', '"abc-pem"', false],
    ['its beginning', '"ab"', false],
    ['without quotation marks', 'abc', false],
    ['a tag that never ends', '"abc', false],
    ['a star among tags', '"x", *', false],
  ])('%s', (_, header, isKnown) => {
    expect(isKnownToCaller(header, '"abc"')).toBe(isKnown);
  });
});
