import * as z from 'zod';
import type { ErrorCode } from '../../shared/domain/errors.ts';
import { EXIT_CODE, Failure, type NextStep } from '../failure.ts';
import { PROGRAM } from '../world.ts';

const LOGIN: NextStep = { words: 'sign in again', command: `${PROGRAM} login` };
const LIST: NextStep = { words: 'your certificates', command: `${PROGRAM} certificates` };
const AGAIN: NextStep = { words: 'nothing is lost: give the same command again in a moment' };

/** What to do about a refusal, where there is something to do. */
const NEXT_STEPS: Readonly<
  Partial<Record<ErrorCode | GatewayCode | 'unavailable' | 'internalError', NextStep>>
> = {
  unauthenticated: LOGIN,
  unauthorized: LOGIN,
  signInTooOld: LOGIN,
  mfaMissing: LOGIN,
  forbidden: {
    words: 'this needs another scope than your token has: sign in as somebody who may do this',
    command: `${PROGRAM} login`,
  },
  notAllowed: { words: 'see as whom you are signed in', command: `${PROGRAM} whoami` },
  notEntitled: { words: 'ask your administrator to be put into the group that may have VPN certificates' },
  personDenied: { words: 'if this is wrong, ask your administrator' },
  aliasUnderReview: { words: 'an administrator has to decide first: ask yours' },
  aliasMissing: { words: 'ask your administrator to complete your account' },
  certificateNotFound: LIST,
  certificateNotActive: LIST,
  alreadyRenewed: LIST,
  renewalTooEarly: { words: 'see from when on', command: `${PROGRAM} certificates` },
  certificateLimitReached: { words: 'revoke one that you no longer use', command: `${PROGRAM} certificates` },
  rateLimited: { words: 'see when you may again', command: `${PROGRAM} whoami` },
  publicKeyInUse: LIST,
  badRevocationReason: { words: 'the reasons that are allowed', command: `${PROGRAM} help revoke` },
  personNotFound: { words: 'people are known by the kinds of name that a source uses, and by their id' },
  incidentNotFound: { words: 'the open incidents', command: `${PROGRAM} incidents` },
  incidentAlreadyResolved: { words: 'the open incidents', command: `${PROGRAM} incidents` },
  offboardingNotFound: { words: 'the offboardings of this month', command: `${PROGRAM} offboardings` },
  endpointNotFound: { words: 'the endpoints', command: `${PROGRAM} endpoints` },
  badWebhookSignature: { words: 'HR_WEBHOOK_SECRET must be the secret of this source; npm start prints it' },
  staleWebhook: { words: "compare this machine's clock with the right time" },
  tooManyRequests: AGAIN,
  tryAgain: AGAIN,
  unavailable: AGAIN,
  internalError: AGAIN,
};

/** API Gateway answers some requests itself, in its own form: no problem document, and no code of ours. */
const GATEWAY_TITLES = {
  unauthorized: [401, 'Not signed in'],
  forbidden: [403, 'Not allowed'],
  notFound: [404, 'Not found'],
  tooLarge: [413, 'Request too large'],
  tooManyRequests: [429, 'Too many requests'],
  internalError: [500, 'Internal error'],
  unavailable: [503, 'Service unavailable'],
} as const;
type GatewayCode = keyof typeof GATEWAY_TITLES;

const problemDocument = z.object({
  title: z.string(),
  detail: z.string().optional(),
  code: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});
const gatewayAnswer = z.object({ message: z.string().nullish() });

/** An answer that is no success, in words. @param body as it came */
export function failureFrom(status: number, body: string): Failure {
  const json = parseJson(body);
  const problem = problemDocument.safeParse(json).data;
  if (problem !== undefined) {
    const { title, code, detail, errors } = problem;
    return new Failure({
      exitCode: EXIT_CODE.refused,
      code,
      title,
      status,
      ...(detail === undefined ? {} : { detail }),
      ...(errors === undefined ? {} : { faults: errors }),
      next: nextStepsFor(code),
    });
  }
  const message = gatewayAnswer.safeParse(json).data?.message ?? undefined;
  const known = Object.entries(GATEWAY_TITLES).find(([, [knownStatus]]) => knownStatus === status);
  const [code, [, title]] = known ?? ['unexpectedAnswer', [status, 'Not an answer of the portal']];
  return new Failure({
    exitCode: EXIT_CODE.refused,
    code,
    title,
    status,
    detail: message ?? `HTTP status ${status}`,
    next: nextStepsFor(code),
  });
}

const nextStepsFor = (code: string): NextStep[] =>
  Object.entries(NEXT_STEPS).flatMap(([known, step]) => (known === code ? [step] : []));

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
