import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePrivateFile } from '../../../cli/private-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'private-file-'));
const path = join(directory, 'secret');
afterEach(() => rmSync(path, { force: true }));
afterAll(() => rmSync(directory, { recursive: true }));

describe('a private file', () => {
  it('is for its owner alone, and nothing is left beside it', () => {
    expect(writePrivateFile(path, 'key', { isReplacing: false })).toBe(true);
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['key', 0o600]);
    expect(readdirSync(directory)).toEqual(['secret']);
  });

  it('leaves another of its name alone', () => {
    writeFileSync(path, 'other');
    expect(writePrivateFile(path, 'key', { isReplacing: false })).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe('other');
    expect(readdirSync(directory)).toEqual(['secret']);
  });

  it('replaces another when it is told to, whoever could read that one', () => {
    writeFileSync(path, 'other', { mode: 0o644 });
    expect(writePrivateFile(path, 'key', { isReplacing: true })).toBe(true);
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['key', 0o600]);
  });

  it('says what is wrong with a place that cannot be written', () => {
    const nowhere = join(directory, 'none', 'secret');
    expect(() => writePrivateFile(nowhere, 'key', { isReplacing: false })).toThrow('ENOENT');
  });
});
