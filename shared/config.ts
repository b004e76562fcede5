/*
 * What functions read of their environment, a subject a file. Each function takes the slices that it needs, and a
 * bundle the files that those are in.
 */
export * from './config/authority.ts';
export * from './config/callers.ts';
export * from './config/directory.ts';
export * from './config/gate.ts';
export * from './config/home.ts';
export * from './config/lookups.ts';
export * from './config/publication.ts';
export * from './config/services.ts';
export * from './config/slice.ts';
export * from './config/sources.ts';
export * from './config/table.ts';
