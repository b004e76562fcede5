import * as z from 'zod/mini';

/**
 * The schema of a text that one of the domain's readers takes.
 *
 * @param read gives undefined for what it does not take
 * @param fault what such a text is, in words
 */
export const readBy = <Value>(read: (text: string) => Value | undefined, fault: string) =>
  z.pipe(
    z.string(),
    z.transform((text: string, context): Value => {
      const value = read(text);
      if (value !== undefined) return value;
      context.issues.push({ code: 'custom', message: fault, input: text });
      return z.NEVER;
    }),
  );
