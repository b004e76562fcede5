import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { startStack, type Stack } from '../../infra/local/stack.ts';

/*
 * A vendor's directory is asked by the functions themselves, over the queue, the secret and the variables that they
 * have: everything but the vendor is the deployment's own.
 */

const SECRET = 'bamboo-private-key-0123456789';
let stack: Stack;
let vendor: Server;
let status = 'Active';
let refusals = 0;
let asked: string[] = [];

beforeAll(async () => {
  vendor = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    if (refusals > 0) {
      refusals -= 1;
      return void response.writeHead(401).end();
    }
    response.end(JSON.stringify({ id: '123', status, workEmail: 'alice@example.com' }));
  });
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
  const address = vendor.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  stack = await startStack({
    schedules: 'manual',
    vpn: 'tls',
    redeliverySeconds: 0,
    params: {
      offboardingSources: 'hr:email bamboo:email:bamboohr',
      directoryLookups: `bamboo=http://127.0.0.1:${port}/api/v1`,
    },
  });
  await stack.settled();
  stack.cloud.secrets.put('vpn-portal/local/bamboo', JSON.stringify({ secrets: [SECRET] }));
  stack.cloud.secrets.put(
    'vpn-portal/local/lookups',
    JSON.stringify({ bamboo: { apiKey: 'a-key-of-bamboo' } }),
  );
  await get('/v1/me', 'alice');
}, 20_000);
afterAll(async () => {
  await stack.close();
  vendor.closeAllConnections();
  vendor.close();
});

async function get(path: string, as: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${await stack.tokenFor(as)}` };
  return (await fetch(`${stack.apiUrl}${path}`, { headers })).json();
}

/** BambooHR says that something about employee 123 changed. */
async function changed(now: string): Promise<unknown> {
  status = now;
  const timestamp = new Date().toISOString();
  const body = JSON.stringify({ type: 'employee.updated', timestamp, data: { employeeId: '123' } });
  const at = String(Math.floor(Date.now() / 1000));
  const headers = {
    'content-type': 'application/json',
    'x-bamboohr-timestamp': at,
    'x-bamboohr-signature': createHmac('sha256', SECRET)
      .update(body + at)
      .digest('hex'),
  };
  const answer = await fetch(`${stack.apiUrl}/v1/offboarding/bamboo`, { method: 'POST', headers, body });
  return [answer.status, await answer.json()];
}
const denials = async (): Promise<unknown> =>
  ((await get('/v1/admin/people?email=alice@example.com', 'adam')) as { denials: unknown }).denials;

it('a change at the vendor is acknowledged at once, and acted on as soon as the vendor has told what it is', async () => {
  refusals = 4;
  expect(await changed('Inactive')).toEqual([200, { outcome: 'asked' }]);
  await stack.settled();
  expect(await denials()).toMatchObject([{ source: 'bamboo', kind: 'left' }]);
  // Twice with a fresh look at the credentials each time, and then believed.
  expect(asked).toHaveLength(5);
  const key = Buffer.from('a-key-of-bamboo:x').toString('base64');
  expect(new Set(asked)).toEqual(
    new Set([
      `/api/v1/employees/123?fields=status,workEmail,employeeNumber,terminationDate&onlyCurrent=false Basic ${key}`,
    ]),
  );
  asked = [];
  expect(await changed('Active')).toEqual([200, { outcome: 'asked' }]);
  await stack.settled();
  expect([await denials(), asked.length]).toEqual([[], 1]);
}, 30_000);
