import { join } from 'node:path';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';
import * as z from 'zod';
import { stateFile } from '../state-file.ts';

const entry = z.object({
  payload: z.custom<AdapterPayload>((value) => typeof value === 'object' && value !== null),
  /** Milliseconds since the Unix epoch. */
  expiresAt: z.number().optional(),
});
const entries = z.record(z.string(), entry);

/**
 * Storage as oidc-provider asks for it: sessions, grants, device codes, refresh tokens. Access tokens are JWTs and
 * are not stored.
 *
 * @param dataDir undefined keeps all in memory
 */
export function oidcStorage(dataDir: string | undefined): AdapterFactory {
  const file = stateFile(dataDir === undefined ? undefined : join(dataDir, 'sessions.json'), entries);
  const stored = new Map(Object.entries(file.load() ?? {}));

  const save = () => {
    for (const [key, { expiresAt }] of stored) {
      if (expiresAt !== undefined && expiresAt <= Date.now()) stored.delete(key);
    }
    file.save(Object.fromEntries(stored));
  };

  return (model): Adapter => {
    const key = (id: string) => `${model}:${id}`;
    const findBy = (name: 'uid' | 'userCode', value: string) =>
      [...stored].find(([id, { payload }]) => id.startsWith(`${model}:`) && payload[name] === value)?.[1]
        .payload;
    return {
      async upsert(id, payload, expiresInSeconds) {
        const expires =
          expiresInSeconds === undefined ? {} : { expiresAt: Date.now() + expiresInSeconds * 1000 };
        stored.set(key(id), { payload: { ...payload }, ...expires });
        save();
      },
      find: async (id) => stored.get(key(id))?.payload,
      findByUid: async (uid) => findBy('uid', uid),
      findByUserCode: async (userCode) => findBy('userCode', userCode),
      async consume(id) {
        const found = stored.get(key(id));
        if (found === undefined) return;
        found.payload.consumed = Math.floor(Date.now() / 1000);
        save();
      },
      async destroy(id) {
        stored.delete(key(id));
        save();
      },
      async revokeByGrantId(grantId) {
        // Each model is asked for its own: an interaction that carries on under a grant must outlive it.
        for (const [id, { payload }] of stored) {
          if (id.startsWith(`${model}:`) && payload.grantId === grantId) stored.delete(id);
        }
        save();
      },
    };
  };
}
