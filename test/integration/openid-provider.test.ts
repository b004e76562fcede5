import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyOptions } from 'jose';
import * as z from 'zod';
import { moveClock, uninstallClock } from '../../infra/local/clock.ts';
import { startOpenIdProvider } from '../../infra/local/openid-provider/provider.ts';
import type { OpenIdProvider } from '../../infra/local/openid-provider/provider.ts';
import { requestToken } from '../../infra/local/openid-provider/request-token.ts';
import { approveDevice, createBrowser } from '../support/browser.ts';

const AUDIENCE = 'https://vpn.example.com/api';
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

let dataDir: string;
let provider: OpenIdProvider;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'openid-'));
  provider = await startOpenIdProvider({ dataDir, audience: AUDIENCE });
});
afterEach(uninstallClock);
afterAll(async () => {
  await provider.close();
  await rm(dataDir, { recursive: true });
});

/** As an authorizer does: keys and issuer from discovery, nothing taken from the token. */
async function verify(token: string, options: JWTVerifyOptions = {}): Promise<JWTPayload> {
  const response = await fetch(`${provider.issuer}/.well-known/openid-configuration`);
  const discovery = z.object({ issuer: z.string(), jwks_uri: z.string() }).parse(await response.json());
  expect(discovery.issuer).toBe(provider.issuer);
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(discovery.jwks_uri)), {
    issuer: discovery.issuer,
    audience: AUDIENCE,
    algorithms: ['RS256'],
    typ: 'at+jwt',
    ...options,
  });
  return payload;
}

describe('tokenFor', () => {
  it('gives an access token that an authorizer accepts, with the claims of the person', async () => {
    const now = Math.floor(Date.now() / 1000);
    const claims = await verify(await provider.tokenFor('alice'));
    expect(claims).toMatchObject({
      email: 'alice@example.com',
      email_verified: true,
      preferred_username: 'alice',
      employee_number: '1001',
      groups: ['vpn-users'],
      roles: [],
      scope: 'vpn',
      client_id: 'vpn-cli',
    });
    expect(claims.sub).not.toContain('alice');
    expect(claims['auth_time']).toBeGreaterThanOrEqual(now);
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(3600);
  });

  it.each([
    ['alice', 'vpn', ['vpn-users'], []],
    ['bob', 'vpn', ['vpn-users'], []],
    ['carol', 'vpn', ['vpn-users'], []],
    ['adam', 'vpn vpn.admin', ['vpn-users', 'it'], ['vpn-admin']],
    ['erin', 'vpn vpn.admin', ['vpn-users'], ['vpn-auditor']],
    ['dora', 'vpn', ['visitors'], []],
  ])('knows %s', async (name, scope, groups, roles) => {
    expect(await verify(await provider.tokenFor(name))).toMatchObject({ scope, groups, roles });
  });

  it('makes tokens that have to be refused, when asked', async () => {
    const expired = await provider.tokenFor('alice', { ttlSeconds: -1 });
    await expect(verify(expired)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
    const elsewhere = await provider.tokenFor('alice', { audience: 'https://other.example.com' });
    await expect(verify(elsewhere)).rejects.toMatchObject({ claim: 'aud' });
  });

  it('makes tokens that say less or older things, when asked', async () => {
    const claims = await verify(
      await provider.tokenFor('alice', {
        authTimeSecondsAgo: 700,
        scopes: ['openid'],
        claims: { email: undefined, groups: ['other'] },
      }),
    );
    expect(claims).toMatchObject({ scope: 'openid', groups: ['other'] });
    expect(claims).not.toHaveProperty('email');
    expect(Date.now() / 1000 - Number(claims['auth_time'])).toBeGreaterThanOrEqual(700);
  });

  it('sees moved time', async () => {
    const before = await provider.tokenFor('alice');
    moveClock(3601);
    await expect(verify(before)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
    await verify(await provider.tokenFor('alice'));
  });

  it('names the people when the name is unknown', async () => {
    await expect(provider.tokenFor('zoe')).rejects.toThrow('alice, bob, carol, adam, erin, dora');
  });
});

describe('over HTTP', () => {
  it('gives another process a token by name', async () => {
    const { accessToken, expiresInSeconds } = await requestToken(provider.issuer, 'adam');
    expect(await verify(accessToken)).toMatchObject({ preferred_username: 'adam', scope: 'vpn vpn.admin' });
    expect(expiresInSeconds).toBe(3600);
  });

  it('names the people when the name is unknown', async () => {
    await expect(requestToken(provider.issuer, 'zoe')).rejects.toThrow('alice, bob, carol');
  });

  it('is not there for pages that call it by another name', async () => {
    const { port } = new URL(provider.issuer);
    const status = await new Promise((resolve) => {
      httpRequest({ port, host: '127.0.0.1', path: '/jwks', headers: { host: `evil.example:${port}` } })
        .on('response', (response) => resolve(response.resume().statusCode))
        .end();
    });
    expect(status).toBe(421);
  });
});

const deviceAuthorization = z.object({ device_code: z.string(), verification_uri_complete: z.string() });
const tokens = z.object({ access_token: z.string(), refresh_token: z.string() });

const post = async (path: string, form: Record<string, string>): Promise<unknown> =>
  (
    await fetch(`${provider.issuer}${path}`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'vpn-cli', ...form }),
    })
  ).json();

