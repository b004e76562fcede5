import { mkdtemp, readFile, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientEvents } from '../../../infra/local/openvpn/client-events.ts';
import {
  clientNotificationReader,
  parseByteCount,
} from '../../../infra/local/openvpn/client-notifications.ts';
import { replaceCrlFile } from '../../../infra/local/openvpn/crl-file.ts';
import { quoted } from '../../../infra/local/openvpn/lexical.ts';
import { serverConfiguration } from '../../../infra/local/openvpn/server-configuration.ts';

describe('a quoted text', () => {
  it.each([
    ['is one parameter', 'access ended', '"access ended"'],
    ['cannot end its quotes', 'a" "b', '"a\\" \\"b"'],
    ['cannot escape its end', 'a\\', '"a\\\\"'],
    ['cannot start another command', 'a\nclient-auth-nt 0 1\r\n', '"a client-auth-nt 0 1  "'],
    ['has no control characters of any kind', 'a\u0000\u001b[2J\u0085\u2028b', '"a  [2J  b"'],
  ])('%s', (_, text, expected) => {
    expect(quoted(text)).toBe(expected);
  });

  it('is cut between characters, before OpenVPN cuts it in the middle', () => {
    expect(quoted('é'.repeat(200))).toBe(`"${'é'.repeat(120)}"`);
  });
});

describe('the notifications of clients', () => {
  const read = (lines: readonly string[]) => {
    const reader = clientNotificationReader();
    return lines.map(reader).filter((notification) => notification !== undefined);
  };

  it('are put together from their lines', () => {
    const [notification] = read([
      '>INFO:OpenVPN Management Interface Version 5',
      '>CLIENT:CONNECT,7,1',
      '>CLIENT:ENV,common_name=a=b,c',
      '>CLIENT:ENV,password=',
      '>CLIENT:ENV,END',
    ]);
    expect(notification).toEqual({
      kind: 'CONNECT',
      cid: '7',
      kid: '1',
      env: new Map([
        ['common_name', 'a=b,c'],
        ['password', ''],
      ]),
    });
  });

  it('do not share variables, and none is made of lines that belong to none', () => {
    const found = read([
      '>CLIENT:ENV,common_name=nobody',
      '>CLIENT:ENV,END',
      '>CLIENT:ESTABLISHED,1',
      '>CLIENT:ENV,common_name=alice',
      '>CLIENT:ENV,END',
      '>CLIENT:DISCONNECT,2',
      '>CLIENT:ENV,END',
    ]);
    expect(found.map(({ kind, cid, env }) => [kind, cid, env.get('common_name')])).toEqual([
      ['ESTABLISHED', '1', 'alice'],
      ['DISCONNECT', '2', undefined],
    ]);
  });

  it('count octets from the side of the endpoint', () => {
    expect(parseByteCount('>BYTECOUNT_CLI:3,10,20')).toEqual({
      cid: '3',
      ingressOctets: 10,
      egressOctets: 20,
    });
    expect(parseByteCount('>CLIENT:CONNECT,3,1')).toBeUndefined();
  });
});

describe('the list that OpenVPN reads', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'crl-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('has another second each time, however fast they come and whatever the clock said before', async () => {
    const path = join(directory, 'deep', 'crl.pem');
    const seconds = [];
    for (const text of ['one', 'two', 'six']) {
      await replaceCrlFile(path, text);
      expect(await readFile(path, 'utf8')).toBe(text);
      seconds.push(Math.floor((await stat(path)).mtimeMs / 1000));
    }
    const later = seconds.at(-1) ?? 0;
    await utimes(path, later + 1_000, later + 1_000);
    await replaceCrlFile(path, 'ten');
    seconds.push(Math.floor((await stat(path)).mtimeMs / 1000));
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
    expect(new Set(seconds).size).toBe(4);
  });
});

describe('the configuration of a server', () => {
  const settings = {
    port: 1194,
    directory: '/data',
    serverCertificatePem: 'certificate',
    serverChainPem: 'chain',
    serverPrivateKeyPem: 'key',
    clientCaPem: 'ca',
    asksForSignIn: false,
  };

  it('checks revocation only where there is a list', () => {
    expect(serverConfiguration(settings, undefined, [])).not.toContain('crl-verify');
    expect(serverConfiguration(settings, '/a "b"/crl.pem', [])).toContain(
      'crl-verify "/a \\"b\\"/crl.pem"\n',
    );
  });

  it('refuses a path that OpenVPN would cut', () => {
    expect(() => serverConfiguration(settings, `/${'x'.repeat(250)}`, [])).toThrow(/too long/);
  });
});

describe('the events of a client', () => {
  it('can be waited for before and after they happen', async () => {
    const events = new ClientEvents('alice');
    const next = events.next('connected');
    events.add('unreachable', 'nobody');
    events.add('connected', 'hello');
    expect(await next).toMatchObject({ kind: 'connected', text: 'hello' });
    expect(await events.next(['refused', 'unreachable'], { since: 0 })).toMatchObject({ text: 'nobody' });
    expect(events.isConnected).toBe(true);
  });

  it('do not come after the end, and whoever waits is told', async () => {
    const events = new ClientEvents('alice');
    const next = events.next('refused');
    events.add('ended', 'bye');
    events.add('connected', 'ghost');
    await expect(next).rejects.toThrow(/alice: ended without refused/);
    await expect(events.next('connected')).rejects.toThrow(/ended without connected/);
    expect(events.events).toHaveLength(1);
  });

  it('are not waited for for ever', async () => {
    await expect(new ClientEvents('alice').next('connected', { timeoutMs: 5 })).rejects.toThrow(/in 5 ms/);
  });
});
