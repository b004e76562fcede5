import type { UnreadCause } from '../../domain/doctor/facts.ts';

/** Services name the same thing in their own ways. */
const NO_CREDENTIALS =
  /^(CredentialsProviderError|TokenProviderError|ExpiredToken(Exception)?|InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|AuthFailure|InvalidSignature(Exception)?|SignatureDoesNotMatch|MissingAuthenticationToken(Exception)?|RequestExpired|RequestTimeTooSkewed)$/;
const REFUSED =
  /^(AccessDenied(Exception)?|UnauthorizedOperation|AuthorizationError(Exception)?|NotAuthorized(Exception)?)$/;
/** What an address answers at which the service is not. */
const NOT_HERE = /^(UnknownOperation(Exception)?|InvalidAction)$/;
/** For example `User: arn:… is not authorized to perform: ec2:DescribeClientVpnEndpoints on resource: …`. */
const NAMED_ACTION = /not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)/;
const NETWORK = /\b(TimeoutError|ECONN[A-Z]+|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT|EPIPE)\b/;
const LONGEST_WORDS = 200;

/** Why a call of the AWS SDK failed, in the words of AWS, and which right was missing where AWS says so. */
export function classifyAwsError(error: unknown): UnreadCause & { readonly action?: string } {
  const [name, code, message] = [textOf(error, 'name'), textOf(error, 'code'), textOf(error, 'message')];
  const words = (message === '' ? name : message).slice(0, LONGEST_WORDS);
  if (NO_CREDENTIALS.test(name) || /Could not load credentials/.test(words)) {
    return { kind: 'noCredentials', words };
  }
  if (REFUSED.test(name)) {
    const action = NAMED_ACTION.exec(message)?.[1];
    return { kind: 'refused', words, ...(action === undefined ? {} : { action }) };
  }
  if (NOT_HERE.test(name)) return { kind: 'notHere', words };
  const network = [code, name, message].map((text) => NETWORK.exec(text)?.[1]).find((found) => found);
  return { kind: 'failed', words: network ?? (name === words ? words : `${name}: ${words}`) };
}

function textOf(error: unknown, key: string): string {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, key) : undefined;
  return typeof value === 'string' ? value : '';
}
