import {
  orderForPerson,
  requestPublication,
  resolveIncident,
  revokeAnyCertificate,
} from '../../../shared/use-cases/administration/write.ts';
import { settleSurge } from '../../../shared/use-cases/administration/sources.ts';
import { callerOf } from '../../support/world.ts';
import { EMPLOYEES } from '../people.ts';
import type { Outside } from './outside.ts';

const ADMIN = 'adam';

/** An administrator, who orders by hand, and decides what only a person can. */
export class Administrators {
  readonly #outside: Outside;
  #orders = 0;

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  order(): void {
    const { portal, machine, oracle } = this.#outside;
    const login = machine.random.pick(EMPLOYEES);
    if (oracle.storedPerson(login) === undefined) return;
    const kind = machine.random.pick(['left', 'suspended', 'returned', 'returned'] as const);
    this.#orders += 1;
    const idempotencyKey = `order-${this.#orders}`;
    const caller = this.#caller();
    const eventId = `${caller.personId}/${idempotencyKey}`;
    machine.tell(ADMIN, `orders: ${login} ${kind}`);
    const event = { source: 'administrator' as const, eventId, kind, eventTime: machine.now };
    const send = (isLast: boolean): void => {
      const call = portal.call({ what: 'event', login, event }, (deps) =>
        orderForPerson(deps, {
          caller: this.#caller(),
          whom: { personId: oracle.people.idOf(login) },
          kind,
          idempotencyKey,
        }),
      );
      // Who got no answer presses the button once more.
      if (!isLast) machine.later(15_000, () => void (call.end?.how !== 'answered' && send(true)));
    };
    send(false);
  }

  revoke(): void {
    const { portal, machine, oracle } = this.#outside;
    const certificates = [...oracle.certificates.values()];
    if (certificates.length === 0) return;
    const { login, serialNumber, commonName } = machine.random.pick(certificates);
    machine.tell(ADMIN, `revokes a certificate of ${login}`);
    portal.call({ what: 'revoke', login, serialNumber }, (deps) =>
      revokeAnyCertificate(deps, {
        caller: this.#caller(),
        certificateId: commonName.split('.')[0] ?? '',
        reason: 'privilegeWithdrawn',
      }),
    );
  }

  publishNow(): void {
    const { portal, machine } = this.#outside;
    machine.tell(ADMIN, 'asks for the lists now');
    portal.call({ what: 'publication', endpointId: undefined }, (deps) =>
      requestPublication(deps, { caller: this.#caller() }),
    );
  }

  decide(): void {
    const { portal, machine, oracle } = this.#outside;
    const open = portal.table.list('OPEN#INCIDENT').map(({ sk }) => String(sk));
    const incidents = [...portal.table.scan('INCIDENT#')].filter(
      ({ alias, incidentId }) => alias !== undefined && open.includes(String(incidentId)),
    );
    if (incidents.length === 0) return;
    const { incidentId, alias } = machine.random.pick(incidents);
    const login = String((alias as { value: string }).value).split('@')[0] ?? '';
    const isBound = machine.random.chance(0.5) && oracle.storedPerson(login) !== undefined;
    machine.tell(ADMIN, `decides an incident about ${login}: ${isBound ? 'it is her' : 'dismissed'}`);
    const asked = { what: 'decide' as const, login, incidentId: String(incidentId), isBound };
    portal.call(asked, (deps) =>
      resolveIncident(deps, {
        caller: this.#caller(),
        incidentId: asked.incidentId,
        decision: isBound ? { kind: 'bind', personId: oracle.people.idOf(login) } : { kind: 'dismiss' },
      }),
    );
  }

  /** What HR said of too many people is true, or none of it is. */
  settle(): void {
    const { portal, machine } = this.#outside;
    const decision = machine.random.pick(['confirm', 'release'] as const);
    const since = machine.now - machine.random.between(10, 7_200) * 1_000;
    machine.tell(ADMIN, `settles what hr said: ${decision}`);
    portal.call({ what: 'settle', decision }, (deps) =>
      settleSurge(deps, { caller: this.#caller(), source: 'hr', decision, since }),
    );
  }

  /** Another CA issues from now on; what the one before has issued goes on. */
  rollOver(): void {
    const { portal, machine } = this.#outside;
    portal.issuingCaIds = portal.issuingCaIds[0] === 'ca1' ? ['ca2', 'ca1'] : ['ca1', 'ca2'];
    machine.tell(ADMIN, `has ${portal.issuingCaIds[0] ?? ''} issue`);
  }

  #caller() {
    return callerOf(ADMIN, this.#outside.machine.now);
  }
}
