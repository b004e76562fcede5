import type { EC2Client } from '@aws-sdk/client-ec2';

/** `Date` has whole seconds (RFC 9110 section 5.6.7): on average it is half of one behind. */
const HALF_A_SECOND = 500;

/**
 * Compares this machine's clock with the `Date` of what a service answers.
 *
 * @param now milliseconds since the Unix epoch, by this machine
 * @returns how far this machine is ahead, in milliseconds; undefined before the first answer
 */
export function observeServerTime(
  client: Pick<EC2Client, 'middlewareStack'>,
  now: () => number,
): () => number | undefined {
  let ahead: number | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const before = now();
      const result = await next(args);
      const date = Date.parse(dateOf(result.response));
      if (!Number.isNaN(date)) ahead = Math.round((before + now()) / 2 - (date + HALF_A_SECOND));
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'observeServerTime' },
  );
  return () => ahead;
}

function dateOf(response: unknown): string {
  const headers: unknown =
    typeof response === 'object' && response !== null ? Reflect.get(response, 'headers') : undefined;
  const date: unknown =
    typeof headers === 'object' && headers !== null ? Reflect.get(headers, 'date') : undefined;
  return typeof date === 'string' ? date : '';
}
