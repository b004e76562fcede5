import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONFIG = '.dependency-cruiser.json';
const FOLDERS = ['functions', 'shared', 'infra', 'cli', 'test'];

const report = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

async function cruise(directory: string, folders: readonly string[]) {
  const tool = join(ROOT, 'node_modules/.bin/depcruise');
  const child = spawn(process.execPath, [tool, '--config', CONFIG, '--output-type', 'json', ...folders], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  return report.parse(JSON.parse(output)).summary;
}

/** One violation of each rule: the file that breaks it, what it imports, and from what. */
const PLANTED: Readonly<Record<string, { from: string; imports: string; to: string }>> = {
  'domain-imports-only-itself-pkijs-and-asn1js': {
    from: 'shared/domain/planted.ts',
    imports: 'zod',
    to: 'node_modules/zod/index.js',
  },
  'ports-name-domain-types-only': {
    from: 'shared/ports/planted.ts',
    imports: '../http/innocent.ts',
    to: 'shared/http/innocent.ts',
  },
  'use-cases-know-ports-and-domain-only': {
    from: 'shared/use-cases/planted.ts',
    imports: '../http/innocent.ts',
    to: 'shared/http/innocent.ts',
  },
  'adapters-and-http-never-call-use-cases': {
    from: 'shared/adapters/planted.ts',
    imports: '../use-cases/innocent.ts',
    to: 'shared/use-cases/innocent.ts',
  },
  'functions-never-import-each-other': {
    from: 'functions/one/handler.ts',
    imports: '../two/handler.ts',
    to: 'functions/two/handler.ts',
  },
  'only-wiring-touches-adapters': {
    from: 'functions/one/planted.ts',
    imports: '@aws-sdk/client-ec2',
    to: 'node_modules/@aws-sdk/client-ec2/index.js',
  },
  'shipped-code-never-imports-local-or-test': {
    from: 'functions/one/local.ts',
    imports: '../../infra/local/innocent.ts',
    to: 'infra/local/innocent.ts',
  },
  'the-local-stack-never-imports-tests': {
    from: 'infra/local/planted.ts',
    imports: '../../test/innocent.ts',
    to: 'test/innocent.ts',
  },
  'the-command-line-speaks-to-the-api-only': {
    from: 'cli/planted.ts',
    imports: '../shared/ports/innocent.ts',
    to: 'shared/ports/innocent.ts',
  },
  'no-circles': { from: 'test/about.ts', imports: './round.ts', to: 'test/round.ts' },
  'nothing-unresolvable': { from: 'test/lost.ts', imports: './nowhere.ts', to: './nowhere.ts' },
  'shipped-code-needs-no-development-dependency': {
    from: 'cli/tool.ts',
    imports: 'js-yaml',
    to: 'node_modules/js-yaml/index.js',
  },
};

/** Files that break nothing by themselves. */
const INNOCENT: Readonly<Record<string, string>> = {
  'shared/http/innocent.ts': 'export type Thing = string;',
  'shared/use-cases/innocent.ts': 'export type Thing = string;',
  'shared/ports/innocent.ts': 'export type Thing = string;',
  'functions/two/handler.ts': 'export type Thing = string;',
  'infra/local/innocent.ts': 'export type Thing = string;',
  'test/innocent.ts': 'export type Thing = string;',
  'test/round.ts': "export type { Thing } from './about.ts';",
  'node_modules/zod/index.js': '',
  'node_modules/zod/package.json': '{ "name": "zod", "version": "1.0.0", "exports": "./index.js" }',
  'node_modules/js-yaml/index.js': '',
  'node_modules/js-yaml/package.json': '{ "name": "js-yaml", "version": "1.0.0", "exports": "./index.js" }',
  'node_modules/@aws-sdk/client-ec2/index.js': '',
  'node_modules/@aws-sdk/client-ec2/package.json':
    '{ "name": "@aws-sdk/client-ec2", "version": "1.0.0", "exports": "./index.js" }',
};

describe('the import rules', () => {
  const directory = mkdtempSync(join(tmpdir(), 'import-rules-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  const plant = (path: string, text: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  const rules = z
    .object({ forbidden: z.array(z.object({ name: z.string() })) })
    .parse(JSON.parse(readFileSync(join(ROOT, CONFIG), 'utf8')))
    .forbidden.map(({ name }) => name);

  it('have a planted violation each', () => {
    expect(Object.keys(PLANTED).sort()).toEqual([...rules].sort());
  });

  it('find every planted violation, by import and by import type', async () => {
    for (const name of [CONFIG, 'tsconfig.json', 'package.json']) {
      cpSync(join(ROOT, name), join(directory, name));
    }
    for (const [path, text] of Object.entries(INNOCENT)) plant(path, text);
    const expected: string[] = [];
    for (const [rule, { from, imports, to }] of Object.entries(PLANTED)) {
      plant(from, `import { Thing } from '${imports}';\nexport type { Thing };`);
      expected.push(`${rule}: ${from} → ${to}`);
      // A circle has one shape, and a type needs no dependency at run time.
      if (rule === 'no-circles' || rule === 'shipped-code-needs-no-development-dependency') continue;
      const byType = from.replace('.ts', '-by-type.ts');
      plant(byType, `import type { Thing } from '${imports}';\nexport type { Thing };`);
      expected.push(`${rule}: ${byType} → ${to}`);
    }
    const { totalCruised, violations } = await cruise(directory, FOLDERS);
    expect(totalCruised).toBeGreaterThanOrEqual(expected.length);
    const found = violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
    expect(found.sort()).toEqual(expected.sort());
  });
});
