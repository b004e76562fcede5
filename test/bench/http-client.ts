import { Agent, request } from 'node:http';

export interface Post {
  readonly url: string;
  readonly token?: string;
  readonly body: unknown;
}

const AT_ONCE = 8;

/** Sends all, eight at a time over connections that stay. @throws Error for an answer that is none of success */
export async function postAll(posts: readonly Post[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const left = [...posts];
  const sendOn = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await post(agent, next);
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, sendOn));
  } finally {
    agent.destroy();
  }
}

const post = (agent: Agent, { url, token, body }: Post): Promise<void> =>
  new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let said = '';
      response.on('data', (chunk: Buffer) => (said += chunk.toString()));
      response.on('end', () => {
        const isIssued = (response.statusCode ?? 0) < 300 && said.includes('BEGIN CERTIFICATE');
        if (isIssued) resolve();
        else reject(new Error(`${url} answered ${response.statusCode}: ${said.slice(0, 500)}`));
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
