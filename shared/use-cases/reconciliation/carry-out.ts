import { createHash } from 'node:crypto';
import {
  eventKindOf,
  isAbsence,
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
  { runId, mode, startedAt, asOf = startedAt, dryRun }: ReconciliationRun,
  finding: Finding,
): Promise<FindingOutcome> {
  const kind = dryRun ? undefined : eventKindOf(finding, mode);
  const { personId } = finding;
  if (finding.kind === 'back' && !dryRun) await deps.reconciliations.forgetActedOn(personId);
  if (kind === undefined) return 'unchanged';
  const result = await receiveEvent(deps, {
    source: RECONCILIATION,
    eventId: `${runId}.${personId}`,
    kind,
    // What the directory said was true when it was asked, or put in: what somebody decided since is later.
    eventTime: asOf,
    whom: { personId },
    bodySha256Hex: createHash('sha256')
      .update(JSON.stringify([runId, personId, kind]))
      .digest('hex'),
    receivedAt: deps.clock.now(),
  });
  // After it: who dies in between comes here again, and the event is known by then. One on the break-glass list was
  // not acted on.
  if (isAbsence(finding.kind) && 'offboardingId' in result) {
    await deps.reconciliations.keepActedOn({ personId, absence: finding.kind, since: asOf });
  }
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
