import { createHash, timingSafeEqual } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { DomainError } from '../../domain/errors.ts';
import type { BearerTokens } from '../../ports/bearer-tokens.ts';

/**
 * Lets in who shows one of the live tokens (RFC 6750 section 2.1). Digests are compared, each with each, so that the
 * time says nothing of a token, not even its length.
 *
 * @throws DomainError sourceNotConfigured, scimTokenNotValid
 */
export async function assertBearer(
  { headers }: Pick<APIGatewayProxyEventV2, 'headers'>,
  tokens: BearerTokens,
): Promise<void> {
  const live = await tokens.live();
  // Our fault, not the sender's: it must try again, not give up.
  if (live.length === 0) throw new DomainError('sourceNotConfigured', 'there is no SCIM token yet');
  const given = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*)$/i.exec(headers['authorization'] ?? '')?.[1] ?? '';
  const digest = sha256(given);
  let isLive = false;
  for (const token of live) isLive = timingSafeEqual(digest, sha256(token)) || isLive;
  if (!isLive) throw new DomainError('scimTokenNotValid', 'the bearer token is none of this portal');
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
