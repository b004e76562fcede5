import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';

// Every function loads this file, and zod/mini has no words of its own for what is wrong.
z.config(en());

/**
 * A slice is what one subject needs of the environment: the variables, and the names with units that the code uses.
 * A function parses the slices it needs and no others, all faults at once, when it is loaded: a bad deploy fails
 * loudly, and the gate needs no variable of the publisher.
 */
export interface Slice<Config> {
  readonly shape: Shape;
  readonly read: (environment: Readonly<Record<string, unknown>>) => Config;
}

type Shape = Readonly<Record<string, z.ZodMiniType>>;

/** @param read gives what was parsed the names that the code uses */
export const slice = <Own extends Shape, Config>(
  shape: Own,
  read: (environment: z.infer<z.ZodMiniObject<Own>>) => Config,
): Slice<Config> => ({ shape, read: read as Slice<Config>['read'] });

/** Any that is not empty. */
export const text = z.string().check(z.minLength(1));
/** A text of one form. */
export const formed = (form: RegExp, what: string) => z.string().check(z.regex(form, what));
/** A whole number, both limits included. z.coerce reads '' as 0, so the text is looked at first. */
export const whole = (least: number, most: number) =>
  z.pipe(
    z.pipe(formed(/^\d+$/, 'a whole number'), z.transform(Number)),
    z.int().check(z.gte(least), z.lte(most)),
  );

/** Words with spaces between. */
export const words = (list: string): string[] => list.split(' ').filter((word) => word !== '');

type Slices = Readonly<Record<string, Slice<unknown>>>;
type ConfigOf<S extends Slices> = {
  readonly [Name in keyof S]: S[Name] extends Slice<infer Config> ? Config : never;
};

/**
 * Parses the slices of the environment that a function needs.
 *
 * @throws z.core.$ZodError naming every bad or missing variable at once
 */
export function parseConfig<S extends Slices>(env: NodeJS.ProcessEnv, slices: S): ConfigOf<S> {
  const shape = Object.values(slices).reduce<Shape>((all, one) => ({ ...all, ...one.shape }), {});
  const parsed = z.object(shape).parse(env);
  const entries = Object.entries(slices).map(([name, { read }]) => [name, read(parsed)] as const);
  return Object.freeze(Object.fromEntries(entries)) as ConfigOf<S>;
}
