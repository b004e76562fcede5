/**
 * Works on all items, a few at a time, in their order.
 *
 * @param goesOn asked before each item: once it says no, the rest is left to the next time
 * @returns how many were left
 * @throws what `work` throws first; what had begun has ended by then, and nothing more was begun
 */
export async function eachAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<unknown>,
  goesOn: () => boolean = () => true,
): Promise<number> {
  const failures: unknown[] = [];
  let next = 0;
  const workOn = async (): Promise<void> => {
    while (next < items.length && failures.length === 0 && goesOn()) {
      const item = items[next] as T;
      next += 1;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, workOn));
  if (failures.length > 0) throw failures[0];
  return items.length - next;
}
