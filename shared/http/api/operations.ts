import { ADMINISTRATOR_OPERATIONS } from './operations/administrator.ts';
import { EMPLOYEE_OPERATIONS } from './operations/employee.ts';
import { OPEN_OPERATIONS } from './operations/open.ts';
import type { Operation } from './operations/operation.ts';

export type { Operation } from './operations/operation.ts';

/** Every call of the API, in the order of its document. */
export const OPERATIONS: readonly Operation[] = [
  ...EMPLOYEE_OPERATIONS,
  ...ADMINISTRATOR_OPERATIONS,
  ...OPEN_OPERATIONS,
];
