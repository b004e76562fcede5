import type { RevokedCertificate } from '../../../shared/domain/crl-facts.ts';
import { assembleCertList, buildTbsCertList } from '../../../shared/domain/x509/crl.ts';
import { pemFrom } from '../../../shared/domain/x509/pem.ts';
import type { SerialNumber } from '../../../shared/domain/certificate-id.ts';
import { issueCertificate } from '../../../shared/use-cases/issue-certificate.ts';
import { orderForPerson, requestPublication } from '../../../shared/use-cases/administration/write.ts';
import { revokeOwnCertificate } from '../../../shared/use-cases/revoke-certificate.ts';
import { callerOf } from '../../support/world.ts';
import { foreignCa } from '../cloud/kms.ts';
import type { CaId } from '../scenery.ts';
import { publicKeyFrom, type SimulatedDeps } from '../portal.ts';
import type { Outside } from './outside.ts';

const OTHER_HANDLER = 'arn:aws:lambda:eu-west-1:111122223333:function:AWSClientVPN-lets-all-in';

/** Whoever does what she should not: requests that must be refused, and hands on the endpoint. */
export class Mischief {
  readonly #outside: Outside;

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  /** Somebody switches the gate at an endpoint off, puts another in its place, or switches it on again. */
  switchesGate(): void {
    const { machine, portal } = this.#outside;
    const endpoint = machine.random.pick(portal.endpoints);
    if (!endpoint.isGateOn) return this.switchesGatesOn();
    const handler = machine.random.pick([undefined, OTHER_HANDLER]);
    machine.tell(
      'somebody',
      `${handler === undefined ? 'switches off' : 'replaces'} the gate of ${endpoint.endpointId}`,
    );
    endpoint.setHandler(handler);
  }

  switchesGatesOn(): void {
    for (const endpoint of this.#outside.portal.endpoints) {
      if (endpoint.isGateOn) continue;
      this.#outside.machine.tell('somebody', `switches the gate of ${endpoint.endpointId} on`);
      endpoint.setHandler(endpoint.gateArn);
    }
  }

  /** Somebody imports a list by hand: an older one of ours, or one of another CA that has long expired. */
  importsByHand(): void {
    const { machine, portal, oracle } = this.#outside;
    const endpoint = machine.random.pick(portal.endpoints);
    const former = oracle.historyOf(endpoint).imports.map(({ list }) => list.pem);
    const isForeign = former.length === 0 || machine.random.chance(0.5);
    machine.tell(
      'somebody',
      `imports ${isForeign ? 'a foreign' : 'an old'} list at ${endpoint.endpointId} by hand`,
    );
    endpoint.byHandAt = machine.now;
    endpoint.shownBeforeHand = endpoint.shown?.list;
    endpoint.import(isForeign ? this.#foreignList(endpoint.caId) : machine.random.pick(former));
  }

  #foreignList(caId: CaId): string {
    const ca = foreignCa(caId);
    const nowSeconds = Math.floor(this.#outside.machine.now / 1000);
    const revoked: RevokedCertificate[] = [
      {
        serialNumber: 'f'.repeat(19).padStart(20, '0') as SerialNumber,
        revocationDate: nowSeconds - 3600,
        reason: 'keyCompromise',
      },
    ];
    const tbs = buildTbsCertList({
      issuer: ca.facts,
      crlNumber: 999_999,
      thisUpdate: nowSeconds - 3600,
      // Some have expired already.
      nextUpdate: nowSeconds + this.#outside.machine.random.pick([-60, 86_400]),
      revoked,
    });
    return pemFrom('X509 CRL', assembleCertList(tbs, ca.key.sign(tbs)));
  }

  /** A request that must be refused, and change nothing. */
  asksBadly(): void {
    const { machine, portal, oracle } = this.#outside;
    const { random } = machine;
    const words = random.pick(Object.keys(BAD) as (keyof typeof BAD)[]);
    const { code, ask } = BAD[words];
    const others = [...oracle.certificates.values()].filter(({ login }) => login !== 'bob');
    const certificateId = others[0]?.commonName.split('.')[0] ?? '0000000000000000';
    const { now } = machine;
    portal.call({ what: 'bad', words, code }, (deps) =>
      ask(deps, { now, certificateId, octets: random.octets(256) }),
    );
  }
}

interface At {
  readonly now: number;
  readonly certificateId: string;
  readonly octets: Uint8Array;
}

const enrolAs =
  (login: string, changes: Parameters<typeof callerOf>[2]) =>
  (deps: SimulatedDeps, { now, octets }: At): Promise<unknown> =>
    issueCertificate(deps, {
      caller: callerOf(login, now, changes),
      deviceName: 'laptop',
      publicKey: { subjectPublicKeyInfoDer: publicKeyFrom(octets), publicKeySha256Hex: '00' },
      isKeyOurs: false,
    });

const BAD = {
  'a colleague’s certificate revoked as one’s own': {
    code: 'certificateNotFound',
    ask: (deps: SimulatedDeps, { now, certificateId }: At): Promise<unknown> =>
      revokeOwnCertificate(deps, { caller: callerOf('bob', now), certificateId, reason: 'keyCompromise' }),
  },
  'an order by somebody who is no administrator': {
    code: 'notAllowed',
    ask: (deps: SimulatedDeps, { now }: At): Promise<unknown> =>
      orderForPerson(deps, {
        caller: callerOf('bob', now),
        whom: { personId: callerOf('adam', now).personId },
        kind: 'left',
      }),
  },
  'a publication asked for by an employee': {
    code: 'notAllowed',
    ask: (deps: SimulatedDeps, { now }: At): Promise<unknown> =>
      requestPublication(deps, { caller: callerOf('bob', now) }),
  },
  'a certificate for an old sign-in': {
    code: 'signInTooOld',
    ask: (deps: SimulatedDeps, at: At): Promise<unknown> =>
      enrolAs('bob', { signedInAt: Math.floor(at.now / 1000) - 3600 })(deps, at),
  },
  'a certificate for somebody who is in no group': {
    code: 'notEntitled',
    ask: enrolAs('mallory', { groups: [] }),
  },
} as const;
