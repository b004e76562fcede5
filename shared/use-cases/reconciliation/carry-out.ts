import { createHash } from 'node:crypto';
import {
  eventKindOf,
  RECONCILIATION,
  type Finding,
  type FindingOutcome,
  type ReconciliationRun,
} from '../../domain/reconciliation.ts';
import { receiveEvent, type EventResult } from '../receive-event.ts';
import type { ReconcileDeps } from './deps.ts';

/**
 * Tells the portal of one finding, as any source tells of people: surge limits and the break-glass list count. Twice
 * of the same run acts once.
 */
export async function carryOut(
  deps: ReconcileDeps,
  { runId, mode, startedAt, dryRun }: ReconciliationRun,
  finding: Finding,
): Promise<FindingOutcome> {
  const kind = dryRun ? undefined : eventKindOf(finding, mode);
  if (kind === undefined) return 'unchanged';
  const { personId } = finding;
  const result = await receiveEvent(deps, {
    source: RECONCILIATION,
    eventId: `${runId}.${personId}`,
    kind,
    // What the directory said was true when it was asked: what somebody decided since is later.
    eventTime: startedAt,
    whom: { personId },
    bodySha256Hex: createHash('sha256')
      .update(JSON.stringify([runId, personId, kind]))
      .digest('hex'),
    receivedAt: deps.clock.now(),
  });
  return outcomeOf(result);
}

function outcomeOf(result: EventResult): FindingOutcome {
  switch (result.outcome) {
    case 'denied':
    case 'held':
    case 'protected':
    case 'reinstated':
      return result.outcome;
    default:
      return 'unchanged';
  }
}
