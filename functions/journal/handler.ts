import { jobHandler, type JobHandler } from '../../shared/http/job-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import { keepJournal, type KeepJournalDeps } from '../../shared/use-cases/keep-journal.ts';

export type JournalDeps = KeepJournalDeps & Observability;

/** Each minute: what was written down since goes where nobody can change it. */
export function journalHandler(deps: JournalDeps): JobHandler {
  const keep = async (signal: AbortSignal): Promise<void> => {
    const objects = await keepJournal(deps, signal);
    if (objects > 0) deps.logger.info('journal written', { objects });
  };
  return jobHandler(deps, { forEndpoint: (_endpointId, signal) => keep(signal), onSchedule: keep });
}
