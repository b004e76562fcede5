import { createHash } from 'node:crypto';
import type { SourceId } from '../../../shared/domain/identity.ts';
import { receiveEvent } from '../../../shared/use-cases/receive-event.ts';
import { aliasOf } from '../../support/world.ts';
import type { Call } from '../calls.ts';
import { EMPLOYEES } from '../people.ts';
import type { Outside } from './outside.ts';

interface HrEvent {
  readonly eventId: string;
  readonly login: string;
  readonly kind: 'left' | 'suspended' | 'returned';
  readonly eventTime: number;
  readonly effectiveAt?: number;
  isAcknowledged: boolean;
}

const RETRY_MILLISECONDS = [1_000, 600_000] as const;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** A source of events that sends each until it is acknowledged: late, in any order, and sometimes once more. */
export class HumanResources {
  readonly #outside: Outside;
  readonly #events: HrEvent[] = [];
  #lastTime = 0;

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  /** Something happens to an employee; she is told of at once, or later. */
  happens(
    kind: HrEvent['kind'] = this.#outside.machine.random.pick(['left', 'left', 'suspended', 'returned']),
  ): void {
    const { machine } = this.#outside;
    const { random } = machine;
    // No two events of a source at the same time: their order is its own.
    this.#lastTime = Math.max(this.#lastTime + 1, machine.now);
    const login = random.pick(EMPLOYEES);
    const isAhead = kind === 'left' && this.#outside.portal.scenery.hasPlans && random.chance(0.6);
    const event: HrEvent = {
      eventId: `evt-${this.#events.length + 1}`,
      login,
      kind,
      eventTime: this.#lastTime,
      ...(isAhead ? { effectiveAt: machine.now + random.between(MINUTE, 2 * DAY) } : {}),
      isAcknowledged: false,
    };
    this.#events.push(event);
    machine.tell('hr', `${login} ${kind}${isAhead ? ' on a day to come' : ''} (${event.eventId})`);
    if (random.chance(0.3)) machine.later(random.between(1, 3_600_000), () => this.#send(event));
    else this.#send(event);
  }

  /** What was acknowledged already comes once more. */
  repeat(): void {
    if (this.#events.length > 0) this.#send(this.#outside.machine.random.pick(this.#events));
  }

  /** @returns whether everything was acknowledged already */
  sendAgain(): boolean {
    const left = this.#events.filter(({ isAcknowledged }) => !isAcknowledged);
    for (const event of left) this.#send(event);
    return left.length === 0;
  }

  #send(event: HrEvent): void {
    const { portal, machine } = this.#outside;
    const { eventId, login, kind, eventTime, effectiveAt } = event;
    const ahead = effectiveAt === undefined ? {} : { effectiveAt };
    const told = { source: 'hr' as const, eventId, kind, eventTime, ...ahead };
    const call: Call = portal.call({ what: 'event', login, event: told }, async (deps, invocation) => {
      const answer = await receiveEvent(deps, {
        ...told,
        source: 'hr' as SourceId,
        ...(effectiveAt === undefined ? {} : { lastDay: dayOf(effectiveAt) }),
        whom: { alias: aliasOf(login) },
        bodySha256Hex: createHash('sha256').update(eventId).digest('hex'),
        receivedAt: invocation.clock.now(),
      });
      event.isAcknowledged = true;
      return answer;
    });
    if (machine.isCalm) return;
    machine.later(machine.random.between(...RETRY_MILLISECONDS), () => {
      if (!event.isAcknowledged && call.end !== undefined) this.#send(event);
    });
  }
}
