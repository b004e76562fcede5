import { createHash } from 'node:crypto';
import { parseCertificateId } from '../../../shared/domain/certificate-id.ts';
import { enrolWithServerKey } from '../../../shared/use-cases/enrol.ts';
import { issueCertificate } from '../../../shared/use-cases/issue-certificate.ts';
import { revokeOwnCertificate } from '../../../shared/use-cases/revoke-certificate.ts';
import { aliasOf, callerOf } from '../../support/world.ts';
import type { HeldCertificate, SimulatedEndpoint } from '../cloud/endpoint.ts';
import { EMPLOYEES, NEWCOMER } from '../people.ts';
import { refusalByTable } from '../invariants/gate-rule.ts';
import { publicKeyFrom, type SimulatedDeps } from '../portal.ts';
import type { Outside } from './outside.ts';

interface Request {
  readonly login: string;
  readonly publicKey: { readonly subjectPublicKeyInfoDer: Uint8Array; readonly publicKeySha256Hex: string };
  readonly idempotency?: { readonly key: string; readonly requestSha256Hex: string };
}

/** People who enrol, lose laptops and connect. */
export class Employees {
  readonly #outside: Outside;
  /** Asked for and not answered: whoever got an error asks again in the same words. */
  readonly #unanswered: Request[] = [];

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  enrol(login: string = this.#random.pick(EMPLOYEES)): void {
    const { random } = this.#outside.machine;
    const again = this.#unanswered.find((request) => request.login === login);
    if (again !== undefined && random.chance(0.7)) return this.#send(again);
    if (random.chance(0.1)) return this.#enrolWithServerKey(login);
    const publicKey = keyFrom(random.octets(256));
    const idempotency = {
      key: `key-${random.uint32()}`,
      requestSha256Hex: publicKey.publicKeySha256Hex,
    };
    this.#send({
      login,
      publicKey,
      ...(random.chance(0.5) ? { idempotency } : {}),
    });
  }

  #send(request: Request): void {
    const { portal, machine } = this.#outside;
    const { login, publicKey, idempotency } = request;
    if (!this.#unanswered.includes(request)) this.#unanswered.push(request);
    machine.tell(login, 'asks for a certificate');
    portal.call({ what: 'enrol', login, publicKeyDer: publicKey.subjectPublicKeyInfoDer }, async (deps) => {
      const asked = {
        caller: callerOf(login, machine.now),
        deviceName: 'laptop',
        publicKey,
        isKeyOurs: false,
      };
      const issued = await issueCertificate(
        deps,
        idempotency === undefined ? asked : { ...asked, idempotency },
      );
      this.#unanswered.splice(this.#unanswered.indexOf(request), 1);
      return issued;
    });
  }

  #enrolWithServerKey(login: string): void {
    const { portal, machine } = this.#outside;
    machine.tell(login, 'asks for a certificate and a key');
    portal.call({ what: 'enrol', login }, (deps: SimulatedDeps) =>
      enrolWithServerKey(deps, { caller: callerOf(login, machine.now), deviceName: 'phone', format: 'pem' }),
    );
  }

  /** Somebody signs in with a name that is a colleague's: from now on nobody can say whom an event with it means. */
  contest(): void {
    const { portal, machine, oracle } = this.#outside;
    const login = machine.random.pick(EMPLOYEES);
    const owner = portal.table.find(`ALIAS#email#${login}@example.com`, 'ALIAS')?.['personId'];
    if (owner !== oracle.people.idOf(login)) return;
    machine.tell(NEWCOMER, `signs in with the address of ${login}`);
    const aliases = [aliasOf(login)];
    const publicKey = keyFrom(machine.random.octets(256));
    portal.call({ what: 'enrol', login: NEWCOMER }, (deps) =>
      issueCertificate(deps, {
        caller: callerOf(NEWCOMER, machine.now, { aliases }),
        deviceName: 'laptop',
        publicKey,
        isKeyOurs: false,
      }),
    );
  }

  /** With another key, for the same device. */
  renew(): void {
    const { portal, machine, oracle } = this.#outside;
    const issued = [...oracle.certificates.values()].filter(
      ({ commonName }) => oracle.storedCertificate(commonName)?.['issued'] !== undefined,
    );
    if (issued.length === 0) return;
    const { login, commonName } = machine.random.pick(issued);
    const renews = parseCertificateId(commonName.split('.')[0] ?? '');
    if (renews === undefined) return;
    machine.tell(login, 'renews a certificate');
    const publicKey = keyFrom(machine.random.octets(256));
    const publicKeyDer = publicKey.subjectPublicKeyInfoDer;
    portal.call({ what: 'enrol', login, publicKeyDer, renews }, (deps) =>
      issueCertificate(deps, {
        caller: callerOf(login, machine.now),
        deviceName: 'laptop',
        publicKey,
        isKeyOurs: false,
        renews,
      }),
    );
  }

  revoke(): void {
    const { portal, machine, oracle } = this.#outside;
    const certificates = [...oracle.certificates.values()];
    if (certificates.length === 0) return;
    const { login, commonName, serialNumber } = machine.random.pick(certificates);
    const certificateId = commonName.split('.')[0] ?? '';
    machine.tell(login, 'has lost her laptop');
    portal.call({ what: 'revoke', login, serialNumber }, (deps) =>
      revokeOwnCertificate(deps, {
        caller: callerOf(login, machine.now),
        certificateId,
        reason: machine.random.pick(['keyCompromise', 'superseded']),
      }),
    );
  }

  /** With any certificate that was ever signed, whether or not its owner was given it. */
  connect(): void {
    const { machine, oracle, portal } = this.#outside;
    const certificates = [...oracle.certificates.values()];
    if (certificates.length === 0) return;
    const certificate = machine.random.pick(certificates);
    const endpoint = machine.random.pick(portal.endpoints);
    if (!this.#mayHave(certificate, endpoint)) return;
    machine.tell(certificate.login, `connects to ${endpoint.endpointId}`);
    endpoint.connect(certificate);
  }

  everybodyConnects(): void {
    const { oracle, portal, machine } = this.#outside;
    for (const certificate of oracle.certificates.values()) {
      const endpoint = machine.random.pick(portal.endpoints);
      if (this.#mayHave(certificate, endpoint)) endpoint.connect(certificate);
    }
  }

  /** Whoever should be kept out tries everywhere. */
  everybodyRefusedConnects(): void {
    const { oracle, portal } = this.#outside;
    for (const certificate of oracle.certificates.values()) {
      for (const endpoint of portal.endpoints) {
        const refusal = refusalByTable(oracle, certificate.commonName, endpoint.endpointId);
        if (refusal !== undefined && this.#mayHave(certificate, endpoint)) endpoint.connect(certificate);
      }
    }
  }

  /** One that was signed and never recorded has no owner; the gate is asked about it all the same. */
  #mayHave({ commonName }: HeldCertificate, endpoint: SimulatedEndpoint): boolean {
    return endpoint.isGateOn || this.#outside.oracle.storedCertificate(commonName)?.['issued'] !== undefined;
  }

  get #random() {
    return this.#outside.machine.random;
  }
}

function keyFrom(octets: Uint8Array): Request['publicKey'] {
  const subjectPublicKeyInfoDer = publicKeyFrom(octets);
  const publicKeySha256Hex = createHash('sha256').update(subjectPublicKeyInfoDer).digest('hex');
  return { subjectPublicKeyInfoDer, publicKeySha256Hex };
}
