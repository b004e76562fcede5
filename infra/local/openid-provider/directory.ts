import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LocalPerson } from './people.ts';

/** Where the directory serves SCIM, below the provider's address. */
export const DIRECTORY_PATH = '/scim/v2';

/** Whom the identity provider knows, as it tells programs: what the portal is compared with. */
export interface LocalDirectory {
  /** What a program has to show. */
  readonly bearerToken: string;
  /** Takes somebody out, as a company does that tells nobody. @throws Error for an unknown name */
  remove(name: string): void;
  /** @returns whether the request was for it, and is answered */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

/** `GET /Users` of SCIM 2.0, paged by index (RFC 7644 section 3.4.2.4). */
export function localDirectory(people: readonly LocalPerson[]): LocalDirectory {
  const bearerToken = randomBytes(32).toString('base64url');
  const known = new Map(people.map((person) => [person.name, person]));
  return {
    bearerToken,
    remove(name) {
      if (!known.delete(name)) throw new Error(`the directory has nobody called ${name}`);
    },
    handle(request, response) {
      const url = new URL(request.url ?? '/', 'http://directory');
      if (!url.pathname.startsWith(`${DIRECTORY_PATH}/`)) return false;
      const answer = (status: number, body: object): void => {
        response.writeHead(status, { 'content-type': 'application/scim+json' });
        response.end(JSON.stringify(body));
      };
      if (!isEqual(request.headers.authorization ?? '', `Bearer ${bearerToken}`)) answer(401, error(401));
      else if (request.method !== 'GET' || url.pathname !== `${DIRECTORY_PATH}/Users`)
        answer(404, error(404));
      else answer(200, page([...known.values()], url.searchParams));
      return true;
    },
  };
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
const isEqual = (one: string, other: string): boolean => timingSafeEqual(digestOf(one), digestOf(other));

const error = (status: number): object => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
  status: String(status),
});

function page(people: readonly LocalPerson[], query: URLSearchParams): object {
  const startIndex = Math.max(1, Number(query.get('startIndex') ?? '1'));
  const count = Math.max(0, Number(query.get('count') ?? '100'));
  const Resources = people.slice(startIndex - 1, startIndex - 1 + count).map((person) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    id: person.sub,
    userName: person.login,
    active: true,
    emails: [{ value: person.email, primary: true, type: 'work' }],
  }));
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: people.length,
    startIndex,
    itemsPerPage: Resources.length,
    Resources,
  };
}
