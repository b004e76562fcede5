import { slice, text } from './slice.ts';

export const tableSlice = slice({ TABLE_NAME: text }, (env) => ({ tableName: env.TABLE_NAME }));
