import type { Answer, Question } from '../workers.ts';

/** Answers the questions of the process that started this one, one at a time, until it goes. */
export function answerQuestions(answer: (question: Question) => Promise<Answer> | Answer): void {
  process.on('message', (question: Question) => {
    Promise.resolve()
      .then(() => answer(question))
      .then((done) => process.send?.({ done }))
      .catch((error: unknown) =>
        process.send?.({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      );
  });
  process.on('disconnect', () => process.exit());
}

/** What work takes of all cores, in milliseconds: garbage collection and compilation by other threads included. */
export async function cpuMilliseconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
