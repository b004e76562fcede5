import * as z from 'zod/mini';
import { GATE_MODES, type GatePolicy } from '../domain/gate-policy.ts';
import { ALIAS_KINDS } from '../domain/identity.ts';
import { formed, slice, text, words } from './slice.ts';

/** A domain as it stands before or behind a user name: `CORP`, `corp.example.com`. */
export const signInDomains = z.pipe(
  z.pipe(z.string(), z.transform(words)),
  z.array(formed(/^[A-Za-z0-9._-]{1,254}$/, 'domains such as CORP, with spaces between')),
);

/** With which names people sign in at the endpoint beside their certificate, if they do. */
export const signInName = z.enum(['none', ...ALIAS_KINDS]);

export const gateMode = z.enum(GATE_MODES);

export const gateSlice = slice(
  { GATE_MODE: gateMode, SIGN_IN_NAME: signInName, SIGN_IN_DOMAINS: signInDomains },
  (env): GatePolicy => ({
    mode: env.GATE_MODE,
    ...(env.SIGN_IN_NAME === 'none'
      ? {}
      : { signIn: { nameKind: env.SIGN_IN_NAME, domains: env.SIGN_IN_DOMAINS } }),
  }),
);

/** The version of the gate that a deployment is about to open; its ARN ends with its number. */
export const gateVersionSlice = slice({ GATE_VERSION_ARN: text }, (env) => ({
  versionArn: env.GATE_VERSION_ARN,
}));
