import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';

/** What a test changes in a token's claims; undefined takes one away. */
export type Claims = { readonly [Name in keyof JWTPayload]: JWTPayload[Name] | undefined };

export interface TestIssuer {
  readonly url: string;
  /** Published as `k2`, beside the RSA key `k1`: API Gateway takes no such signature. */
  readonly ellipticKey: CryptoKey;
  sign(claims: Claims, header?: { kid?: string; alg?: string }, key?: CryptoKey): Promise<string>;
  /** How often the keys were fetched. */
  readonly fetches: () => number;
  close(): Promise<void>;
}

/** The two documents of an OpenID provider that an authorizer reads. */
export async function startTestIssuer(): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const elliptic = await generateKeyPair('ES256');
  const keys = {
    keys: [
      { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' },
      { ...(await exportJWK(elliptic.publicKey)), kid: 'k2', alg: 'ES256', use: 'sig' },
    ],
  };
  let fetches = 0;
  const server: Server = createServer((request, response) => {
    const isKeys = request.url === '/keys';
    fetches += Number(isKeys);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isKeys ? keys : { issuer: url, jwks_uri: `${url}/keys` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    ellipticKey: elliptic.privateKey,
    sign: (claims, header = { kid: 'k1' }, key = privateKey) =>
      new SignJWT(JSON.parse(JSON.stringify(claims)) as JWTPayload)
        .setProtectedHeader({ alg: 'RS256', ...header })
        .sign(key),
    fetches: () => fetches,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
