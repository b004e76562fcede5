import { DomainError } from '../domain/errors.ts';

/**
 * The answer to work, or after so long a refusal that says to come again: what was begun may still be done, and is
 * then known when the caller comes again.
 *
 * @throws DomainError tryAgain
 */
export async function answerWithin<T>(work: Promise<T>, milliseconds: number | undefined): Promise<T> {
  if (milliseconds === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DomainError('tryAgain', 'it takes too long; send it again', { retryAfterSeconds: 2 }));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // Nobody waits for it any more.
    work.catch(() => undefined);
  }
}