const askForDevice = async (scope: string) =>
  deviceAuthorization.parse(await post('/device/auth', { scope, prompt: 'consent' }));

const redeem = (device_code: string) => post('/token', { grant_type: DEVICE_GRANT, device_code });

describe('the device flow', () => {
  it('signs in the person whose button was pressed, and keeps when that was over a refresh', async () => {
    const start = Math.floor(Date.now() / 1000);
    const asked = await askForDevice('openid offline_access vpn');
    expect(await redeem(asked.device_code)).toMatchObject({ error: 'authorization_pending' });
    const page = await approveDevice(asked.verification_uri_complete, 'bob');
    expect(page.html).toContain('go back to your terminal');

    const issued = tokens.parse(await redeem(asked.device_code));
    const claims = await verify(issued.access_token);
    expect(claims).toMatchObject({ preferred_username: 'bob', groups: ['vpn-users'], scope: 'vpn' });
    expect(claims['auth_time']).toBeGreaterThanOrEqual(start);

    moveClock(1800);
    const again = tokens.parse(
      await post('/token', { grant_type: 'refresh_token', refresh_token: issued.refresh_token }),
    );
    expect((await verify(again.access_token))['auth_time']).toBe(claims['auth_time']);
  });

  it.each([
    ['alice', 'vpn'],
    ['adam', 'vpn vpn.admin'],
  ])('gives %s no more scopes than are hers or his', async (name, scope) => {
    const asked = await askForDevice('openid offline_access vpn vpn.admin');
    await approveDevice(asked.verification_uri_complete, name);
    const { access_token: token } = tokens.parse(await redeem(asked.device_code));
    expect(await verify(token)).toMatchObject({ preferred_username: name, scope });
  });

  it('shows its own pages, which load nothing from elsewhere', async () => {
    const browser = createBrowser();
    const input = await browser.open(`${provider.issuer}/device`);
    expect(input.html).toContain('Enter the code');
    const wrong = await browser.submit(input, { user_code: 'BCDF-BCDF' });
    expect(wrong.html).toContain('not valid');
    const asked = await askForDevice('openid vpn');
    const confirm = await browser.submit(await browser.open(asked.verification_uri_complete));
    const stopped = await browser.submit(confirm, { abort: 'yes' });
    expect(await redeem(asked.device_code)).toMatchObject({ error: 'access_denied' });
    for (const { html } of [input, wrong, confirm, stopped]) expect(html).not.toMatch(/https?:\/\/(?!127)/);
  });

  it('does not break at a sign-in that has ended', async () => {
    const page = await createBrowser().open(`${provider.issuer}/sign-in/unknown`);
    expect(page.status).toBe(400);
  });
});

describe('a restart', () => {
  it("accepts yesterday's tokens and sign-ins, kept in files of their owner only", async () => {
    const asked = await askForDevice('openid offline_access vpn');
    await approveDevice(asked.verification_uri_complete, 'carol');
    const issued = tokens.parse(await redeem(asked.device_code));
    const port = Number(new URL(provider.issuer).port);
    await provider.close();
    // So that fetch's pool sees that its connections were closed.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const start = performance.now();
    provider = await startOpenIdProvider({ dataDir, audience: AUDIENCE, port });
    expect(performance.now() - start).toBeLessThan(300);

    await verify(issued.access_token);
    const again = await post('/token', { grant_type: 'refresh_token', refresh_token: issued.refresh_token });
    expect(await verify(tokens.parse(again).access_token)).toMatchObject({ preferred_username: 'carol' });
    for (const name of await readdir(dataDir))
      expect((await stat(join(dataDir, name))).mode & 0o777).toBe(0o600);
  });
});
