import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

/** What a bundle is made of: octets in it by input file, and its own size. */
export interface Bundle {
  readonly functionName: string;
  readonly octets: number;
  readonly octetsOf: Readonly<Record<string, number>>;
}

/**
 * Makes one ES module of each function: `<outDirectory>/functions/<name>/index.mjs`, and its source map beside it.
 *
 * Everything a function needs is in its bundle, the SDK too: what Lambda brings changes without notice, and loads
 * slower.
 *
 * @param root the folder of serverless.yml
 * @param outDirectory undefined: nothing is written
 */
export async function bundleFunctions(
  root: string,
  functionNames: readonly string[],
  outDirectory?: string,
): Promise<Bundle[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: functionNames.map((name) => ({
      in: `functions/${name}/index.ts`,
      out: `functions/${name}/index`,
    })),
    outdir: outDirectory ?? join(root, '.build'),
    write: outDirectory !== undefined,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    outExtension: { '.js': '.mjs' },
    // The ES modules of packages that have both: only they can be shaken.
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    sourcemap: outDirectory === undefined ? false : 'external',
    metafile: true,
    logLevel: 'warning',
    banner: {
      js: "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);",
    },
    plugins: [credentialsFromEnvironment, neverLoaded, namesAsFields, requireBuiltins],
  });
  return functionNames.map((name) => bundleOf(metafile, name));
}

/**
 * Node's own modules come by require. An import of one reads each of its exports first, lazy ones too: that of
 * `node:http` loads all of fetch, a tenth of the time in which the gate loads. Each name is read by itself, and only
 * where somebody imports it.
 */
const requireBuiltins: Plugin = {
  name: 'require-builtins',
  setup(build) {
    const namespace = 'builtin';
    build.onResolve({ filter: /^(node:)?[a-z]/ }, ({ path, kind }) =>
      kind === 'import-statement' && BUILTINS.has(path.replace(/^node:/, ''))
        ? { path, namespace }
        : undefined,
    );
    build.onLoad({ filter: /^/, namespace }, ({ path }) => ({ contents: builtinModule(path) }));
  },
};

function builtinModule(path: string): string {
  const module = process.getBuiltinModule(path);
  if (module === undefined) throw new Error(`this Node has no ${path}`);
  const names = Object.getOwnPropertyNames(module).filter(
    (name) => /^[A-Za-z_]\w*$/.test(name) && name !== 'default',
  );
  return [
    `const builtin = require(${JSON.stringify(path)});`,
    'export default builtin;',
    ...names.map((name) => `export const ${name} = /* @__PURE__ */ (() => builtin.${name})();`),
  ].join('\n');
}

const BUILTINS: ReadonlySet<string> = new Set(builtinModules);

/**
 * Lambda gives a function its credentials in the environment, nowhere else. The SDK's chain of providers would look
 * for them in files, in processes and on the network too: a quarter of the gate's octets, which it must never ask.
 */
const credentialsFromEnvironment: Plugin = {
  name: 'credentials-from-environment',
  setup(build) {
    const namespace = 'credentials';
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path, resolveDir }) => ({
      path,
      namespace,
      pluginData: resolveDir,
    }));
    build.onLoad({ filter: /^/, namespace }, ({ pluginData }) => ({
      resolveDir: String(pluginData),
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
    }));
  },
};

/**
 * What the SDK imports only on a wish that no function has: services that answer with streams of events, and the name
 * of a browser. Taken along, it would keep the rest of the SDK from being one scope, which loads faster. Asked for all
 * the same, it fails with its name.
 */
const neverLoaded: Plugin = {
  name: 'never-loaded',
  setup(build) {
    build.onResolve({ filter: /^(@smithy\/core\/event-streams|bowser)$/ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};

/**
 * pkijs gives its classes their names in static blocks, of which a bundler cannot know what they do: one class would
 * bring all of CMS, OCSP and time stamps. As static fields the names are the same, and three fifths are left out.
 */
const namesAsFields: Plugin = {
  name: 'names-as-fields',
  setup(build) {
    build.onLoad({ filter: /\/node_modules\/pkijs\/build\/index\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(
        /static \{((?:\s*this\.[A-Z_]+ = (?:"[^"]*"|\w+);)+)\s*\}/g,
        (_, fields: string) => fields.replaceAll('this.', 'static '),
      ),
    }));
  },
};

/** Our part of osls, where serverless.yml names it; osls brings what it needs. */
export async function bundlePlugin(root: string, outDirectory: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: [{ in: 'infra/deploy/osls-plugin.ts', out: 'infra/deploy/osls-plugin' }],
    outdir: outDirectory,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
}

function bundleOf(metafile: Metafile, functionName: string): Bundle {
  const entryPoint = `functions/${functionName}/index.ts`;
  const output = Object.values(metafile.outputs).find((one) => one.entryPoint === entryPoint);
  if (output === undefined) throw new Error(`esbuild made no bundle of ${entryPoint}`);
  const octetsOf = Object.entries(output.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path, { bytesInOutput }]) => [path, bytesInOutput] as const);
  return { functionName, octets: output.bytes, octetsOf: Object.fromEntries(octetsOf) };
}
