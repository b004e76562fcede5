import {
  claimsSlice,
  parseConfig,
  publicationSlice,
  serverName,
  sourceSecretsSlice,
  sourcesSlice,
  tableSlice,
} from '../../shared/config.ts';

const publication = {
  CRL_LIFE_DAYS: '60',
  PUBLICATION_LONGEST_WAIT_HOURS: '24',
  PUBLICATION_SPACING_HOURS: '6',
  QUIET_HOURS_UTC: '22-3',
};

const claimNames = {
  CLAIM_PERSON: 'sub',
  CLAIM_LOGIN: 'preferred_username',
  CLAIM_EMAIL: 'email',
  CLAIM_EMPLOYEE_NUMBER: 'employee_number',
  CLAIM_GROUPS: 'groups',
  CLAIM_ROLES: 'roles',
};

describe('the configuration', () => {
  it('is what its function needs, in units that the code uses, and frozen', () => {
    const config = parseConfig(
      { ...publication, TABLE_NAME: 'portal' },
      { table: tableSlice, policy: publicationSlice },
    );
    expect(config).toEqual({
      table: { tableName: 'portal' },
      policy: {
        crlLifeSeconds: 5_184_000,
        longestWaitSeconds: 86_400,
        mostEntries: 20_000,
        spacingSeconds: 21_600,
        quietHours: { fromHour: 22, toHour: 3 },
      },
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('names every fault at once', () => {
    const environment = {
      ...publication,
      CRL_LIFE_DAYS: '',
      PUBLICATION_SPACING_HOURS: 'six',
      QUIET_HOURS_UTC: '25-26',
    };
    expect(() => parseConfig(environment, { table: tableSlice, policy: publicationSlice })).toThrow(
      /(?=.*TABLE_NAME)(?=.*CRL_LIFE_DAYS)(?=.*PUBLICATION_SPACING_HOURS)(?=.*QUIET_HOURS_UTC)/s,
    );
  });

  it('asks for no variable of another function', () => {
    expect(parseConfig({ TABLE_NAME: 'portal' }, { table: tableSlice })).toEqual({
      table: { tableName: 'portal' },
    });
  });

  it.each([
    ['', undefined],
    ['amr=mfa', { claim: 'amr', values: ['mfa'] }],
    ['acr=urn:a=1 urn:b', { claim: 'acr', values: ['urn:a=1', 'urn:b'] }],
  ])('reads %j as what says that there was a second factor', (text, mfa) => {
    const { claims } = parseConfig({ ...claimNames, MFA_CLAIM: text }, { claims: claimsSlice });
    expect(claims.mfa).toEqual(mfa);
  });

  it.each(['amr', '=mfa', 'amr=', 'amr=mfa  hwk'])('refuses the second factor %j', (text) => {
    expect(() => parseConfig({ ...claimNames, MFA_CLAIM: text }, { claims: claimsSlice })).toThrow(
      'MFA_CLAIM',
    );
  });

  it.each([
    'hr',
    'hr:phone',
    'HR:email',
    'hr:email badge',
    'hr:email:sap',
    'hr:email:mappings/acme.json',
    'hr:email:./mappings/../acme.json',
    'hr:email:./acme.js',
    'okta:login:okta:0oa1:more',
    'okta:login:okta:{}',
    'hr:email hr:login',
    'okta:login:okta:0oa1 okta-app:login',
  ])('refuses the sources %j', (text) => {
    expect(() => parseConfig({ OFFBOARDING_SOURCES: text }, { sources: sourcesSlice })).toThrow(
      'OFFBOARDING_SOURCES',
    );
  });

  it('reads sources, the kinds of alias that they need, and where their secrets are', () => {
    const { sources, secrets } = parseConfig(
      {
        OFFBOARDING_SOURCES:
          'hr:email badge:employeeNumber payroll:email:./mappings/acme.json okta:email:okta:0oa1,0oa2',
        OFFBOARDING_SECRET_ARNS: 'hr=arn:aws:secretsmanager:eu-west-1:111122223333:secret:hr-a1',
      },
      { sources: sourcesSlice, secrets: sourceSecretsSlice },
    );
    expect(sources.requiredAliasKinds).toEqual(['email', 'employeeNumber']);
    expect(sources.declarations.map(({ scheme, arguments: named }) => [scheme, named])).toEqual([
      ['standardWebhooks', []],
      ['standardWebhooks', []],
      ['./mappings/acme.json', []],
      ['okta', ['0oa1', '0oa2']],
    ]);
    expect([...sources.aliasKindOf.keys()]).toEqual(['hr', 'badge', 'payroll', 'okta', 'okta-app']);
    expect(secrets.secretIdOf.get('hr')).toBe('arn:aws:secretsmanager:eu-west-1:111122223333:secret:hr-a1');
    expect(secrets.secretIdOf.get('badge')).toBeUndefined();
  });

  it.each(['server', 'VPN.example.com', '.example.com', ''])(
    'refuses the server name %j: AWS wants a domain',
    (name) => {
      expect(serverName.safeParse(name).success).toBe(false);
    },
  );
});
