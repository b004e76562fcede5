import { join } from 'node:path';
import * as z from 'zod';
import { parseJson } from '../portal/problems.ts';
import { makePrivateDirectoryOf, readTextFile, removeFile, writePrivateFile } from '../private-file.ts';
import { configDirectory, type World } from '../world.ts';

const keptToken = z.object({
  accessToken: z.string(),
  /** Milliseconds since the Unix epoch; absent where the provider did not say. */
  expiresAt: z.number().optional(),
});
export type KeptToken = z.infer<typeof keptToken>;

/** One token for each portal: none is ever sent to another. */
const tokenFile = z.object({ tokens: z.record(z.string(), keptToken) });

const pathOf = (world: World): string => join(configDirectory(world), 'tokens.json');

function load(world: World): Record<string, KeptToken> {
  const text = readTextFile(pathOf(world));
  // A damaged file costs a sign-in, no more.
  return (text === undefined ? undefined : tokenFile.safeParse(parseJson(text)).data)?.tokens ?? {};
}

export const findToken = (world: World, portalUrl: string): KeptToken | undefined =>
  Object.entries(load(world)).find(([url]) => url === portalUrl)?.[1];

export function keepToken(world: World, portalUrl: string, token: KeptToken): void {
  makePrivateDirectoryOf(pathOf(world));
  const tokens = { ...load(world), [portalUrl]: token };
  writePrivateFile(pathOf(world), JSON.stringify({ tokens }), { isReplacing: true });
}

/** @returns whether there was one */
export function forgetToken(world: World, portalUrl: string): boolean {
  const { [portalUrl]: token, ...tokens } = load(world);
  if (token === undefined) return false;
  if (Object.keys(tokens).length === 0) removeFile(pathOf(world));
  else writePrivateFile(pathOf(world), JSON.stringify({ tokens }), { isReplacing: true });
  return true;
}
