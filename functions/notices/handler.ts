import { jobHandler, type JobHandler } from '../../shared/http/job-handler.ts';
import type { Observability } from '../../shared/http/observability.ts';
import { sendNotices, type SendNoticesDeps } from '../../shared/use-cases/send-notices.ts';

export type NoticesDeps = SendNoticesDeps & Observability;

/** Tells operators of what happened, holders of what was issued, and once a day of what ends. */
export function noticesHandler(deps: NoticesDeps): JobHandler {
  const send = async (signal: AbortSignal): Promise<void> => {
    const sent = await sendNotices(deps, signal);
    if (sent === undefined) return deps.logger.info('notices: another run has the turn');
    const { happened, failing, told, reminded, isDayDone, failures } = sent;
    deps.logger.info('notices sent', {
      happened,
      failing,
      told,
      reminded,
      isDayDone,
      failed: failures.length,
    });
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} notices could not be sent`);
  };
  return jobHandler(deps, { forEndpoint: (_endpointId, signal) => send(signal), onSchedule: send });
}
