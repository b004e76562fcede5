import { formed, slice, text } from './slice.ts';

/** Where the portal's table is, for a gate in another account or Region, and the role that may read it there. */
export const homeSlice = slice(
  {
    HOME_REGION: formed(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a Region'),
    GATE_READER_ROLE_ARN: formed(/^arn:[a-z-]+:iam::\d{12}:role\/.+$/, 'the ARN of a role'),
    GATE_READER_EXTERNAL_ID: text,
  },
  (env) => ({
    region: env.HOME_REGION,
    readerRoleArn: env.GATE_READER_ROLE_ARN,
    externalId: env.GATE_READER_EXTERNAL_ID,
  }),
);
