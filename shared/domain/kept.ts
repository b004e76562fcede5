/** How many of one kind are kept. A process has one CA, one company and one endpoint, or a few. */
const KEPT = 16;

/** Works out what is asked for again and again no more than once. What is given back must not be changed. */
export function kept<T>(workOut: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const earlier = known.get(key);
    if (earlier !== undefined) return earlier;
    const result = workOut(key);
    if (known.size >= KEPT) known.clear();
    known.set(key, result);
    return result;
  };
}
