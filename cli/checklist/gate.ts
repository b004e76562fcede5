import type { ChecklistSection } from './entry.ts';

const CONNECTIONS =
  'aws ec2 describe-client-vpn-connections --client-vpn-endpoint-id ENDPOINT --region REGION';
const GATE_LOG = 'aws logs tail /aws/lambda/AWSClientVPN-vpn-portal-prod-gate --since 1h --region REGION';

export const gate: ChecklistSection = {
  title: 'The gate and connections',
  entries: [
    {
      id: 'alias-as-handler',
      assumed: 'Client VPN takes the ARN of an alias as connect handler, and asks the alias.',
      meanwhile: 'The first deploy stops at the endpoint where it does not.',
      files: ['infra/aws/endpoint.yml', 'infra/aws/vpn.yml', 'infra/aws/gate-alias.yml'],
      commands: ['npm run -s cli -- doctor --stage prod --region REGION'],
      expected: 'the endpoint asks the gate by its alias `live`, and the gate runs',
      otherwise:
        '`GateLambdaFunction.Arn` in the place of the alias, in `infra/aws/vpn.yml` and `infra/aws/registration.yml`; the probe counts for nothing then',
      findings: ['gateMissing', 'gateOff', 'gateOther', 'gateUpdateFailed', 'gateWired'],
    },
    {
      id: 'handler-asked-again',
      assumed:
        'The gate is asked at every connection: of a client that was terminated and comes back, and at the session time-out.',
      meanwhile: 'Sessions end after ten hours, and the sweep looks at live connections every five minutes.',
      files: [
        'shared/use-cases/decide-connection.ts',
        'shared/use-cases/cut-connections.ts',
        'infra/aws/vpn.yml',
      ],
      commands: [
        'aws ec2 terminate-client-vpn-connections --client-vpn-endpoint-id ENDPOINT --connection-id CONNECTION --region REGION',
        GATE_LOG,
      ],
      expected: 'a line `connection decided` for the return, and another one after `sessionTimeoutHours`',
      otherwise: 'nothing but the sweep refuses then: run it each minute in `serverless.yml`',
    },
    {
      id: 'terminated-returns',
      assumed: 'A client whose connection is terminated may come back by itself at once.',
      meanwhile: 'Deny always comes before cut, so that it meets the gate.',
      files: ['shared/use-cases/cut-connections.ts', 'infra/local/cloud/ec2/connection-actions.ts'],
      commands: [
        'npm run -s cli -- hold canary@example.com',
        CONNECTIONS,
        'npm run -s cli -- reinstate canary@example.com',
      ],
      expected: 'how soon the client tries again, and that the gate refuses it',
      otherwise: 'nothing: the order stays',
    },
    {
      id: 'user-name-form',
      assumed:
        'The handler is told the user name of a directory with or without its domain, and of SAML the NameID.',
      meanwhile: 'A name in another form is refused; with `gateMode=observe` it is let in and counted.',
      files: ['shared/domain/gate-policy.ts', 'functions/gate/handler.ts'],
      commands: ['npm run -s cli -- why PERSON --signed-in-as NAME', GATE_LOG],
      expected: 'the gate allows who signed in as the owner',
      otherwise: 'the parameters `signInName` and `signInDomains`',
    },
    {
      id: 'connections-listed',
      assumed:
        'A connection is listed within five seconds of its tunnel, with the common name as it is in the certificate.',
      meanwhile: 'The sweep of every five minutes ends whoever came up between two lists.',
      files: ['shared/use-cases/cut-connections.ts', 'shared/adapters/ec2/connections.ts'],
      commands: [CONNECTIONS],
      expected: 'a client that just connected, with its whole common name',
      otherwise: '`CLEAN_MILLISECONDS` in `shared/use-cases/cut-connections.ts`',
    },
    {
      id: 'chain-of-several',
      assumed: 'An endpoint may not take several CAs in one chain: each CA has its own endpoint.',
      meanwhile: 'Only a brought endpoint can have one; `doctor` says which CAs are in it.',
      files: [
        'shared/use-cases/set-up/endpoint-fit.ts',
        'shared/domain/doctor/rules/certificates.ts',
        'docs/ca-rollover.md',
      ],
      commands: [
        'aws acm get-certificate --certificate-arn CLIENT_CA_ARN --region REGION',
        'npm run -s cli -- doctor --endpoint ENDPOINT --region REGION',
      ],
      expected: 'with a chain of two CAs: a client of either connects, or which of them does not',
      otherwise: 'where both do, a rollover can keep its endpoint: docs/ca-rollover.md',
      findings: ['clientCaMissing', 'clientCaDiffers', 'clientCaOthers', 'clientCaOurs'],
    },
    {
      id: 'carrier-may-expire',
      assumed:
        'The certificate that carries the client CA must not expire, though its chain is all that is used.',
      meanwhile: 'It is renewed as a server certificate is.',
      files: [
        'shared/use-cases/renew-server-certificates.ts',
        'shared/use-cases/set-up/ensure-server-certificate.ts',
      ],
      commands: ['aws acm describe-certificate --certificate-arn CLIENT_CA_ARN --region REGION'],
      expected:
        'on an endpoint that nobody needs, with a carrier that has ended: whether clients still connect',
      otherwise: 'nothing: renewing it does no harm',
    },
    {
      id: 'server-certificate-reset',
      assumed:
        'A re-import under the same ARN is taken by the endpoint within 24 hours and resets connections once.',
      meanwhile: 'It begins in quiet hours, once in two years.',
      files: [
        'shared/use-cases/renew-server-certificates.ts',
        'functions/server-certificate-renewal/index.ts',
      ],
      commands: [
        'aws acm describe-certificate --certificate-arn SERVER_ARN --region REGION',
        'aws ec2 export-client-vpn-client-configuration --client-vpn-endpoint-id ENDPOINT --region REGION',
        'npm run -s cli -- doctor --stage prod --region REGION',
      ],
      expected:
        'whether connections end at the import or later, and that the exported configuration stays as it is',
      otherwise:
        'where the configuration changes, register the endpoint again with a deploy, and say so to holders',
      findings: ['serverCertificateEnded', 'serverCertificateEnds', 'serverCertificateInTime'],
    },
    {
      id: 'aws-client-profile',
      assumed: "AWS's own client, OpenVPN Connect, Tunnelblick and NetworkManager take the profile as it is.",
      meanwhile: 'The profile has the directives of the export and nothing that AWS does not list.',
      files: ['shared/domain/profile.ts'],
      commands: ['npm run -s cli -- enrol --device canary'],
      expected: 'the written file connects in each client that your people use',
      otherwise: 'the list of directives in `shared/domain/profile.ts`',
    },
    {
      id: 'gate-elsewhere',
      assumed:
        'A function of another account takes `GateReaderRole` by its account, its name and the external id, and reads the table of another Region within seconds.',
      meanwhile: 'Whatever is not answered is denied, and `gate-blind` rings there.',
      files: [
        'infra/aws/elsewhere/gate.yml',
        'infra/aws/roles/gate-reader.yml',
        'shared/adapters/assumed-role.ts',
      ],
      commands: ['npm run -s cli -- doctor --stage prod --region REGION'],
      expected:
        'the gate of the endpoint elsewhere refuses a certificate that nobody has, and how long it took',
      otherwise:
        'the trust in `infra/aws/roles/gate-reader.yml`, or the time limits in `functions/gate/elsewhere/index.ts`',
      findings: ['gateMissing', 'gateOff', 'gateOther', 'gateUpdateFailed', 'gateWired'],
    },
    {
      id: 'two-endpoints-in-a-subnet',
      assumed: 'Two endpoints can be associated with one subnet, and share a security group.',
      meanwhile: 'The first deploy of a further CA stops at the association where they cannot.',
      files: ['infra/package/authorities.ts', 'infra/aws/vpn.yml'],
      commands: ['npm run deploy -- --stage try --param furtherAuthorities=ca2=10.101.0.0/16'],
      expected: 'both endpoints are available, and clients of both reach the VPC',
      otherwise: 'subnets of its own for each endpoint in `infra/package/authorities.ts`',
    },
  ],
};
