import * as z from 'zod/mini';
import { ALIAS_KINDS } from '../../domain/identity.ts';

/** A name of a person, as administrators see it. */
export const aliasView = z
  .object({ kind: z.enum(ALIAS_KINDS), value: z.string() })
  .register(z.globalRegistry, { id: 'Alias' });
