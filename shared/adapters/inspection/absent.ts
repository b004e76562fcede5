/** What services call something that is not there. */
const ABSENT = /^(ResourceNotFound(Exception)?|NotFound(Exception)?)$/;

/** The answer, or undefined where the service says that there is no such thing. Other errors stay errors. */
export async function unlessAbsent<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    const name: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'name') : '';
    if (typeof name === 'string' && ABSENT.test(name)) return undefined;
    throw error;
  }
}
