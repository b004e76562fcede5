import { parseWho } from '../../../cli/who.ts';

describe('WHO', () => {
  it.each([
    ['Alice@Example.com', { alias: { kind: 'email', value: 'alice@example.com' }, isBareWord: false }],
    ['email:alice@example.com', { alias: { kind: 'email', value: 'alice@example.com' }, isBareWord: false }],
    ['login:Alice', { alias: { kind: 'login', value: 'alice' }, isBareWord: false }],
    ['employeeNumber:1001', { alias: { kind: 'employeeNumber', value: '1001' }, isBareWord: false }],
    ['alice', { alias: { kind: 'login', value: 'alice' }, isBareWord: true }],
    ['zmdhy71066143ztg7j5wdafk3g', { personId: 'zmdhy71066143ztg7j5wdafk3g' }],
  ])('%s', (text, who) => expect(parseWho(text)).toEqual(who));

  it.each(['', ' ', 'login:', 'a\u0000@example.com'])('names nobody: %j', (text) => {
    expect(() => parseWho(text)).toThrow();
  });
});
