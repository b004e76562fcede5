import { decideAccess, type JudgedCertificate, type RefusalCause } from '../../shared/domain/access.ts';
import { certificateIdFrom } from '../../shared/domain/certificate-id.ts';
import { isSignInOf, type GatePolicy, type SignInRule } from '../../shared/domain/gate-policy.ts';
import { aliasFrom, personIdFrom, type SourceId } from '../../shared/domain/identity.ts';
import type { Denial } from '../../shared/domain/person.ts';

const alias = (kind: 'email' | 'login' | 'employeeNumber', text: string) => {
  const found = aliasFrom(kind, text);
  if (found === undefined) throw new Error('no alias');
  return found;
};
const alice = {
  login: 'Alice.Smith',
  email: 'alice@example.com',
  aliases: [alias('email', 'alice.jones@example.com'), alias('employeeNumber', '007')],
  denials: [] as readonly Denial[],
};
const rule = (nameKind: SignInRule['nameKind'], ...domains: string[]): SignInRule => ({ nameKind, domains });

describe('a sign-in beside a certificate', () => {
  it.each<[string, SignInRule]>([
    ['alice.smith', rule('login')],
    [' ALICE.SMITH ', rule('login')],
    ['ａlice.smith', rule('login')],
    ['corp\\alice.smith', rule('login', 'CORP')],
    ['alice.smith@Corp.Example.Com', rule('login', 'CORP', 'corp.example.com')],
    ['Alice@Example.com', rule('email')],
    ['alice.jones@example.com', rule('email')],
    ['007', rule('employeeNumber')],
  ])('as "%s" is hers', (username, by) => {
    expect(isSignInOf(alice, username, by)).toBe(true);
  });

  it.each<[string, SignInRule]>([
    ['bob', rule('login')],
    ['', rule('login', 'CORP')],
    ['alice', rule('login')],
    // In another domain it is somebody else.
    ['EVIL\\alice.smith', rule('login', 'CORP')],
    ['corp\\alice.smith', rule('login')],
    ['alice.smith@evil.example.com', rule('login', 'corp.example.com')],
    ['corp\\', rule('login', 'CORP')],
    ['@corp.example.com', rule('login', 'corp.example.com')],
    ['corp\\corp\\alice.smith', rule('login', 'CORP')],
    ['corp\\alice.smith@evil.example.com', rule('login', 'CORP')],
    ['corp/alice.smith', rule('login', 'CORP')],
    // Names of another kind do not count: people may choose some of them.
    ['alice@example.com', rule('login')],
    ['alice.smith', rule('email')],
    ['alice.smith', rule('employeeNumber')],
    ['alice.smith\u0000', rule('login')],
    ['a'.repeat(10_000), rule('login')],
  ])('as "%s" is not hers', (username, by) => {
    expect(isSignInOf(alice, username, by)).toBe(false);
  });

  it('is nobody’s who has no name of that kind', () => {
    expect(isSignInOf({ login: 'bob', aliases: [] }, 'bob@example.com', rule('email'))).toBe(false);
  });
});

describe('the decision', () => {
  const certificateId = certificateIdFrom(new Uint8Array(10).fill(1));
  const certificate: JudgedCertificate = {
    certificateId,
    personId: personIdFrom('https://id.example', 'alice'),
    commonName: `${certificateId}.alice`,
    endpointIds: ['e'],
    notAfter: 100,
    isIssued: true,
  };
  const left: Denial = { source: 'hr' as SourceId, kind: 'left', eventTime: 1, offboardingId: 'o' };
  const judge = (
    mode: GatePolicy['mode'],
    {
      signedInAs,
      known = certificate,
      person = alice,
      endpointId = 'e',
      commonName = certificate.commonName,
    }: {
      signedInAs?: string;
      known?: JudgedCertificate | undefined;
      person?: typeof alice;
      endpointId?: string;
      commonName?: string;
    },
    isUnknown = false,
  ) =>
    decideAccess(
      { commonName, endpointId, at: 50, ...(signedInAs === undefined ? {} : { signedInAs }) },
      isUnknown ? undefined : known,
      person,
      { mode, signIn: rule('login') },
    );

  it.each<[string, 'signInDiffers' | 'signInMissing']>([
    ['bob', 'signInDiffers'],
    ['', 'signInMissing'],
  ])('refuses a sign-in as "%s", and tells it in words', (signedInAs, cause) => {
    const access = judge('enforce', { signedInAs });
    expect(access).toMatchObject({ allowed: false, cause });
    expect('words' in access && access.words.length).toBeLessThanOrEqual(255);
    expect(judge('observe', { signedInAs })).toEqual({ allowed: true, observed: cause });
  });

  it('asks for no sign-in where nobody tells of one: the sweep, and endpoints without', () => {
    expect(judge('enforce', {})).toEqual({ allowed: true });
    const asked = { commonName: certificate.commonName, endpointId: 'e', at: 50, signedInAs: '' };
    expect(decideAccess(asked, certificate, alice)).toEqual({ allowed: true });
  });

  it('lets an unknown certificate pass that is only observed', () => {
    expect(judge('enforce', {}, true)).toMatchObject({ allowed: false, cause: 'commonNameUnknown' });
    expect(judge('observe', {}, true)).toEqual({ allowed: true, observed: 'commonNameUnknown' });
  });

  it.each<[RefusalCause, Parameters<typeof judge>[1]]>([
    ['personLeft', { person: { ...alice, denials: [left] } }],
    ['certificateExpired', { known: { ...certificate, notAfter: 1 } }],
    ['certificateReserved', { known: { ...certificate, isIssued: false } }],
    [
      'certificateRevoked',
      {
        known: {
          ...certificate,
          revocation: { by: 'owner', reason: 'keyCompromise', revocationDate: 1 },
        },
      },
    ],
    ['wrongEndpoint', { endpointId: 'other' }],
    ['commonNameDiffers', { commonName: `${certificateId}.bob` }],
  ])('refuses %s in every mode, whoever signed in', (cause, changes) => {
    for (const mode of ['enforce', 'observe'] as const) {
      for (const signedInAs of ['alice.smith', 'bob', '']) {
        expect(judge(mode, { signedInAs, ...changes })).toMatchObject({ allowed: false, cause });
      }
    }
  });
});
