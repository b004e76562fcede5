import * as z from 'zod/mini';
import {
  NAME_KINDS,
  RECONCILIATION_MODES,
  type NameMapping,
  type ReconciliationPolicy,
} from '../domain/reconciliation.ts';
import { isSafeAddress } from '../domain/safe-address.ts';
import { slice, text, whole, words } from './slice.ts';

export const DIRECTORY_KINDS = ['none', 'scim', 'okta', 'entra', 'file'] as const;
export type DirectoryKind = (typeof DIRECTORY_KINDS)[number];
const directoryKind = z.enum(DIRECTORY_KINDS);

/** Which directory people are compared with; the other functions need no more of it. */
export const directoryKindSlice = slice({ RECONCILIATION_DIRECTORY: directoryKind }, (env) => ({
  hasDirectory: env.RECONCILIATION_DIRECTORY !== 'none',
}));

/** Where the directory is. */
export const directoryUrl = z
  .string()
  .check(
    z.refine(
      (value) => value === '' || isSafeAddress(value),
      'an https address such as https://example.okta.com',
    ),
  );

/** `email=mail email=userPrincipalName subject=id`: by which attributes of the directory people are found. */
export const directoryNames = z.pipe(
  z.string(),
  z.transform((value: string, context): NameMapping =>
    words(value).map((word) => {
      const [, name = '', attribute = ''] = /^([A-Za-z]+)=([A-Za-z0-9_.:-]{1,200})$/.exec(word) ?? [];
      const kind = NAME_KINDS.find((known) => known === name);
      if (kind !== undefined) return { kind, attribute };
      const message = `"${word}" is not <${NAME_KINDS.join('|')}>=<attribute>`;
      context.issues.push({ code: 'custom', message, input: value });
      return z.NEVER;
    }),
  ),
);

export const directorySlice = slice(
  {
    RECONCILIATION_DIRECTORY: directoryKind,
    RECONCILIATION_URL: directoryUrl,
    RECONCILIATION_NAMES: directoryNames,
    DIRECTORY_SECRET_ARN: text,
    DIRECTORY_BUCKET: text,
  },
  (env) => ({
    kind: env.RECONCILIATION_DIRECTORY,
    url: env.RECONCILIATION_URL,
    names: env.RECONCILIATION_NAMES,
    secretId: env.DIRECTORY_SECRET_ARN,
    bucket: env.DIRECTORY_BUCKET,
  }),
);

export const reconciliationSlice = slice(
  {
    RECONCILIATION_MODE: z.enum(RECONCILIATION_MODES),
    RECONCILIATION_HOUR_UTC: whole(0, 23),
    RECONCILIATION_MOST_MISSING_PERCENT: whole(1, 90),
  },
  (env): Omit<ReconciliationPolicy, 'names'> => ({
    mode: env.RECONCILIATION_MODE,
    hourUtc: env.RECONCILIATION_HOUR_UTC,
    mostMissingPercent: env.RECONCILIATION_MOST_MISSING_PERCENT,
  }),
);
