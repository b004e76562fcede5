import { fileURLToPath } from 'node:url';
import { bundleFaults, packageOf } from '../../infra/package/bundle-contents.ts';
import { bundleFunctions } from '../../infra/package/bundle.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The other bundles are judged by the same rules whenever they are packaged. */
describe("the gate's bundle", () => {
  it('holds what two reads of the table need, and nothing of what it must not have', async () => {
    const [gate] = await bundleFunctions(ROOT, ['gate']);
    expect(gate).toBeDefined();
    if (gate === undefined) return;
    expect(bundleFaults(gate)).toEqual([]);
    const packages = new Set(Object.keys(gate.octetsOf).map(packageOf));
    expect([...packages].filter((name) => name?.startsWith('@aws-sdk/client-'))).toEqual([
      '@aws-sdk/client-dynamodb',
    ]);
    expect(Object.keys(gate.octetsOf)).not.toContainEqual(expect.stringContaining('zod/v4/classic'));
    for (const name of ['pkijs', 'asn1js', 'zod-openapi', 'standardwebhooks']) {
      expect(packages).not.toContain(name);
    }
  }, 30_000);
});

describe('the rules about bundles', () => {
  const bundle = (functionName: string, path: string, octets = 1_000) => ({
    functionName,
    octets,
    octetsOf: { [path]: 1 },
  });

  it.each([
    ['gate', 'node_modules/@aws-sdk/client-ec2/dist-es/index.js', /client-ec2, which only endpoint-worker/],
    ['endpoint-worker', 'node_modules/pkijs/index.js', /pkijs, which only issue-certificate/],
    ['admin-read', 'node_modules/@aws-sdk/client-kms/x.js', /client-kms/],
    ['admin-write', 'node_modules/a/node_modules/@aws-sdk/client-ec2/x.js', /client-ec2/],
    ['public', 'node_modules/zod/v4/locales/de.js', /zod's languages/],
    ['public', 'infra/local/clock.ts', /not shipped/],
    ['scim', 'node_modules/@aws-sdk/credential-provider-ini/x.js', /search for credentials/],
  ])('stop %s from holding %s', (functionName, path, words) => {
    expect(bundleFaults(bundle(functionName, path))).toEqual([expect.stringMatching(words)]);
  });

  it.each([
    ['endpoint-worker', 'node_modules/@aws-sdk/client-ec2/dist-es/index.js'],
    ['gate', 'node_modules/zod/v4/locales/en.js'],
  ])('let %s hold %s', (functionName, path) => {
    expect(bundleFaults(bundle(functionName, path))).toEqual([]);
  });

  it('hold the gate to a fifth of what others may have', () => {
    expect(bundleFaults(bundle('gate', 'x.ts', 600_000))).toEqual([expect.stringMatching(/octets/)]);
    expect(bundleFaults(bundle('publisher', 'x.ts', 600_000))).toEqual([]);
  });
});
