import { apiKey } from '../support/api-keys.ts';

/** So many requests for certificates, PEM, each for a key of its own: a key is certified once. */
export async function requestsFor(count: number, name = 'bench'): Promise<string[]> {
  const requests: string[] = [];
  for (let index = 0; index < count; index += 1) requests.push((await apiKey(`${name} ${index}`)).csr);
  return requests;
}
